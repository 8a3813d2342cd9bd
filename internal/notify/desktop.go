package notify

import (
	"context"
	"strings"

	"claudepool/pool"
)

// mostShown is how much of an event's text the desktop shows, in letters.
const mostShown = 500

// desktop shows events on the screen.
type desktop struct {
	Caller
	system string // as runtime.GOOS has it
}

// Deliver implements Channel.
func (d desktop) Deliver(ctx context.Context, m Message) error {
	return d.start(ctx, d.argv(m.Event), nil)
}

// argv is the program that shows an event. The text is an argument and nothing else: no part of a script, and no
// option, for what comes before it ends the options.
func (d desktop) argv(e pool.Event) []string {
	text := printable(e.Text, mostShown)
	if d.system == "darwin" {
		return []string{
			"osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run",
			title(e), text,
		}
	}
	// Many desktops read the text as markup.
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return []string{"notify-send", "--app-name=claudepool", "--urgency=" + urgency[e.Level], "--", title(e), text}
}

var urgency = map[pool.Level]string{pool.LevelInfo: "low", pool.LevelWarning: "normal", pool.LevelError: "critical"}
