package wrapper

import (
	"io"
	"os"
	"syscall"
	"time"
)

const (
	// witnessAsk asks the witness to answer with witnessDone when it has told all it saw. No signal
	// has the number 0.
	witnessAsk  = 0
	witnessDone = 0
	// witnessSettles is how long the witness listens after it was asked: a signal to the whole group
	// reaches all its members at once, but each handles it when it is next scheduled.
	witnessSettles = 3 * time.Millisecond
	// witnessAnswers is how long we wait for its answer, its own start included.
	witnessAnswers = 500 * time.Millisecond
)

// helpers are what this program can be started as besides itself.
var helpers = map[string]func(argv []string) int{monitorName: monitorMain, witnessName: witnessMain}

// witness (see witness.go) is this program again, which tells the signals that reach it: macOS does not
// show from outside which signals a process has not yet taken.
type witness struct {
	pid  int
	link *os.File
	seen map[syscall.Signal]int
}

// startWitness returns nil where no witness can be had; a nil witness answers by rule of thumb.
func startWitness() *witness {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil
	}
	defer syscall.Close(theirs)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		_ = ours.Close()
		return nil
	}
	defer null.Close()
	path, err := ownBinary()
	if err != nil {
		_ = ours.Close()
		return nil
	}
	pid, err := syscall.ForkExec(path, []string{witnessName}, &syscall.ProcAttr{
		Files: []uintptr{uintptr(theirs), null.Fd(), null.Fd()},
	})
	if err != nil {
		_ = ours.Close()
		return nil
	}
	return &witness{pid: pid, link: ours, seen: map[syscall.Signal]int{}}
}

// saw tells whether a signal that has just reached us went to our whole process group.
func (w *witness) saw(sig syscall.Signal) bool {
	if w == nil {
		return likelyToGroup(sig)
	}
	if w.seen[sig] == 0 {
		w.ask()
	}
	if w.seen[sig] == 0 {
		return false
	}
	w.seen[sig]--
	return true
}

// vouch does nothing: this witness counts.
func (w *witness) vouch(syscall.Signal) {}

// ask reads what the witness has to tell. A witness that died of a signal has told by that.
func (w *witness) ask() {
	_ = w.link.SetDeadline(time.Now().Add(witnessAnswers))
	_, _ = w.link.Write([]byte{witnessAsk})
	var told [1]byte
	for {
		if _, err := w.link.Read(told[:]); err == io.EOF {
			w.replace()
			return
		} else if err != nil || told[0] == witnessDone {
			return
		}
		w.seen[syscall.Signal(told[0])]++
	}
}

// replace takes the cause of death of a witness that a signal killed before it could catch any.
func (w *witness) replace() {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(w.pid, &status, 0, nil); err == nil && status.Signaled() {
		w.seen[status.Signal()]++
	}
	_ = w.link.Close()
	if next := startWitness(); next != nil {
		w.pid, w.link = next.pid, next.link
	}
}

// close ends the witness before we end, so that nothing of ours outlives us.
func (w *witness) close() {
	if w == nil {
		return
	}
	_ = w.link.Close()
	_ = syscall.Kill(w.pid, syscall.SIGKILL)
	_, _ = syscall.Wait4(w.pid, nil, 0, nil)
}

// witnessMain is the witness: it tells every signal that reaches it, until its link ends.
func witnessMain([]string) int {
	signals := catchSignals()
	link := os.NewFile(0, "link")
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		var b [1]byte
		for {
			if _, err := link.Read(b[:]); err != nil {
				return
			}
			asked <- struct{}{}
		}
	}()
	var settled <-chan time.Time
	tell := func(b byte) { _, _ = link.Write([]byte{b}) }
	for {
		select {
		case s := <-signals.c:
			tell(byte(s.(syscall.Signal)))
		case s := <-signals.cont:
			tell(byte(s.(syscall.Signal)))
		case _, more := <-asked:
			if !more {
				return 0
			}
			settled = time.After(witnessSettles)
		case <-settled:
			settled = nil
			tell(witnessDone)
		}
	}
}
