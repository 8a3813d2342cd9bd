package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"

	"claudepool/pool"
)

// Channel delivers events.
type Channel interface {
	// Deliver tries to deliver an event once, within the time that the context gives. What it returns is nil for one
	// that has arrived. Errors: *Failure.
	Deliver(ctx context.Context, m Message) error
}

// Message is an event to deliver, at a time.
type Message struct {
	Event pool.Event
	// Payload is its JSON.
	Payload []byte
	At      time.Time
}

// newMessage makes the message of an event.
func newMessage(e pool.Event, at time.Time) (Message, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return Message{}, failed("the event can't be written as JSON")
	}
	return Message{e, payload, at}, nil
}

// Failure says why a try failed, in words that hold no secret.
type Failure struct {
	Why string
	// After is how long to wait at least before the next try, as who was asked wants it; 0 where that is not said.
	After time.Duration
}

func (f *Failure) Error() string { return f.Why }

func failed(format string, args ...any) *Failure { return &Failure{Why: fmt.Sprintf(format, args...)} }

// Caller is what channels take from whoever delivers.
type Caller struct {
	// Environ is the environment that programs are started in, and Get looks a variable up in it.
	Environ []string
	Get     func(name string) (value string, found bool)
}

// value is what a variable holds. Errors: *Failure where that is nothing.
func (c Caller) value(name string) (string, error) {
	value, _ := c.Get(name)
	if value == "" {
		return "", failed("the variable %s is not set", name)
	}
	return value, nil
}

// Open returns the channel of settings.
func Open(s Settings, c Caller) Channel {
	switch s.Kind {
	case Webhook:
		return webhook{s, c}
	case Desktop:
		return desktop{c, runtime.GOOS}
	case Command:
		return command{s.Command, c}
	}
	return logFile{s}
}

// Send tries to deliver an event once, within the channel's time limit. Errors: *Failure.
func Send(ctx context.Context, s Settings, c Caller, e pool.Event, at time.Time) error {
	return send(ctx, Open(s, c), s.Timeout, e, at)
}

func send(ctx context.Context, channel Channel, limit time.Duration, e pool.Event, at time.Time) error {
	m, err := newMessage(e, at)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = channel.Deliver(ctx, m)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failed("it took longer than %v", limit)
	}
	return err
}

// printable is a text without what would control a terminal, in one line, and bounded.
func printable(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "�"), unicode.IsSpace), " ")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}
