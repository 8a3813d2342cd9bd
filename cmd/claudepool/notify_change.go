package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"claudepool/pool"
)

type notifyRetry struct {
	ID      string `arg:"" optional:"" help:"The id of an event, or how it begins; all where none is given."`
	Channel string `placeholder:"NAME" help:"Only of this channel."`
}

func (c notifyRetry) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		q, err := openDeliveries(ctx, store, c.ID, c.Channel)
		if err != nil {
			return err
		}
		n, err := store.Retry(ctx, q, a.now())
		if err == nil {
			a.saySettled("made %s due; to deliver now: claudepool notify flush\n", n)
		}
		return err
	})
}

type notifyDrop struct {
	ID      string `arg:"" optional:"" help:"The id of an event, or how it begins."`
	Channel string `placeholder:"NAME" help:"Only of this channel."`
	All     bool   `help:"All that has not arrived anywhere."`
}

func (c notifyDrop) Run(a *app) error {
	if (c.ID+c.Channel == "") != c.All {
		return withHint(&usageError{errors.New("say what to give up: an event, a channel, or --all")},
			"for example: claudepool notify drop --channel NAME; see what is there: claudepool notify list")
	}
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		q, err := openDeliveries(ctx, store, c.ID, c.Channel)
		if err != nil {
			return err
		}
		n, err := store.Drop(ctx, q)
		if err == nil {
			a.saySettled("gave up %s\n", n)
		}
		return err
	})
}

// saySettled says what became of so many deliveries.
func (a *app) saySettled(format string, n int64) {
	switch n {
	case 0:
		a.printf(nothingOpen)
	case 1:
		a.printf(format, "1 delivery")
	default:
		a.printf(format, count(n)+" deliveries")
	}
}

// noneOf names what was asked for and is not there.
func noneOf(id, channel string) string {
	words := "nothing"
	if id != "" {
		words = "no event whose id begins with " + plain(id)
	}
	if channel != "" {
		words += " on the channel " + plain(channel)
	}
	return words
}

// openDeliveries asks for what has not arrived of an event, on a channel; "" for all. Errors: pool.ErrNotFound where there is
// nothing of that event or channel, pool.ErrAmbiguous where several ids begin so.
func openDeliveries(ctx context.Context, store pool.Store, id, channel string) (pool.DeliveryQuery, error) {
	q := pool.DeliveryQuery{Channel: channel, Event: strings.ToLower(id), States: []pool.DeliveryState{pool.DeliveryWaits, pool.DeliveryDead}}
	if id+channel == "" {
		return q, nil
	}
	found, err := store.Deliveries(ctx, q)
	if err != nil {
		return q, err
	}
	if len(found) == 0 {
		return q, withHint(fmt.Errorf("%s waits or is dead: %w", noneOf(id, channel), pool.ErrNotFound), "see what does: claudepool notify list")
	}
	for _, d := range found {
		if id != "" && d.Event.ID != found[0].Event.ID {
			return q, withHint(fmt.Errorf("several ids begin with %s: %w", plain(id), pool.ErrAmbiguous), "give more of the id; see them all: claudepool notify list")
		}
	}
	return q, nil
}
