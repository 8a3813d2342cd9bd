package pool_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestAppliesTo(t *testing.T) {
	t.Parallel()
	const all = "opus sonnet haiku fable"
	for kind, models := range map[pool.WindowKind]string{
		pool.FiveHour: all, pool.SevenDay: all, pool.Overage: all, "": all, "seven_day_new": all, "opus": all,
		pool.SevenDayOpus: "opus", pool.SevenDaySonnet: "sonnet", pool.SevenDayOverageIncluded: "fable",
		"seven_day_haiku": "haiku", "seven_day_fable": "fable", "five_hour_opus": "opus",
	} {
		w := pool.Window{Kind: kind}
		for family, names := range map[string][]string{
			"opus":   {"opus", "Opus", "opus[1m]", "claude-opus-4-5-20251101", "us.anthropic.claude-opus-4-1-v1:0", "opus@latest"},
			"sonnet": {"sonnet", "SONNET", "sonnet[1m]", "claude-sonnet-4-5", "claude-3-7-sonnet-20250219"},
			"haiku":  {"haiku", "claude-haiku-4-5", "claude-3-5-haiku-latest"},
			"fable":  {"fable", "claude-fable-5"},
		} {
			for _, name := range names {
				require.Equal(t, models == all || models == family, w.AppliesTo(name), "%s in %s", name, kind)
			}
		}
		for _, name := range []string{"", "default", "best", "gpt-5", "arn:aws:bedrock:1"} {
			require.True(t, w.AppliesTo(name), "%q may be any, so it counts in %s", name, kind)
		}
		require.Equal(t, models == all, w.AppliesTo("claude-novel-6"), "a family of its own, in %s", kind)
		for _, name := range []string{"opusplan", "OpusPlan", "opusplan[1m]"} {
			require.Equal(t, models == all || models == "opus" || models == "sonnet", w.AppliesTo(name), "%s in %s", name, kind)
		}
	}
}

