package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// logSetting is what CLAUDEPOOL_LOG says: a level, a file, or both as LEVEL:FILE.
type logSetting struct {
	level slog.Level
	// path is where the log goes, "" for nowhere: never to the terminal.
	path string
}

// String is the setting as both, "" where nothing is logged.
func (l logSetting) String() string {
	if l.path == "" {
		return ""
	}
	return strings.ToLower(l.level.String()) + ":" + l.path
}

func parseLog(s setting, state string) (logSetting, error) {
	if s.value == "" {
		return logSetting{}, nil
	}
	word, path, both := strings.Cut(s.value, ":")
	var l logSetting
	switch err := l.level.UnmarshalText([]byte(word)); {
	case err == nil && (!both || path != ""):
		l.path = path
	case strings.Contains(s.value, "/"):
		l = logSetting{slog.LevelInfo, s.value}
	default:
		return l, &settingError{s.name, s.value, "debug, info, warn or error, a file, or both as info:/path/to/file"}
	}
	if l.path == "" {
		l.path = filepath.Join(state, "claudepool.log")
	}
	return l, nil
}

// newLogger logs to the file, which is opened with the first line. What can't be written is lost: a log is
// no reason to fail.
func newLogger(s logSetting) *slog.Logger {
	if s.path == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(&logFile{path: s.path}, &slog.HandlerOptions{Level: s.level}))
}

// logFile is a file that is opened when it is first written to.
type logFile struct {
	path string
	once sync.Once
	file io.Writer
}

func (f *logFile) Write(line []byte) (int, error) {
	f.once.Do(func() {
		f.file = io.Discard
		if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
			return
		}
		// One write a line, at the end: many runs share a log.
		file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err == nil {
			f.file = file
		}
	})
	return f.file.Write(line)
}
