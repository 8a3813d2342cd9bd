package wrapper

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// helpers are what this program can be started as besides itself.
var helpers = map[string]func(argv []string) int{monitorName: monitorMain}

// witness (see witness.go) is a cat(1) that was started with every relayed signal blocked: what reaches
// it stays pending, from its first moment on and whether or not it is ever scheduled, and /proc shows
// it. This program itself can't be that, because Go unblocks the signals that kill.
//
// The first witness was a Go program that told what it caught. It was slow to start, deaf until then,
// and under load later than we are: signals arrived twice.
type witness struct {
	pid int
	// link ends the witness when it is closed, by us or by our death.
	link *os.File
	// carried are signals to the group that an earlier witness has seen and we have not met yet.
	carried signalSet
	// met is when the witness last vouched for a signal: twins that followed close upon each other
	// were one for it.
	met map[syscall.Signal]time.Time
}

// twinsWithin is how long after a signal to the group the same signal is taken for another of that
// kind, which the witness could not count. Sent to one process they could have been one as well.
const twinsWithin = 10 * time.Millisecond

// startWitness returns nil where no witness can be had; a nil witness answers by rule of thumb.
func startWitness() *witness {
	w := &witness{met: map[syscall.Signal]time.Time{}}
	if !w.start() {
		return nil
	}
	if _, err := w.pending(); err != nil { // no /proc
		w.close()
		return nil
	}
	return w
}

func (w *witness) start() bool {
	read, write, err := os.Pipe()
	if err != nil {
		return false
	}
	defer read.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		_ = write.Close()
		return false
	}
	defer null.Close()
	attr := &syscall.ProcAttr{Files: []uintptr{blockingFd(read), null.Fd(), null.Fd()}}
	pid, err := forkBlocked("/bin/cat", []string{witnessName}, attr)
	if err != nil {
		_ = write.Close()
		return false
	}
	w.pid, w.link = pid, write
	return true
}

// forkBlocked starts a process that has every relayed signal blocked.
func forkBlocked(path string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	runtime.LockOSThread() // the mask is the thread's, and the child inherits it
	defer runtime.UnlockOSThread()
	var block, old unix.Sigset_t
	for _, sig := range append(slices.Clone(relayed), syscall.SIGCONT) {
		block.Val[0] |= 1 << (sig - 1)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &block, &old); err != nil {
		return 0, err
	}
	pid, err = syscall.ForkExec(path, argv, attr)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) // what was set a moment ago can be set again
	return pid, err
}

// signalSet has bit N-1 for signal N, as the kernel has it.
type signalSet uint64

func (s signalSet) has(sig syscall.Signal) bool { return s&(1<<(sig-1)) != 0 }

// pending are the signals that have reached the witness.
func (w *witness) pending() (signalSet, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(w.pid) + "/status")
	if err != nil {
		return 0, err
	}
	if bytes.Contains(status, []byte("\nState:\tZ")) {
		return 0, errNoPending
	}
	for line := range bytes.Lines(status) {
		if hex, found := bytes.CutPrefix(line, []byte("ShdPnd:")); found {
			set, err := strconv.ParseUint(string(bytes.TrimSpace(hex)), 16, 64)
			return signalSet(set), err
		}
	}
	return 0, errNoPending
}

// errNoPending: somebody has killed the witness, or /proc is not Linux's.
var errNoPending = errors.New("/proc tells no pending signals")

// saw tells whether a signal that has just reached us went to our whole process group.
func (w *witness) saw(sig syscall.Signal) bool {
	if w == nil {
		return likelyToGroup(sig)
	}
	pending, err := w.pending()
	if err != nil {
		w.replace(0)
		return likelyToGroup(sig)
	}
	switch {
	case w.carried.has(sig):
		w.carried &^= 1 << (sig - 1)
	case pending.has(sig), pending.has(cancelledBy(sig)):
		w.replace(pending)
	default:
		return time.Since(w.met[sig]) < twinsWithin
	}
	w.vouch(sig)
	return true
}

// vouch says that a signal which may reach us from here on has long had its effect.
func (w *witness) vouch(sig syscall.Signal) {
	if w != nil {
		w.met[sig] = time.Now()
	}
}

// cancelledBy is the signal that takes a pending sig away, or sig where there is none.
func cancelledBy(sig syscall.Signal) syscall.Signal {
	switch sig {
	case syscall.SIGTSTP:
		return syscall.SIGCONT
	case syscall.SIGCONT:
		return syscall.SIGTSTP
	}
	return sig
}

// replace puts a witness that has seen nothing yet in the place of one that has seen what is known: a
// pending signal can't be taken from another process. What reached only the old one is carried.
func (w *witness) replace(known signalSet) {
	old := *w
	if !w.start() {
		return // best effort: the old one is better than none
	}
	before, _ := old.pending() // none of a witness that was killed
	after, _ := w.pending()
	w.carried |= before &^ known &^ after
	old.close()
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
