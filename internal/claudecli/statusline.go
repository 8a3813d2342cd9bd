package claudecli

import (
	"cmp"
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// StatusLine is what a status line command gets on its standard input (1.0.71 on). What is not told, or is
// damaged, stays empty.
type StatusLine struct {
	Conversation string
	// Model is the model's id.
	Model string
	// CWD is the directory that the CLI is in now, Project that which it was started in.
	CWD     string
	Project string
	// Version is the CLI's own.
	Version string
	// Cost is that of the conversation so far, in dollars; nil where not told.
	Cost *float64
	// Windows are told to logins with a plan, from the first answer on (2.1.80 on); each may be missing.
	Windows []pool.Window
	// Tokens are the figures of the last answer: before 2.1.132 they could be those of the whole session.
	Tokens pool.Tokens
}

// ReadStatusLineInput reads that input; now is when it came. A window is full at 100 percent: the input does
// not tell whether paid use goes on then.
func ReadStatusLineInput(input []byte, now time.Time) StatusLine {
	value := whole(input)
	s := StatusLine{
		Conversation: shortWord(value.Get("session_id")),
		Model:        modelName(words(value.Get("model.id"))),
		CWD:          cmp.Or(words(value.Get("workspace.current_dir")), words(value.Get("cwd"))),
		Project:      words(value.Get("workspace.project_dir")),
		Version:      shortWord(value.Get("version")),
		Cost:         amount(value.Get("cost.total_cost_usd")),
		Tokens:       readUsage(value.Get("context_window.current_usage")),
	}
	value.Get("rate_limits").ForEach(func(key, window gjson.Result) bool {
		if w, ok := readStatusWindow(key, window, now); ok {
			s.Windows = append(s.Windows, w)
		}
		return len(s.Windows) < maxWindows
	})
	return s
}

// readStatusWindow reads a window of the status line, of 0 to 100 percent where the stream has 0 to 1.
func readStatusWindow(name, window gjson.Result, now time.Time) (pool.Window, bool) {
	w := pool.Window{
		Kind: windowKind(name), Status: pool.StatusAllowed, ResetsAt: resetTime(window.Get("resets_at")),
		ObservedAt: now, Source: pool.FromStatusLine,
	}
	w.Utilization = shareOf(window.Get("used_percentage"), 100)
	if w.Utilization == nil || w.Kind == "" {
		return w, false
	}
	if *w.Utilization >= 1 {
		w.Status = pool.StatusRejected
	}
	return w, true
}
