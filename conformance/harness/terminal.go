package harness

import (
	"bytes"
	"os"
	"sync"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Terminal is the user's terminal: the test sits in front of it, a program runs on Slave.
type Terminal struct {
	Slave  *os.File
	master *os.File
	mu     sync.Mutex
	seen   []byte
	// expected is how much of seen Expect has passed over.
	expected int
	ended    chan struct{}
}

// Size of a terminal that no plan gave another: odd on purpose, no default has it.
const (
	DefaultCols = 83
	DefaultRows = 29
)

// NewTerminal opens a terminal, which is hung up at the end of the test.
func NewTerminal(t *testing.T) *Terminal {
	t.Helper()
	master, slave, err := pty.Open()
	require.NoError(t, err)
	term := &Terminal{Slave: slave, master: nonblocking(t, master), ended: make(chan struct{})}
	term.Resize(t, DefaultCols, DefaultRows)
	go term.watch()
	t.Cleanup(term.HangUp)
	return term
}

// nonblocking makes a file of which Close ends Read: pty.Open leaves it blocking.
func nonblocking(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, unix.SetNonblock(fd, true))
	return os.NewFile(uintptr(fd), "terminal")
}

func (term *Terminal) watch() {
	defer close(term.ended)
	buf := make([]byte, 64<<10)
	for {
		n, err := term.master.Read(buf)
		term.mu.Lock()
		term.seen = append(term.seen, buf[:n]...)
		term.mu.Unlock()
		if err != nil {
			return // EIO once nobody has the terminal open any more
		}
	}
}

// Type sends keys.
func (term *Terminal) Type(t *testing.T, keys string) {
	t.Helper()
	_, err := term.master.WriteString(keys)
	require.NoError(t, err)
}

// Keys that make signals in cooked mode.
const (
	CtrlC         = "\x03"
	CtrlZ         = "\x1a"
	CtrlBackslash = "\x1c"
)

// Expect waits until text appears after what was expected last.
func (term *Terminal) Expect(t *testing.T, text string) {
	t.Helper()
	Eventually(t, func() bool {
		term.mu.Lock()
		defer term.mu.Unlock()
		at := bytes.Index(term.seen[term.expected:], []byte(text))
		if at >= 0 {
			term.expected += at + len(text)
		}
		return at >= 0
	}, func() string { return "the terminal never showed " + text + "; it shows:\n" + string(term.Seen()) })
}

// Seen is everything that the terminal got so far.
func (term *Terminal) Seen() []byte {
	term.mu.Lock()
	defer term.mu.Unlock()
	return bytes.Clone(term.seen)
}

// Resize changes the size, of which the foreground process group learns by SIGWINCH.
func (term *Terminal) Resize(t *testing.T, cols, rows uint16) {
	t.Helper()
	term.control(t, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows, Xpixel: cols * 9, Ypixel: rows * 18})
	})
}

// Modes returns the terminal's modes.
func (term *Terminal) Modes(t *testing.T) unix.Termios {
	t.Helper()
	var modes *unix.Termios
	term.control(t, func(fd int) (err error) {
		modes, err = unix.IoctlGetTermios(fd, readTermios)
		return err
	})
	return *modes
}

// SetModes changes the terminal's modes.
func (term *Terminal) SetModes(t *testing.T, change func(*unix.Termios)) {
	t.Helper()
	modes := term.Modes(t)
	change(&modes)
	term.control(t, func(fd int) error { return unix.IoctlSetTermios(fd, writeTermios, &modes) })
}

// control never calls Fd, which would put the file into blocking mode, so that Close could not end Read.
func (term *Terminal) control(t *testing.T, f func(fd int) error) {
	t.Helper()
	conn, err := term.master.SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, conn.Control(func(fd uintptr) { failed = f(int(fd)) }))
	require.NoError(t, failed)
}

// HangUp closes the terminal's window, as it were. Again does nothing.
func (term *Terminal) HangUp() {
	_ = term.Slave.Close()
	_ = term.master.Close()
}

// release lets go of the test's own hold on the slave, so that the end of output can be seen.
func (term *Terminal) release() { _ = term.Slave.Close() }
