//go:build pg

package main

import (
	"io"
	"net"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// proxy is the way from a script to PostgreSQL, which can be cut.
type proxy struct {
	to   string
	addr string

	mu       sync.Mutex
	listener net.Listener
	hangs    bool
	open     map[net.Conn]bool
}

func newProxy(to string) (*proxy, error) {
	p := &proxy{to: to, addr: "127.0.0.1:0", open: map[net.Conn]bool{}}
	err := p.back()
	return p, err
}

// back lets the database be reached, at the same address as before.
func (p *proxy) back() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs = false
	if p.listener != nil {
		p.closeAll()
		return nil
	}
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	p.listener, p.addr = listener, listener.Addr().String()
	go p.serve(listener)
	return nil
}

// away cuts all connections, and refuses others.
func (p *proxy) away() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.closeAll()
}

// hang lets nothing through any more, and takes connections all the same.
func (p *proxy) hang() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs = true
}

func (p *proxy) closeAll() {
	for c := range p.open {
		_ = c.Close()
	}
	clear(p.open)
}

func (p *proxy) serve(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.open[from], p.open[to] = true, true
		p.mu.Unlock()
		go p.pass(from, to)
		go p.pass(to, from)
	}
}

// pass carries bytes until either side ends, or for good where the proxy hangs.
func (p *proxy) pass(from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		hangs := p.hangs
		p.mu.Unlock()
		if hangs {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

type proxyKey struct{}

// pgCommand is `pg away`, `pg hang` or `pg back`: what becomes of the database.
func pgCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pg away|hang|back")
	}
	p := ts.Value(proxyKey{}).(*proxy)
	switch args[0] {
	case "away":
		p.away()
	case "hang":
		p.hang()
	case "back":
		ts.Check(p.back())
	default:
		ts.Fatalf("no such state: %s", args[0])
	}
}