func TestUsed(t *testing.T) {
	t.Parallel()
	later := now.Add(time.Hour)
	for name, c := range map[string]struct {
		window pool.Window
		used   float64 // below 0 where it is not known
	}{
		"half":               {used(pool.FiveHour, 0.5, later, now), 0.5},
		"beyond":             {used(pool.FiveHour, 1.2, later, now), 1},
		"below":              {used(pool.FiveHour, -1, later, now), 0},
		"without end":        {used(pool.FiveHour, math.Inf(1), later, now), 1},
		"no number":          {used(pool.FiveHour, math.NaN(), later, now), -1},
		"not told":           {pool.Window{Kind: pool.FiveHour, ResetsAt: later, ObservedAt: now}, -1},
		"reset":              {used(pool.FiveHour, 0.5, now, now.Add(-time.Hour)), -1},
		"no reset":           {used(pool.FiveHour, 0.5, time.Time{}, now.Add(-4*time.Hour)), 0.5},
		"no reset, old":      {used(pool.FiveHour, 0.5, time.Time{}, now.Add(-5*time.Hour)), -1},
		"no reset of a week": {used(pool.SevenDay, 0.5, time.Time{}, now.Add(-167*time.Hour)), 0.5},
		"no reset, a week":   {used(pool.SevenDay, 0.5, time.Time{}, now.Add(-168*time.Hour)), -1},
	} {
		share, known := c.window.Used(now)
		require.Equal(t, c.used >= 0, known, name)
		require.Equal(t, max(c.used, 0), share, name)
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	reset, other := now.Add(time.Hour), now.Add(6*time.Hour)
	before := now.Add(-time.Minute)
	half, more := 0.5, 0.75
	known := pool.Window{
		Kind: pool.FiveHour, Status: pool.StatusRejected, Utilization: &half, ResetsAt: reset, ObservedAt: before, Source: pool.FromStream,
	}
	seen := func(change func(*pool.Window)) pool.Window {
		w := pool.Window{Kind: pool.FiveHour, ObservedAt: now, Source: pool.FromText}
		if change != nil {
			change(&w)
		}
		return w
	}
	for name, c := range map[string]struct {
		seen, want pool.Window
		known      func(*pool.Window)
	}{
		"what it does not tell is kept": {
			seen: seen(func(w *pool.Window) { w.Status = pool.StatusAllowed }),
			want: seen(func(w *pool.Window) { w.Status, w.Utilization, w.ResetsAt = pool.StatusAllowed, &half, reset }),
		},
		"what tells nothing else makes it newer": {
			seen: seen(nil),
			want: func() pool.Window { w := known; w.ObservedAt = now; return w }(),
		},
		"what it tells counts": {
			seen: seen(func(w *pool.Window) { w.Status, w.Utilization, w.ResetsAt = pool.StatusAllowed, &more, reset }),
			want: seen(func(w *pool.Window) { w.Status, w.Utilization, w.ResetsAt = pool.StatusAllowed, &more, reset }),
		},
		"a reset told to the minute is the same": {
			seen: seen(func(w *pool.Window) { w.Status, w.ResetsAt = pool.StatusAllowed, reset.Add(-59*time.Second) }),
			want: seen(func(w *pool.Window) { w.Status, w.Utilization, w.ResetsAt = pool.StatusAllowed, &half, reset }),
		},
		"the more exact reset counts": {
			seen: seen(func(w *pool.Window) { w.Status, w.ResetsAt = pool.StatusAllowed, reset.Add(59*time.Second) }),
			want: seen(func(w *pool.Window) {
				w.Status, w.Utilization, w.ResetsAt = pool.StatusAllowed, &half, reset.Add(59*time.Second)
			}),
		},
		"another reset is another stretch of time": {
			seen: seen(func(w *pool.Window) { w.ResetsAt = other }),
			want: seen(func(w *pool.Window) { w.ResetsAt = other }),
		},
		"a reset where none was known": {
			known: func(w *pool.Window) { w.ResetsAt = time.Time{} },
			seen:  seen(func(w *pool.Window) { w.ResetsAt, w.Utilization = reset, &more }),
			want:  seen(func(w *pool.Window) { w.ResetsAt, w.Utilization = reset, &more }),
		},
		"no reset known of both": {
			known: func(w *pool.Window) { w.ResetsAt = time.Time{} },
			seen:  seen(nil),
			want:  seen(nil),
		},
		"the known one has started anew": {
			known: func(w *pool.Window) { w.ResetsAt = now },
			seen:  seen(nil),
			want:  seen(nil),
		},
	} {
		was := known
		if c.known != nil {
			c.known(&was)
		}
		got := c.seen.Over(was)
		got.Since = time.Time{} // has a test of its own
		require.Equal(t, c.want, got, name)
	}
	for name, idle := range map[string]pool.Window{
		"emptier": used(pool.FiveHour, 0.4, reset, now), "open again": used(pool.FiveHour, 0.6, reset, now),
	} {
		idle.Status = pool.StatusAllowed
		require.NotEqual(t, known, idle.Over(known), name)
		idle.Source = pool.FromStatusLine
		require.Equal(t, known, idle.Over(known), "%s: the status line repeats what it heard last", name)
	}
	late := seen(func(w *pool.Window) { w.ObservedAt, w.ResetsAt = before.Add(-1), reset.Add(time.Second) })
	require.Equal(t, reset.Add(time.Second), late.Over(known).ResetsAt, "what was seen before may be more exact")
	earlier := seen(func(w *pool.Window) { w.ObservedAt = before.Add(-1) })
	require.Equal(t, known, earlier.Over(known), "what was seen before changes nothing")
	atOnce := seen(func(w *pool.Window) { w.ObservedAt, w.Status = before, pool.StatusAllowed })
	require.Equal(t, pool.StatusAllowed, atOnce.Over(known).Status, "at once, the last counts")
}
