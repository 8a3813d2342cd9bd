package main

import (
	"log/slog"
	"path/filepath"
	"strings"

	"claudepool/internal/rotate"
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

// newLogger logs to the file, of which a new one is begun when it has so many megabytes; 0 is no bound. What can't be
// written is lost: a log is no reason to fail.
func newLogger(s logSetting, mostMB int) *slog.Logger {
	if s.path == "" {
		return slog.New(slog.DiscardHandler)
	}
	file := &rotate.File{Path: s.path, Most: int64(mostMB) * 1_000_000}
	return slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: s.level}))
}
