package notify

import (
	"context"
	"errors"
	"os"
	"syscall"

	"claudepool/internal/rotate"
)

// logFile writes events to a file, one JSON document a line.
type logFile struct{ Settings }

// Deliver implements Channel.
func (l logFile) Deliver(_ context.Context, m Message) error {
	// Opening a pipe that nobody reads would hold us up for good.
	if info, err := os.Stat(l.File); err == nil && !info.Mode().IsRegular() {
		return failed("the log is no file")
	}
	file := rotate.File{Path: l.File, Most: l.LogSize}
	_, err := file.Write(append(m.Payload[:len(m.Payload):len(m.Payload)], '\n'))
	if err = errors.Join(err, file.Close()); err == nil {
		return nil
	}
	var number syscall.Errno
	if errors.As(err, &number) { // without the path
		return failed("the log can't be written: %v", number)
	}
	return failed("the log can't be written")
}
