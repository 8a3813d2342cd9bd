package claudecli

import (
	"bytes"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// TranscriptLine is what a line of a transcript tells the ledger. Its strings are its own: parts of the
// line would keep all of it in memory.
type TranscriptLine struct {
	// ID is that of the message, "" where the line is no message of the API. Several lines have the same
	// where the message has several blocks.
	ID           string
	Conversation string
	// At is zero where the line does not say.
	At     time.Time
	CWD    string
	Model  string
	Tokens pool.Tokens
	// Figures are the CLI's cumulative figures for the conversation, nil where the line has none.
	Figures Cumulative
	// failure is nil but where the CLI wrote the line instead of an answer; see Signal.
	failure *failure
}

var (
	assistantWord = []byte(`"assistant"`)
	usageWord     = []byte(`"usage"`)
)

// ReadTranscriptLine reads a line of a transcript, and returns false where it tells nothing of use or of the
// subscription.
func ReadTranscriptLine(line []byte) (TranscriptLine, bool) {
	isMessage := bytes.Contains(line, assistantWord) && bytes.Contains(line, usageWord)
	if !isMessage && !bytes.Contains(line, costStateWord) {
		return TranscriptLine{}, false
	}
	if !gjson.ValidBytes(line) {
		// What a crash cut off may stand in front of the next whole line.
		at := max(bytes.LastIndex(line, []byte(`{"parentUuid"`)), bytes.LastIndex(line, []byte(`{"type"`)))
		if at <= 0 || !gjson.ValidBytes(line[at:]) {
			return TranscriptLine{}, false
		}
		line = line[at:]
	}
	var l TranscriptLine
	var kind, request, own string
	var message, figures gjson.Result
	var failed bool
	value := gjson.ParseBytes(line)
	value.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "type":
			kind = value.Str
		case "message":
			message = value
		case "modelUsage":
			figures = value
		case "sessionId":
			l.Conversation = strings.Clone(idOf(value))
		case "timestamp":
			l.At, _ = time.Parse(time.RFC3339, value.Str) // zero where it is no time
		case "cwd":
			l.CWD = strings.Clone(value.Str)
		case "requestId":
			request = value.Str
		case "uuid":
			own = value.Str
		case "isApiErrorMessage":
			failed = value.Bool()
		}
		return true
	})
	switch kind {
	case "cost-state": // since 2.1.282
		l.Figures = readModelUsage(figures)
		return l, l.Figures != nil && l.Conversation != ""
	case "assistant":
		l, isAnswer := l.withMessage(message, request, own)
		if failed || l.Model == SyntheticModel { // not every version says that it failed
			return l.withFailure(value)
		}
		return l, isAnswer
	}
	return TranscriptLine{}, false
}

func (l TranscriptLine) withMessage(message gjson.Result, request, own string) (TranscriptLine, bool) {
	message.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "id":
			l.ID = value.Str
		case "model":
			l.Model = strings.Clone(modelName(value.Str))
		case "usage":
			l.Tokens = readUsage(value)
		}
		return true
	})
	for _, id := range []string{request, own} { // not every endpoint gives its messages an id
		if l.ID == "" {
			l.ID = id
		}
	}
	l.ID = strings.Clone(l.ID)
	ok := l.ID != "" && len(l.ID) <= maxName && l.Conversation != "" && l.Tokens != (pool.Tokens{})
	return l, ok
}

// SessionFile is what a running CLI says of itself in sessions/PID.json of its config directory
// (2.1.330; undocumented).
type SessionFile struct {
	Conversation string
	// State is pool.StateIdle while it waits for its user and pool.StateRunning while it does not, "" where it does
	// not say.
	State pool.SessionState
}

// ReadSessionFile reads such a file; what is missing stays empty.
func ReadSessionFile(text []byte) SessionFile {
	if !gjson.ValidBytes(text) {
		return SessionFile{}
	}
	value := gjson.ParseBytes(text)
	return SessionFile{idOf(value.Get("sessionId")), stateOf(value.Get("status").Str)}
}

// stateOf reads the CLI's word for what it does. One that is not known says nothing.
func stateOf(status string) pool.SessionState {
	switch status {
	case "busy":
		return pool.StateRunning
	case "idle":
		return pool.StateIdle
	}
	return ""
}

// idOf reads an id of the CLI's, "" where that can't be one.
func idOf(r gjson.Result) string {
	if len(r.Str) > maxName {
		return ""
	}
	return r.Str
}
