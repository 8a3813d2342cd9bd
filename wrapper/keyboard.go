package wrapper

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// hangupGrace is how long a CLI may live on after its terminal has gone before its pseudo-terminal
// goes too: it was told by SIGHUP first.
const hangupGrace = time.Second

// keyboard passes what the user types on to the CLI.
type keyboard struct {
	from   int
	master *os.File
	// typedSignal is told of every signal that the CLI's terminal makes of a key, before the CLI can
	// have it.
	typedSignal func(syscall.Signal)
	// active is false while the terminal is somebody else's and must not be read.
	active atomic.Bool
	// reading is held while a read is under way, so that none is when pause returns.
	reading sync.Mutex
	// wake interrupts the wait for a key.
	wakeRead, wakeWrite *os.File
	rescue              func()
}

func newKeyboard(term *terminal, master *os.File, typedSignal func(syscall.Signal)) (*keyboard, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &keyboard{
		from: term.keys, master: master, typedSignal: typedSignal,
		wakeRead: read, wakeWrite: write, rescue: term.rescue,
	}, nil
}

// run passes keys on until the terminal is gone or stop is called. It waits with poll(2) and not by
// reading: a read that waits would take a key that the user types to the shell after Ctrl-Z.
func (k *keyboard) run() {
	defer k.rescue()
	buf := make([]byte, 4096)
	wake := int32(k.wakeRead.Fd())
	for {
		fds := []unix.PollFd{{Fd: wake, Events: unix.POLLIN}, {Fd: int32(k.from), Events: unix.POLLIN}}
		if !k.active.Load() {
			fds = fds[:1]
		}
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		if fds[0].Revents != 0 {
			if _, err := k.wakeRead.Read(buf); err != nil {
				return
			}
			continue
		}
		if len(fds) > 1 && fds[1].Revents != 0 && !k.pass(buf) {
			k.hangUp()
			return
		}
	}
}

// pass returns false when there is no keyboard any more.
func (k *keyboard) pass(buf []byte) bool {
	k.reading.Lock()
	if !k.active.Load() {
		k.reading.Unlock()
		return true
	}
	n, err := syscall.Read(k.from, buf)
	k.reading.Unlock()
	if errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.EAGAIN) {
		return true
	}
	if err != nil || n <= 0 {
		return false
	}
	signals := typedSignals(k.master, buf[:n])
	for _, sig := range signals {
		k.typedSignal(sig)
	}
	_, _ = k.master.Write(buf[:n]) // an error means that the CLI has ended
	return true
}

// hangUp takes the CLI's terminal away as the user's was taken.
func (k *keyboard) hangUp() {
	time.AfterFunc(hangupGrace, func() { _ = k.master.Close() })
}

func (k *keyboard) resume() {
	k.active.Store(true)
	k.wake()
}

func (k *keyboard) pause() {
	k.active.Store(false)
	k.wake()
	k.reading.Lock() // waits for a read that has begun
	defer k.reading.Unlock()
}

// stop ends run for good.
func (k *keyboard) stop() {
	k.pause()
	_ = k.wakeWrite.Close()
}

func (k *keyboard) wake() { _, _ = k.wakeWrite.Write([]byte{0}) }

// typedSignals returns the signals that the CLI's terminal makes of the keys: Ctrl-C and Ctrl-\ unless
// the CLI has other keys there, or reads all keys itself.
func typedSignals(master *os.File, keys []byte) []syscall.Signal {
	modes, err := modesOf(master)
	if err != nil || modes.Lflag&unix.ISIG == 0 {
		return nil
	}
	var signals []syscall.Signal
	for key, sig := range map[int]syscall.Signal{unix.VINTR: syscall.SIGINT, unix.VQUIT: syscall.SIGQUIT} {
		if c := modes.Cc[key]; c != disabledKey && bytes.IndexByte(keys, c) >= 0 {
			signals = append(signals, sig)
		}
	}
	return signals
}
