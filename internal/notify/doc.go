// Package notify delivers the events of a pool to the channels that a person has set up: a webhook, the desktop, a
// command, a log. What went wrong is told in words that hold no secret and no address: they are kept and shown.
package notify
