package pooltest

import (
	"context"
	"fmt"
	"time"

	"claudepool/pool"
)

// playDeliveries does one of the operations of those that deliver.
func (p *player) playDeliveries(ctx context.Context, n int) string {
	channel := one(p, "c", "d")
	q := pool.DeliveryQuery{Channel: one(p, "", "c", "d"), States: one(p, nil, nil, []pool.DeliveryState{pool.DeliveryDead})}
	switch store := p.store; {
	case n < 3:
		kind := one(p, pool.EventLimit, pool.EventExhausted, "")
		err := store.Dispatch(ctx, channel, p.moment(), func(e pool.Event) bool { return kind == "" || e.Kind == kind })
		return answer("dispatch", nil, err)
	case n < 8:
		due, err := store.NextDeliveries(ctx, channel, p.now, one(p, 0, 1, 2))
		if try := p.try(); err == nil && len(due) > 0 {
			err = store.NoteTry(ctx, channel, due[p.rnd.IntN(len(due))].Event.Number, try)
		}
		return answer("try", plainDeliveries(due), err)
	case n < 9:
		retried, err := store.Retry(ctx, q, p.now)
		return answer("retry", retried, err)
	default:
		dropped, err := store.Drop(ctx, q)
		return answer("drop", dropped, err)
	}
}

func (p *player) try() pool.Try {
	return pool.Try{
		At: p.now, State: one(p, pool.DeliveryWaits, pool.DeliveryDelivered, pool.DeliveryDead), Trouble: one(p, "", "down"),
		NextAt: p.now.Add(time.Duration(p.rnd.Int64N(int64(2 * pool.FurthestTry)))), Uncounted: p.rnd.IntN(4) == 0,
	}
}

// plainDeliveries are deliveries without what is random, or the store's own.
func plainDeliveries(deliveries []pool.Delivery) (plain []string) {
	for _, d := range deliveries {
		plain = append(plain, fmt.Sprintf("%s %s %q %v %s %d %v %v %q",
			d.Channel, d.Event.Kind, d.Event.Text, d.Event.At, d.State, d.Tries, d.NextAt, d.TriedAt, d.Trouble))
	}
	return plain
}

// deliveryState is all that a store says of deliveries.
func deliveryState(ctx context.Context, store pool.Store) []any {
	all, err := store.Deliveries(ctx, pool.DeliveryQuery{})
	if err != nil {
		return []any{err.Error()}
	}
	backlogs, err := store.Backlogs(ctx)
	if err != nil {
		return []any{err.Error()}
	}
	return []any{plainDeliveries(all), backlogs}
}
