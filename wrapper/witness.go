package wrapper

import (
	"io"
	"os"
	"syscall"
	"time"
)

// witnessName is the argv[0] by which the witness process is started.
const witnessName = "claudepool-witness"

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

// witness tells signals to our process group from signals to us alone. Where the CLI shares our
// group, the first reach it without us, and relayed they would arrive twice; the second are ours to
// relay. The system does not say which is which (si_code knows only the terminal, and Go hides it),
// so a process that does nothing else sits in the group and tells what it receives.
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
		return isTerminalSignal(sig) && (inForeground(0) || inForeground(2))
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
func witnessMain() int {
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

// isTerminalSignal tells whether a terminal sends the signal to its foreground process group.
func isTerminalSignal(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH:
		return true
	}
	return false
}
