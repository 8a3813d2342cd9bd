package wrapper

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// closedGate holds everything until it is opened.
type closedGate struct {
	mu   sync.Mutex
	held bytes.Buffer
	open bool
	told chan struct{}
}

func newClosedGate() *closedGate { return &closedGate{told: make(chan struct{}, 64)} }

func (g *closedGate) Pass(p []byte) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer func() { g.told <- struct{}{} }()
	g.held.Write(p)
	if !g.open {
		return nil
	}
	return g.held.Next(g.held.Len())
}

func (g *closedGate) Open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

func (g *closedGate) unlock() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
}

// gated is piped with a gate.
func gated(t *testing.T, gate Gate, tap *bytes.Buffer) (tt *tee, in, out, to *os.File) {
	t.Helper()
	from, in, err := os.Pipe()
	require.NoError(t, err)
	out, to, err = os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, f := range []*os.File{from, in, out, to} {
			_ = f.Close()
		}
	})
	tt = newTee(from, to, Command{Gate: gate, Tap: tap})
	go tt.run()
	return tt, in, out, to
}

func TestNothingGoesOnBeforeTheGateSaysSo(t *testing.T) {
	t.Parallel()
	var tap bytes.Buffer
	gate := newClosedGate()
	tt, in, out, _ := gated(t, gate, &tap)
	write(t, in, "held, ")
	wait(t, gate.told, "the gate was not asked")
	gate.unlock()
	write(t, in, "and more")
	requireRead(t, out, "held, and more") // in one piece, and none of it before
	require.NoError(t, in.Close())
	wait(t, tt.done, "the end was not seen")
	require.Equal(t, "held, and more", tap.String(), "the tap sees what the CLI wrote, at once")
}

func TestWhatAGateHoldsAtTheEndIsNotWritten(t *testing.T) {
	t.Parallel()
	gate := newClosedGate()
	tt, in, out, to := gated(t, gate, &bytes.Buffer{})
	write(t, in, "held")
	require.NoError(t, in.Close())
	wait(t, tt.done, "the end was not seen")
	require.Equal(t, "held", gate.held.String())
	require.False(t, tt.broken)
	write(t, to, "ours is open yet")
	requireRead(t, out, "ours is open yet")
}

// A run that nobody reads any more ends, gate or not.
func TestAGateWithNobodyToWriteTo(t *testing.T) {
	t.Parallel()
	gate := newClosedGate()
	gate.unlock()
	from, in, err := os.Pipe()
	require.NoError(t, err)
	out, to, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, out.Close())
	defer to.Close()
	defer in.Close()
	tt := newTee(from, to, Command{Gate: gate})
	tt.endOnBroken = true
	go tt.run()
	write(t, in, strings.Repeat("x", 100))
	wait(t, tt.done, "it read on though nobody reads it")
	require.True(t, tt.broken, "Result.Unread tells it")
}
