package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// A stretch of a window is from when it was first seen to its reset; what was told is of one stretch.
func TestStretchesOfAWindow(t *testing.T) {
	t.Parallel()
	resets := now.Add(4 * time.Hour)
	known := pool.Window{Kind: pool.FiveHour, ResetsAt: resets, ObservedAt: now, Since: now, Told: 0.8}
	for name, test := range map[string]struct {
		known, seen time.Time // their resets
		at          time.Time
		goesOn      bool
	}{
		"the same":                    {known: resets, seen: resets, at: now.Add(time.Hour), goesOn: true},
		"to the minute":               {known: resets, seen: resets.Add(-59 * time.Second), at: now.Add(time.Hour), goesOn: true},
		"another reset":               {known: resets, seen: resets.Add(5 * time.Hour), at: now.Add(5 * time.Hour)},
		"no reset":                    {known: resets, at: now.Add(time.Hour), goesOn: true},
		"no reset, once it was":       {known: resets, at: resets},
		"a reset that was not known":  {seen: resets, at: now.Add(time.Hour), goesOn: true},
		"never a reset":               {at: now.Add(4 * time.Hour), goesOn: true},
		"never a reset, for too long": {at: now.Add(5 * time.Hour)},
	} {
		before := known
		before.ResetsAt = test.known
		w := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ResetsAt: test.seen, ObservedAt: test.at}.Over(before)
		if test.goesOn {
			require.Equal(t, []any{now, 0.8}, []any{w.Since, w.Told}, name)
		} else {
			require.Equal(t, []any{test.at, 0.0}, []any{w.Since, w.Told}, name)
		}
	}
}

// Old news changes nothing of what was told.
func TestStretchIsKeptByOldNews(t *testing.T) {
	t.Parallel()
	known := pool.Window{Kind: pool.FiveHour, ResetsAt: now.Add(4 * time.Hour), ObservedAt: now, Since: now, Told: 0.95}
	for _, resets := range []time.Time{{}, known.ResetsAt, now.Add(-time.Hour)} {
		w := pool.Window{Kind: pool.FiveHour, ResetsAt: resets, ObservedAt: now.Add(-2 * time.Hour)}.Over(known)
		require.Equal(t, []any{now, 0.95}, []any{w.Since, w.Told})
	}
}
