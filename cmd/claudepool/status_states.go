package main

import (
	"context"

	"claudepool/internal/procid"
	"claudepool/pool"
)

// sessionStates count what the sessions of each subscription do, by its name.
type sessionStates map[string]map[pool.SessionState]int

// readStatus reads the candidates and what their sessions do. How many run is counted from the same list, so that
// the figures add up while sessions begin and end.
func (a *app) readStatus(ctx context.Context, store pool.Store) ([]pool.Candidate, sessionStates, error) {
	candidates, err := store.Candidates(ctx, a.now())
	if err != nil {
		return nil, nil, err
	}
	sessions, err := store.Sessions(ctx, false, 0)
	if err != nil {
		return nil, nil, err
	}
	states, running := sessionStates{}, map[string]int{}
	for _, s := range sessions {
		if states[s.Subscription] == nil {
			states[s.Subscription] = map[pool.SessionState]int{}
		}
		states[s.Subscription][s.State(procid.Probe, a.now())]++
		running[s.Subscription]++
	}
	for i := range candidates {
		candidates[i].Running = running[candidates[i].Subscription.Name]
	}
	return candidates, states, nil
}
