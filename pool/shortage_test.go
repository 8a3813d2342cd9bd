package pool_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestShortageTimes(t *testing.T) {
	t.Parallel()
	s := pool.Shortage{Since: now.Add(-time.Hour), LastAt: now}
	for passed, want := range map[time.Duration][3]bool{ // news, over, forgotten
		0:                                     {},
		pool.ShortageNoted:                    {true},
		pool.ShortageQuiet - time.Millisecond: {true},
		pool.ShortageQuiet:                    {true, true},
		-pool.ShortageQuiet:                   {true, true}, // a clock that was set back
		pool.ShortageForgotten:                {true, true, true},
		-pool.ShortageForgotten:               {true, true},
	} {
		at := now.Add(passed)
		require.Equal(t, want, [3]bool{s.IsNews(at), s.IsOver(at), s.IsForgotten(at)}, passed)
	}
}

func TestShortageHasRoom(t *testing.T) {
	t.Parallel()
	candidates := []pool.Candidate{{Subscription: pool.Subscription{ID: 1, Name: "a", Enabled: true, Tags: []string{"x"}}}}
	for want, waiting := range map[bool]pool.Waiting{
		true:  {Tags: []string{"x"}, Tried: []string{"a"}}, // what it met is in the windows
		false: {Tags: []string{"y"}},
	} {
		require.Equal(t, want, pool.Shortage{Waiting: waiting}.HasRoom(pool.DefaultPolicy(), candidates, now))
	}
	require.False(t, pool.Shortage{Waiting: pool.Waiting{Unfit: []string{"a"}}}.HasRoom(pool.DefaultPolicy(), candidates, now))
	require.False(t, pool.Shortage{}.HasRoom(pool.DefaultPolicy(), nil, now))
}

func TestExhaustedEvent(t *testing.T) {
	t.Parallel()
	refused := &pool.ExhaustedError{}
	for range 25 {
		refused.Told = append(refused.Told,
			pool.Verdict{Subscription: "a", Code: pool.Limited, Reason: "full", FreeAt: now.Add(time.Hour)}, pool.Verdict{Subscription: "b", Code: pool.NotAskedFor, Reason: "no"})
	}
	s := pool.Shortage{Since: now, Waiting: pool.Waiting{Names: []string{"a"}, Tags: []string{"x"}}}
	e := pool.ExhaustedEvent(s, refused)
	require.Equal(t, "no subscription may be picked for runs on a with the tags x, until 2026-11-24 13:00 UTC", e.Text)
	require.Equal(t, 20, strings.Count(e.Reason, "a: full"), "the reasons are bounded")
	require.True(t, strings.HasSuffix(e.Reason, "; …"))
	require.NotContains(t, e.Reason, "b: ")
	require.NotEqual(t, e.Cause, pool.RecoveredEvent(s, now).Cause)
}

// A run that has met the limits itself is told of by what keeps the others out.
func TestExhaustedEventOfARunThatHasTried(t *testing.T) {
	t.Parallel()
	resets := now.Add(time.Hour)
	met := candidate("a")
	met.Windows = []pool.Window{{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: resets, ObservedAt: now}}
	_, _, refused := pool.DefaultPolicy().Choose(pool.Request{Tried: []string{"a", "b"}}, []pool.Candidate{met, candidate("b")}, now)
	e := pool.ExhaustedEvent(pool.Shortage{Since: now}, refused)
	require.Equal(t, "no subscription may be picked, until 2026-11-24 13:00 UTC", e.Text)
	require.Equal(t, resets, e.FreeAt)
	require.Equal(t, "a: at its five_hour limit; b: the run has met its limit already", e.Reason)
}
