// Package replay gives standard input to one run of a program after the other: what one has read the next
// gets again.
package replay

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"claudepool/internal/spill"
)

// Input is a standard input that can be read again.
type Input struct {
	// original is the input itself. A file is handed on as it is and wound back; of a pipe what was read is
	// kept.
	original *os.File
	isPipe   bool
	start    int64
	kept     *record
}

// Open takes over the descriptor, which it leaves as it is. It returns nil for an input that need not be
// kept, because it is handed on and can't be read twice: a terminal or another device.
func Open(fd int) (*Input, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, err
	}
	in := &Input{}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFIFO, unix.S_IFSOCK:
		in.isPipe = true
	case unix.S_IFREG:
	default:
		return nil, nil
	}
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	in.original = os.NewFile(uintptr(own), "stdin")
	if !in.isPipe {
		in.start, err = in.original.Seek(0, io.SeekCurrent)
		return in, err
	}
	in.kept = &record{from: in.original}
	return in, nil
}

// Next returns the input from its beginning, for one run of the program. The caller closes it once the
// program has been started. The one before is at its end.
func (in *Input) Next() (*os.File, error) {
	if !in.isPipe {
		if _, err := in.original.Seek(in.start, io.SeekStart); err != nil {
			return nil, err
		}
		own, err := unix.FcntlInt(in.original.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		return os.NewFile(uintptr(own), "stdin"), err
	}
	if in.kept.lost() {
		return nil, ErrLost
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go in.kept.writeTo(write)
	return read, nil
}

// ErrLost says that there was no room to keep what was read.
var ErrLost = errors.New("standard input was too long to be kept")

// Close lets go of the input: whoever writes to a pipe learns that nobody reads it any more.
func (in *Input) Close() { _ = in.original.Close() }

// record is what was read of a pipe so far. It is read no faster than the program takes it: not more is
// taken from whoever reads the pipe after us.
type record struct {
	// reading is held while somebody reads from the pipe, which may take for ever.
	reading sync.Mutex
	from    *os.File
	kept    spill.Buffer

	mu sync.Mutex
	// ended is why there is no more to be read.
	ended error
	// full is set where there was no room to keep more: whoever reads now gets it all, and nobody after that.
	full bool
}

func (r *record) lost() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.full
}

// chunk is how much is read at once, in bytes.
const chunk = 64 << 10

// writeTo writes what was read so far, and then whatever comes, until nobody takes it.
func (r *record) writeTo(to *os.File) {
	defer to.Close()
	buf := make([]byte, chunk)
	for offset := int64(0); ; {
		n, err := r.next(buf, offset)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			offset += int64(n)
		}
		if err != nil {
			return
		}
	}
}

// next returns what comes behind the offset: what was kept, else what can be read.
func (r *record) next(buf []byte, offset int64) (int, error) {
	if n, err := r.known(buf, offset); n > 0 || err != nil {
		return n, err
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	if n, err := r.known(buf, offset); n > 0 || err != nil { // the run before has read it meanwhile
		return n, err
	}
	n, err := r.from.Read(buf)
	if n > 0 && !r.lost() {
		r.keep(buf[:n])
	}
	if err != nil {
		r.end(err)
	}
	return n, err
}

func (r *record) keep(p []byte) {
	if _, err := r.kept.Write(p); err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = true
}

// known returns what is kept behind the offset, or why there will be nothing.
func (r *record) known(buf []byte, offset int64) (int, error) {
	if left := r.kept.Size() - offset; left > 0 {
		return r.kept.ReadAt(buf[:min(int64(len(buf)), left)], offset)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return 0, r.ended
}

func (r *record) end(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = why
}
