package memstore

import (
	"context"
	"slices"
	"time"

	"claudepool/pool"
)

// waiter is a request in the queue.
type waiter struct {
	ticket  int64
	request pool.Waiting
	process pool.Process
	// heard is when it said last that it waits.
	heard time.Time
}

// Enqueue implements pool.Store.
func (s *Store) Enqueue(ctx context.Context, req pool.Request, now time.Time) (int64, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	s.lastTicket++
	s.queue = append(s.queue, waiter{s.lastTicket, s.waitingOf(req), req.Process, pool.Moment(now)})
	return s.lastTicket, nil
}

// waitingOf is what to keep of a request that found no room.
func (s *Store) waitingOf(req pool.Request) pool.Waiting {
	var subs []pool.Subscription
	for _, sub := range s.inPool() {
		subs = append(subs, sub.Normal())
	}
	return pool.NewWaiting(req, subs)
}

// Leave implements pool.Store.
func (s *Store) Leave(ctx context.Context, ticket int64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.leave(ticket)
	return nil
}

func (s *Store) leave(ticket int64) {
	s.queue = slices.DeleteFunc(s.queue, func(w waiter) bool { return w.ticket == ticket })
}

// stillWaits notes that the one with the ticket waits.
func (s *Store) stillWaits(ticket int64, now time.Time) {
	for i := range s.queue {
		if w := &s.queue[i]; w.ticket == ticket && now.Sub(w.heard) >= pool.HeartbeatEvery {
			w.heard = pool.Moment(now)
		}
	}
}

// ahead returns the requests that wait before the ticket, all where it is 0.
func (s *Store) ahead(ticket int64, now time.Time) []pool.Request {
	var requests []pool.Request
	for _, w := range s.queue {
		if (ticket == 0 || w.ticket < ticket) && now.Sub(w.heard) <= pool.HeartbeatTimeout {
			requests = append(requests, w.request.Request())
		}
	}
	return requests
}

// dropLeft drops the tickets whose process is gone.
func (s *Store) dropLeft(probe pool.Probe, now time.Time) {
	s.queue = slices.DeleteFunc(s.queue, func(w waiter) bool {
		return pool.Session{Process: w.process, HeartbeatAt: w.heard}.IsDead(probe, now)
	})
}
