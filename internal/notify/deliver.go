package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"claudepool/pool"
)

const (
	// newChannel is how far back events go that a channel is shown when it is new.
	newChannel = time.Hour
	// grace is how long a try goes on when the context has ended, and noteTakes how long noting it may take.
	grace     = 3 * time.Second
	noteTakes = 5 * time.Second
	// mostTrouble is how much is kept of why a try failed, in letters.
	mostTrouble = 300
)

// Deliverer brings the events of a store to channels. There should be one at a time: two would deliver things twice.
type Deliverer struct {
	Store    pool.Outbox
	Channels []Settings
	Caller   Caller
	// Now tells the time, in the time zone of quiet hours.
	Now func() time.Time
	// Patience is how long it waits at most for tries that are due soon.
	Patience time.Duration
	// ByHand tries all that waits once, though it is not due yet or there are quiet hours.
	ByHand bool

	// What tests put something else in the place of; nil for what it says.
	open   func(Settings, Caller) Channel
	random func() float64
	wait   func(context.Context, time.Duration)
}

// Report is what became of a channel's deliveries.
type Report struct {
	Channel string `json:"channel"`
	// Delivered have arrived, Failed are tried again later, Dead are not.
	Delivered int `json:"delivered"`
	Failed    int `json:"failed"`
	Dead      int `json:"dead"`
	// Held wait for the end of quiet hours.
	Held int `json:"held"`
	// Trouble is why the last try that failed did.
	Trouble string `json:"trouble,omitempty"`
}

// Run delivers what is due, each channel by itself, until nothing is. When the context ends, it finishes what it is
// trying or gives it back, and returns. Errors: those of the store, with those of the other channels.
func (d Deliverer) Run(ctx context.Context) ([]Report, error) {
	reports, errs := make([]Report, len(d.Channels)), make([]error, len(d.Channels))
	var all sync.WaitGroup
	for i, s := range d.Channels {
		all.Go(func() {
			run := delivering{Deliverer: d, settings: s, channel: d.opened(s), failed: map[int64]bool{}, until: d.Now().Add(d.Patience)}
			run.report.Channel = s.Name
			errs[i] = run.all(ctx)
			reports[i] = run.report
		})
	}
	all.Wait()
	return reports, errors.Join(errs...)
}

func (d Deliverer) opened(s Settings) Channel {
	if d.open != nil {
		return d.open(s, d.Caller)
	}
	return Open(s, d.Caller)
}

// delivering is one channel's part of a run.
type delivering struct {
	Deliverer
	settings Settings
	channel  Channel
	report   Report
	// failed are the events that failed in this run.
	failed map[int64]bool
	// until is when to wait for no further tries.
	until time.Time
}

// all delivers until nothing is due, nor will be soon.
func (d *delivering) all(ctx context.Context) error {
	for ctx.Err() == nil {
		err := d.Store.Dispatch(ctx, d.settings.Name, d.Now().Add(-newChannel), d.settings.Rules.Wants)
		var next []pool.Delivery
		if err == nil {
			next, err = d.next(ctx)
		}
		if err != nil {
			return d.of(ctx, err)
		}
		if len(next) == 0 {
			return nil
		}
		if err := d.round(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// of says of which channel an error is. That the context has ended is none: what was not done is for the next run.
func (d *delivering) of(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("deliver to %s: %w", d.settings.Name, err)
}

// next returns what is to be tried now or, where nothing is, what will be in time.
func (d *delivering) next(ctx context.Context) ([]pool.Delivery, error) {
	now := d.Now()
	horizon := now
	switch {
	case d.ByHand:
		horizon = now.Add(pool.FurthestTry)
	case d.until.After(now):
		horizon = d.until
	}
	next, err := d.Store.NextDeliveries(ctx, d.settings.Name, horizon, 0)
	var left []pool.Delivery
	for _, delivery := range next {
		if !d.ByHand || !d.failed[delivery.Event.Number] {
			left = append(left, delivery)
		}
	}
	return left, err
}

// round tries what is due of some deliveries; where nothing is, it waits for the first.
func (d *delivering) round(ctx context.Context, next []pool.Delivery) error {
	now := d.Now()
	var first time.Duration
	waits := true
	for _, delivery := range next {
		if d.ByHand || delivery.IsDue(now) {
			waits = false
			if err := d.one(ctx, delivery); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return nil
			}
		} else if wait := delivery.NextAt.Sub(now); first == 0 || wait < first {
			first = wait
		}
	}
	if waits {
		d.pause(ctx, min(first, d.until.Sub(now))) // a clock that was set back makes the first be far away
	}
	return nil
}

func (d *delivering) pause(ctx context.Context, how time.Duration) {
	if d.wait != nil {
		d.wait(ctx, how)
		return
	}
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// one holds a delivery back, or tries it, and notes what came of that.
func (d *delivering) one(ctx context.Context, delivery pool.Delivery) error {
	now := d.Now()
	if until, quiet := d.settings.Rules.Quiet.Until(now); quiet && !d.ByHand {
		d.report.Held++
		return d.note(ctx, delivery, pool.Try{At: now, State: pool.DeliveryWaits, NextAt: until, Uncounted: true})
	}
	err, given := d.try(ctx, delivery)
	if given {
		return nil
	}
	return d.note(ctx, delivery, d.outcome(delivery, err))
}

// try tries a delivery. given is set where it was given back: the context ended, and it took too long to see what becomes of it.
func (d *delivering) try(ctx context.Context, delivery pool.Delivery) (err error, given bool) {
	trying, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	err = send(trying, d.channel, d.settings.Timeout, delivery.Event, d.Now())
	return err, trying.Err() != nil
}

// outcome is what a try comes to.
func (d *delivering) outcome(delivery pool.Delivery, err error) pool.Try {
	now := d.Now()
	if err == nil {
		d.report.Delivered++
		return pool.Try{At: now, State: pool.DeliveryDelivered}
	}
	d.failed[delivery.Event.Number] = true
	d.report.Trouble = printable(err.Error(), mostTrouble)
	try := pool.Try{At: now, State: pool.DeliveryDead, Trouble: d.report.Trouble}
	tries := delivery.Tries + 1
	if tries >= d.settings.Attempts {
		d.report.Dead++
		return try
	}
	d.report.Failed++
	var failure *Failure
	errors.As(err, &failure)
	try.State, try.NextAt = pool.DeliveryWaits, now.Add(max(backOff(tries, d.randomly()), cmp.Or(failure, &Failure{}).After))
	return try
}

func (d *delivering) randomly() float64 {
	if d.random != nil {
		return d.random()
	}
	return rand.Float64()
}

// note notes what became of a try, though the context has ended.
func (d *delivering) note(ctx context.Context, delivery pool.Delivery, try pool.Try) error {
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTakes)
	defer cancel()
	if err := d.Store.NoteTry(noting, d.settings.Name, delivery.Event.Number, try); err != nil {
		return fmt.Errorf("deliver to %s: %w", d.settings.Name, err)
	}
	return nil
}
