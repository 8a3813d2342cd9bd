package notify

import (
	"bytes"
	"context"
)

// command gives events to a program: the payload on standard input, what it is and its id in variables.
type command struct {
	argv []string
	Caller
}

// Deliver implements Channel. A program that ends with 0 has taken the event.
func (c command) Deliver(ctx context.Context, m Message) error {
	line := append(m.Payload[:len(m.Payload):len(m.Payload)], '\n')
	return c.start(ctx, c.argv, bytes.NewReader(line), "CLAUDEPOOL_EVENT="+string(m.Event.Kind), "CLAUDEPOOL_EVENT_ID="+m.Event.ID)
}
