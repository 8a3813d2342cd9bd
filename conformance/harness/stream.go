package harness

import (
	"bytes"
	"io"
	"os"
	"sync"
)

// stream collects what a run writes to a pipe or a file.
type stream struct {
	// pipe is the test's end; nil where the descriptor is no pipe.
	pipe *os.File
	path string
	mu   sync.Mutex
	got  []byte
	done chan struct{}
}

func (s *stream) start() {
	if s.pipe == nil {
		return
	}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_, _ = io.Copy(s, s.pipe) // ends at the end of output, or when the test closes its end
	}()
}

// Write takes in what was read.
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, b...)
	return len(b), nil
}

func (s *stream) content() []byte {
	if s.path != "" {
		content, _ := os.ReadFile(s.path) // nil where the run did not come that far
		return content
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.got)
}

// Stdout is what came on a piped or filed standard output so far.
func (r *Run) Stdout() []byte { return r.stdout.content() }

// Stderr is what came on a piped or filed standard error so far.
func (r *Run) Stderr() []byte { return r.stderr.content() }

// OutputPipe is the reading end of a standard output that the plan held.
func (r *Run) OutputPipe() *os.File { return r.stdout.pipe }
