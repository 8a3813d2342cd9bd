package notify

import (
	"slices"
	"time"

	"claudepool/pool"
)

// Kind is what a channel is.
type Kind string

const (
	// Webhook sends an event to a server, by HTTP.
	Webhook Kind = "webhook"
	// Desktop shows an event on the screen.
	Desktop Kind = "desktop"
	// Command gives an event to a program.
	Command Kind = "command"
	// Log writes an event to a file.
	Log Kind = "log"
)

// Kinds are all of them.
var Kinds = []Kind{Webhook, Desktop, Command, Log}

// Format is what a webhook sends.
type Format string

const (
	// JSON is the event as docs/events.md has it.
	JSON Format = "json"
	// Slack is a message for a Slack incoming webhook, and for those that take the same.
	Slack Format = "slack"
	// Discord is a message for a Discord webhook.
	Discord Format = "discord"
	// Ntfy is a message for a topic of an ntfy server.
	Ntfy Format = "ntfy"
)

// Formats are all of them.
var Formats = []Format{JSON, Slack, Discord, Ntfy}

// What a channel has where nothing else is set.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultAttempts = 12
	// DefaultLogSize is in bytes.
	DefaultLogSize = 10 << 20
)

// Settings are a channel as a person has set it up. The only thing in them that may be a secret is
// the URL, and for that there is ShownURL.
type Settings struct {
	Name string
	Kind Kind
	// URL is where a webhook sends to; URLFrom names the variable that it is in, "" where URL is set.
	URL, URLFrom string
	Format       Format
	// HeadersFrom are headers with the variables that hold their values.
	HeadersFrom map[string]string
	// SecretFrom names the variable that holds what events are signed with, "" where they are not.
	SecretFrom string
	// Command is a program and its arguments.
	Command []string
	// File is the path of a log, LogSize how large it may grow in bytes before it is put aside; see package rotate.
	File    string
	LogSize int64
	Rules   Rules
	// Timeout bounds one try; Attempts how often an event is tried before it is dead.
	Timeout  time.Duration
	Attempts int
}

// Rules say which events a channel wants, and when. What is empty asks for all.
type Rules struct {
	Events []pool.EventKind
	// Subscriptions and Tags leave events of the whole pool out: these are of no subscription. An event must have
	// all of the tags.
	Subscriptions, Tags []string
	// Level is the least that an event must matter.
	Level pool.Level
	// Quiet is when nothing is delivered, nil for never: it is held back until then.
	Quiet *Quiet
}

// Wants tells whether an event is for the channel.
func (r Rules) Wants(e pool.Event) bool {
	return (len(r.Events) == 0 || slices.Contains(r.Events, e.Kind)) &&
		(len(r.Subscriptions) == 0 || slices.Contains(r.Subscriptions, e.Subscription)) &&
		!slices.ContainsFunc(r.Tags, func(tag string) bool { return !slices.Contains(e.Tags, tag) }) &&
		e.Level.AtLeast(r.Level)
}
