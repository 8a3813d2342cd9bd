// Package spill keeps bytes that may be many: the first of them in memory, the rest in a private file that
// nobody else can open.
package spill

import (
	"errors"
	"io"
	"os"
	"sync"
)

// InMemory is how much is kept in memory, in bytes, before the file is made.
const InMemory = 1 << 20

// WithoutFile is how much is kept in memory where no file can be made, in bytes.
const WithoutFile = 32 << 20

// ErrFull says that there is neither a file nor memory for more.
var ErrFull = errors.New("no room to keep it")

// Buffer keeps what is written to it. Its methods may be called from any goroutine. The zero Buffer is
// empty and ready.
type Buffer struct {
	// Dir is where the file is made; "" is the directory for temporary files.
	Dir string

	mu     sync.Mutex
	memory []byte
	file   *os.File
	noFile bool
	size   int64
}

// Write keeps all of p or, with ErrFull, none of it.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil && len(b.memory)+len(p) > InMemory && !b.noFile {
		b.file = b.makeFile()
		b.noFile = b.file == nil
	}
	if b.file == nil {
		if len(b.memory)+len(p) > WithoutFile {
			return 0, ErrFull
		}
		b.memory = append(b.memory, p...)
		b.size += int64(len(p))
		return len(p), nil
	}
	if _, err := b.file.WriteAt(p, b.size-int64(len(b.memory))); err != nil {
		return 0, ErrFull // a part of it that was written is written over, or never read
	}
	b.size += int64(len(p))
	return len(p), nil
}

// makeFile makes a file without a name, nil where that can't be done.
func (b *Buffer) makeFile() *os.File {
	file, err := os.CreateTemp(b.Dir, "claudepool-") // with mode 0600
	if err != nil {
		return nil
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return nil
	}
	return file
}

// Size is how much is kept, in bytes.
func (b *Buffer) Size() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

// ReadAt implements io.ReaderAt.
func (b *Buffer) ReadAt(p []byte, offset int64) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if offset < int64(len(b.memory)) {
		n = copy(p, b.memory[offset:])
	}
	switch {
	case n == len(p):
		return n, nil
	case b.file == nil:
		return n, io.EOF
	}
	more, err := b.file.ReadAt(p[n:], offset+int64(n-len(b.memory)))
	return n + more, err
}

// WriteTo implements io.WriterTo: it writes all that is kept.
func (b *Buffer) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, io.NewSectionReader(b, 0, b.Size()))
}

// Reset forgets what is kept, and gives the file up.
func (b *Buffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file != nil {
		_ = b.file.Close() // it has no name: this is its end
	}
	b.memory, b.file, b.noFile, b.size = nil, nil, false, 0
}
