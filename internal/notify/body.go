package notify

import (
	"encoding/json"
	"strings"

	"claudepool/pool"
)

// mostText is how long a message for people is, in letters; what Discord takes is the least.
const mostText = 1900

// body is what a webhook sends of an event, with its headers.
func (f Format) body(m Message) (body []byte, headers map[string]string, err error) {
	text := printable(m.Event.Text, mostText)
	var message any
	switch f {
	case Slack:
		// These three are all that has to be escaped there, and keeps a text from mentioning anybody.
		message = map[string]any{"text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title(m.Event) + ": " + text)}
	case Discord:
		message = map[string]any{
			"content":          title(m.Event) + ": " + text,
			"allowed_mentions": map[string]any{"parse": []string{}},
		}
	case Ntfy:
		return []byte(text), map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "Title": title(m.Event), "Priority": ntfyPriority[m.Event.Level],
		}, nil
	default:
		return m.Payload, map[string]string{"Content-Type": "application/json"}, nil
	}
	body, err = json.Marshal(message)
	if err != nil {
		return nil, nil, failed("the message can't be written as JSON")
	}
	return body, map[string]string{"Content-Type": "application/json"}, nil
}

// title is what stands above an event's text.
func title(e pool.Event) string { return "claudepool " + string(e.Kind) }

var ntfyPriority = map[pool.Level]string{pool.LevelInfo: "default", pool.LevelWarning: "high", pool.LevelError: "urgent"}
