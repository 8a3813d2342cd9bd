package main

import (
	"context"
	"slices"
	"strconv"
	"time"

	"claudepool/internal/notify"
	"claudepool/pool"
)

// nothingOpen is said where everything has arrived, or was given up.
const nothingOpen = "nothing waits to be delivered, and nothing is dead\n"

type notifyList struct {
	Channel string `placeholder:"NAME" help:"Only of this channel."`
	All     bool   `help:"List also what has arrived, and what was given up."`
	Limit   int    `default:"100" placeholder:"N" help:"List only the latest N; 0 for all."`
	JSON    bool   `name:"json" help:"Print one JSON document."`
}

func (c notifyList) Run(a *app) error {
	if c.Limit < 0 {
		return withHint(&pool.InvalidError{Field: "limit", Value: strconv.Itoa(c.Limit), Want: "be a number from 0 on"},
			"for example: claudepool notify list --all --limit 20")
	}
	q := pool.DeliveryQuery{Channel: c.Channel, Limit: c.Limit}
	if !c.All {
		q.States = []pool.DeliveryState{pool.DeliveryWaits, pool.DeliveryDead}
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		deliveries, err := store.Deliveries(ctx, q)
		switch {
		case err != nil:
			return err
		case c.JSON:
			return a.deliveriesDocument(ctx, store, deliveries)
		case len(deliveries) == 0:
			a.printf(nothingOpen)
			return nil
		}
		a.printTable(a.deliveriesTable(deliveries))
		return nil
	})
}

func (a *app) deliveriesTable(deliveries []pool.Delivery) table {
	t := table{columns: []column{
		{title: "ID"}, {title: "CHANNEL"}, {title: "EVENT"}, {title: "STATE"}, {title: "TRIES", right: true, spare: 3},
		{title: "NEXT", spare: 2}, {title: "AT", spare: 4}, {title: "TEXT", shrinks: true, spare: 1}, {title: "TROUBLE", shrinks: true},
	}}
	for _, d := range deliveries {
		t.add(d.Event.ID, d.Channel, string(d.Event.Kind), string(d.State), strconv.Itoa(d.Tries),
			a.nextWords(d), localTime(d.Event.At, a.now()), d.Event.Text, orDash(d.Trouble))
	}
	return t
}

// nextWords say when a delivery is tried next.
func (a *app) nextWords(d pool.Delivery) string {
	switch {
	case d.State != pool.DeliveryWaits:
		return "-"
	case !a.isChannel(d.Channel):
		return "no such channel"
	case d.IsDue(a.now()):
		return "now"
	}
	return localTime(d.NextAt, a.now())
}

func (a *app) isChannel(name string) bool {
	return slices.ContainsFunc(a.settings.channels(), func(s notify.Settings) bool { return s.Name == name })
}

type deliveryRow struct {
	Channel string             `json:"channel"`
	Event   pool.Event         `json:"event"`
	State   pool.DeliveryState `json:"state"`
	Tries   int                `json:"tries"`
	NextAt  *time.Time         `json:"next_at"`
	TriedAt *time.Time         `json:"tried_at"`
	Trouble *string            `json:"trouble"`
}

type backlogRow struct {
	Channel  string     `json:"channel"`
	IsThere  bool       `json:"in_config"`
	Waiting  int64      `json:"waiting"`
	Dead     int64      `json:"dead"`
	OldestAt *time.Time `json:"oldest_at"`
	Trouble  *string    `json:"trouble"`
}

func (a *app) deliveriesDocument(ctx context.Context, store pool.Store, deliveries []pool.Delivery) error {
	backlogs, err := store.Backlogs(ctx)
	if err != nil {
		return err
	}
	counts, rows := []backlogRow{}, []deliveryRow{}
	for _, b := range backlogs {
		counts = append(counts, backlogRow{b.Channel, a.isChannel(b.Channel), b.Waiting, b.Dead, timeOrNull(b.Oldest), orNull(b.Trouble)})
	}
	for _, d := range deliveries {
		row := deliveryRow{d.Channel, d.Event, d.State, d.Tries, nil, timeOrNull(d.TriedAt), orNull(d.Trouble)}
		if d.State == pool.DeliveryWaits {
			row.NextAt = timeOrNull(d.NextAt)
		}
		rows = append(rows, row)
	}
	return a.printJSON(object{{"channels", counts}, {"deliveries", rows}})
}
