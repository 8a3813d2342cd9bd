package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestWindowsThatSayTheSameWaitOnce(t *testing.T) {
	t.Parallel()
	resets := time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC)
	window := func(kind pool.WindowKind, status pool.WindowStatus, utilization float64) pool.Window {
		return pool.Window{Kind: kind, Status: status, Utilization: &utilization, ResetsAt: resets}
	}
	at := func(seconds int, windows ...pool.Window) pool.Observation {
		return pool.Observation{At: resets.Add(time.Duration(seconds) * time.Second), Windows: windows}
	}
	week, other := window(pool.SevenDay, pool.StatusAllowed, 0.1), window(pool.FiveHour, pool.StatusRejected, 1)
	var waiting []pool.Observation
	for i := range 1000 {
		waiting = addObservation(waiting, at(i, window(pool.FiveHour, pool.StatusAllowed, float64(i))))
	}
	waiting = addObservation(waiting, at(1000, week))
	waiting = addObservation(waiting, at(1001, other)) // it says something else: the earlier one stays
	require.Equal(t, []pool.Observation{at(1001, window(pool.FiveHour, pool.StatusAllowed, 999), week, other)}, waiting)

	told := pool.Observation{Conversation: "c"}
	waiting = addObservation(waiting, told)
	waiting = addObservation(waiting, at(1002, week))
	require.Equal(t, []pool.Observation{told, at(1002, week)}, waiting[1:], "the order stays")

	met, outcome, state := pool.Observation{Met: pool.FiveHour}, pool.Observation{Outcome: pool.OutcomeSignedOut}, pool.Observation{State: pool.StateIdle}
	waiting = addObservation(waiting, met)
	waiting = addObservation(waiting, outcome)
	waiting = addObservation(waiting, state)
	waiting = addObservation(waiting, at(1003, week))
	require.Equal(t, []pool.Observation{at(1002, week), met, outcome, state, at(1003, week)}, waiting[2:], "what else it tells stays")
}
