package wrapper

import (
	"io"
	"os"
	"syscall"
)

// GiveHeld writes what a Gate still held when the CLI had ended to our standard output, and lets go of that.
// Where a signal comes and whoever reads us does not take it, it returns the signal: the CLI itself would
// have died of it, still writing. The gate must be left alone then.
func GiveHeld(held io.WriterTo) syscall.Signal {
	if t, err := controllingTerminal(); err == nil {
		t.makeRaw() // the CLI's own terminal has made the ends of its lines already
		defer t.close()
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = held.WriteTo(os.Stdout) // whoever has gone has what the CLI would have had: nothing
	}()
	if sig := drain(written, nil, catchSignals()); sig != 0 {
		return sig
	}
	endOutput()
	return 0
}
