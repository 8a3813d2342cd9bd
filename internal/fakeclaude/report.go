package fakeclaude

import (
	"encoding/json"
	"os"

	"golang.org/x/sys/unix"
)

// Report is what the stand-in sees of the world that it was started in.
type Report struct {
	// Files are descriptors 0, 1 and 2.
	Files [3]File
	// Args are the arguments as they came, argv[0] first; JSON keeps bytes that are no UTF-8.
	Args    [][]byte
	Environ [][]byte
	CWD     string
	Umask   int
	PID     int
	PPID    int
	Group   int
	Session int
	// OrphanedGroup is set where no process of another group of the session is the parent of one in
	// this group: such a group can't be stopped from the keyboard. Known on Linux only.
	OrphanedGroup bool
	// OpenFiles are the inherited descriptors beyond 2. Known on Linux only.
	OpenFiles []int
}

// File is what can be seen of one descriptor.
type File struct {
	// Kind is terminal, pipe, file, null, other or closed.
	Kind string
	// The rest is known for terminals only.
	Cols, Rows, XPixels, YPixels uint16
	Termios                      *unix.Termios
	// Controlling is set for the controlling terminal of the own session, and Foreground where the own
	// process group is the one that it gives its keys to.
	Controlling, Foreground bool
}

func (a *actor) report([]string) error {
	r, err := look()
	if err != nil {
		return err
	}
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return a.publish("report.json", content)
}

func look() (Report, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return Report{}, err
	}
	session, err := unix.Getsid(0)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Args:          asBytes(os.Args),
		Environ:       asBytes(os.Environ()),
		CWD:           cwd,
		Umask:         umask(),
		PID:           os.Getpid(),
		PPID:          os.Getppid(),
		Group:         unix.Getpgrp(),
		Session:       session,
		OrphanedGroup: groupIsOrphaned(unix.Getpgrp(), session),
		OpenFiles:     inheritedFiles(),
	}
	for fd := range r.Files {
		r.Files[fd] = lookAt(fd, session)
	}
	return r, nil
}

func asBytes(words []string) [][]byte {
	b := make([][]byte, len(words))
	for i, w := range words {
		b[i] = []byte(w)
	}
	return b
}

// umask reads the mask; the system has no call that does not set it.
func umask() int {
	mask := unix.Umask(0o077)
	unix.Umask(mask)
	return mask
}

func lookAt(fd, session int) File {
	termios, err := unix.IoctlGetTermios(fd, readTermios)
	if err != nil {
		return File{Kind: kindOf(fd)}
	}
	f := File{Kind: "terminal", Termios: termios}
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
		f.Cols, f.Rows, f.XPixels, f.YPixels = size.Col, size.Row, size.Xpixel, size.Ypixel
	}
	if foreground, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil {
		f.Foreground = foreground == unix.Getpgrp()
	}
	f.Controlling = isControlling(fd, session)
	return f
}

func kindOf(fd int) string {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return "closed"
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return "pipe"
	case unix.S_IFREG:
		return "file"
	case unix.S_IFCHR:
		var null unix.Stat_t
		if unix.Stat("/dev/null", &null) == nil && null.Rdev == stat.Rdev {
			return "null"
		}
	}
	return "other"
}
