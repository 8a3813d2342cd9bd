package wrapper

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// errNoPTY: there is no pseudo-terminal to be had, or no process to watch over it.
var errNoPTY = errors.New("no pseudo-terminal")

// ptyRun is a run of the CLI on a pseudo-terminal.
type ptyRun struct {
	term    *terminal
	signals *caught
	master  *os.File
	monitor *monitor
	told    <-chan message
	pid     int
	output  *tee
	keys    *keyboard
	echoes  echoes
}

// runOnPTY runs the CLI on a pseudo-terminal under a monitor. It returns errNoPTY, with nothing
// started and nothing changed, where that can't be had.
func runOnPTY(c Command, term *terminal, signals *caught) (Result, error) {
	r := &ptyRun{term: term, signals: signals}
	if err := r.prepare(c); err != nil {
		return Result{}, err
	}
	defer r.master.Close()
	defer r.monitor.close()
	defer term.restore()
	if err := r.awaitStart(c.Path); err != nil {
		return Result{}, err
	}
	c.started(r.pid)
	if term.opened {
		letGoOfStdin(c)
	}
	go r.copyOutput()
	go r.keys.run()
	r.takeTerminal()
	status := r.supervise()
	r.keys.stop()
	r.output.ask(afterExit)
	drain(r.output.done, r.output.parked, signals)
	result := resultOf(status)
	result.Unread = r.output.broken
	return result, nil
}

func (r *ptyRun) prepare(c Command) error {
	master, slave, err := openPTY(r.term)
	if err != nil {
		return errNoPTY
	}
	defer slave.Close() // the monitor's copies are then the only ones
	keys, err := newKeyboard(r.term, master, r.typedSignal)
	if err != nil {
		_ = master.Close()
		return errNoPTY
	}
	r.term.makeRaw() // before the CLI runs: what is typed from here on is for its terminal to echo
	monitor, err := startMonitor(c, slave)
	if err != nil {
		r.term.restore()
		_ = master.Close()
		return errNoPTY
	}
	r.master, r.monitor, r.keys = master, monitor, keys
	r.output = newTee(master, os.Stdout, c)
	r.told = messages(monitor.link)
	return nil
}

// awaitStart waits for the monitor's word that the CLI runs.
func (r *ptyRun) awaitStart(path string) error {
	m, ok := <-r.told
	switch {
	case ok && m.kind == msgStarted:
		r.pid = int(m.value)
		return nil
	case ok && m.kind == msgFailed:
		return &StartError{path, syscall.Errno(m.value)}
	default:
		return errNoPTY
	}
}

func (r *ptyRun) copyOutput() {
	defer r.term.rescue()
	r.output.run()
}

// backgroundLook is how often a run in the background looks whether it is in the foreground by now:
// nothing tells a running job that.
const backgroundLook = 100 * time.Millisecond

// takeTerminal makes the user's terminal ours to read, unless we are in the background.
func (r *ptyRun) takeTerminal() {
	r.term.makeRaw()
	if r.term.raw {
		resize(r.master, r.term)
		r.keys.resume()
	}
}

// supervise relays signals and follows stops until the CLI has ended, and returns its wait status.
func (r *ptyRun) supervise() syscall.WaitStatus {
	look := time.NewTicker(backgroundLook)
	defer look.Stop()
	for {
		var background <-chan time.Time
		if !r.term.raw {
			background = look.C
		}
		select {
		case s := <-r.signals.c:
			r.relay(s.(syscall.Signal))
		case <-r.signals.cont:
			r.takeTerminal()
			r.signal(syscall.SIGCONT)
		case <-background:
			r.takeTerminal()
		case m, ok := <-r.told:
			switch {
			case !ok:
				return syscall.WaitStatus(syscall.SIGKILL) // the monitor was killed, and the CLI with it
			case m.kind == msgEnded:
				return syscall.WaitStatus(m.value)
			case m.kind == msgStopped && isStopped(r.pid):
				r.suspend(syscall.Signal(m.value))
			}
		}
	}
}

func (r *ptyRun) relay(sig syscall.Signal) {
	if sig == syscall.SIGWINCH && resize(r.master, r.term) {
		return // the CLI has its SIGWINCH from its own terminal
	}
	if !r.echoes.take(sig) {
		r.signal(sig)
	}
}

func (r *ptyRun) signal(sig syscall.Signal) {
	_ = send(r.monitor.link, message{msgSignal, uint32(sig)}) // an error means that the CLI has ended
}

// typedSignal does for the rest of our process group what the user's terminal would have done, were it
// not raw: a script around the CLI, or the rest of a pipeline, gets its Ctrl-C too.
func (r *ptyRun) typedSignal(sig syscall.Signal) {
	r.echoes.expect(sig)
	_ = syscall.Kill(0, sig) // best effort: a group member of another user can't be signalled
}

// echoTakes is how long a signal to our own group may take to come back to us. One that does not come
// was pending together with its twin before it, and must not swallow a later one.
const echoTakes = time.Second

// echoes are the signals that we have sent to our own group, and which therefore come back to us.
type echoes struct {
	mu   sync.Mutex
	sent map[syscall.Signal][]time.Time
}

func (e *echoes) expect(sig syscall.Signal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sent == nil {
		e.sent = map[syscall.Signal][]time.Time{}
	}
	e.sent[sig] = append(e.sent[sig], time.Now())
}

// take tells whether a signal that has reached us is one that we sent.
func (e *echoes) take(sig syscall.Signal) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.sent[sig]) > 0 {
		sent := e.sent[sig][0]
		e.sent[sig] = e.sent[sig][1:]
		if time.Since(sent) < echoTakes {
			return true
		}
	}
	return false
}
