package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// heard is an outcome at a time after now.
type heard struct {
	after   time.Duration
	outcome pool.Outcome
}

func after(s pool.Standing, isAPI bool, all ...heard) pool.Standing {
	for _, h := range all {
		s = s.After(h.outcome, isAPI, now.Add(h.after))
	}
	return s
}

func TestStandingOfALogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		heard []heard
		login pool.Login
		at    time.Duration // when the last that counts was heard
	}{
		"answered":                     {heard: []heard{{1, pool.OutcomeAnswered}}, login: pool.LoginWorks, at: 1},
		"signed out":                   {heard: []heard{{0, pool.OutcomeAnswered}, {time.Second, pool.OutcomeSignedOut}}, login: pool.LoginSignedOut, at: time.Second},
		"refused":                      {heard: []heard{{0, pool.OutcomeRefused}}, login: pool.LoginRefused},
		"until a run succeeds":         {heard: []heard{{0, pool.OutcomeSignedOut}, {time.Second, pool.OutcomeAnswered}}, login: pool.LoginWorks, at: time.Second},
		"at once, the last counts":     {heard: []heard{{0, pool.OutcomeSignedOut}, {0, pool.OutcomeAnswered}}, login: pool.LoginWorks},
		"an old success":               {heard: []heard{{0, pool.OutcomeSignedOut}, {-time.Second, pool.OutcomeAnswered}}, login: pool.LoginSignedOut},
		"an old failure":               {heard: []heard{{0, pool.OutcomeAnswered}, {-time.Second, pool.OutcomeSignedOut}}, login: pool.LoginWorks},
		"no outcome":                   {heard: []heard{{0, pool.OutcomeRefused}, {time.Second, pool.NoOutcome}}, login: pool.LoginRefused},
		"one that is not known":        {heard: []heard{{0, pool.OutcomeRefused}, {time.Second, "overloaded"}}, login: pool.LoginRefused},
		"throttled, which is no login": {heard: []heard{{0, pool.OutcomeRefused}, {time.Second, pool.OutcomeThrottled}}, login: pool.LoginRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := now.Add(c.at).Truncate(time.Millisecond)
			require.Equal(t, pool.Standing{Login: c.login, HeardAt: at}, after(pool.Standing{}, false, c.heard...))
		})
	}
}

func TestStandingKeepsTheCooldown(t *testing.T) {
	t.Parallel()
	until := now.Add(time.Hour)
	for _, outcome := range []pool.Outcome{pool.OutcomeAnswered, pool.OutcomeSignedOut, pool.OutcomeRefused, pool.OutcomeThrottled} {
		got := pool.Standing{CooldownUntil: until}.After(outcome, true, now)
		require.Equal(t, until, got.CooldownUntil, "only a person lifts what a person set")
	}
}

func TestStandingBacksOffAnAPIKey(t *testing.T) {
	t.Parallel()
	var s pool.Standing
	at := now
	for n, want := range []time.Duration{
		30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute,
		time.Hour, time.Hour, time.Hour,
	} {
		s = s.After(pool.OutcomeThrottled, true, at)
		require.Equal(t, n+1, s.Throttles)
		require.Equal(t, at.Add(want), s.BackoffUntil)
		at = s.BackoffUntil
	}
	for range 2000 {
		s = s.After(pool.OutcomeThrottled, true, s.BackoffUntil)
	}
	require.Equal(t, time.Hour, s.BackoffUntil.Sub(s.HeardAt), "for ever")

	s = s.After(pool.OutcomeAnswered, true, s.BackoffUntil)
	require.Zero(t, s.Throttles)
	require.Zero(t, s.BackoffUntil)
	s = s.After(pool.OutcomeThrottled, true, s.HeardAt)
	require.Equal(t, pool.BackoffFirst, s.BackoffUntil.Sub(s.HeardAt), "from the start again")
}

func TestStandingCountsManyThrottlesOnce(t *testing.T) {
	t.Parallel()
	once := after(pool.Standing{}, true, heard{0, pool.OutcomeThrottled})
	many := once
	for second := range 29 {
		many = after(many, true, heard{time.Duration(second) * time.Second, pool.OutcomeThrottled})
	}
	require.Equal(t, once.Throttles, many.Throttles)
	require.Equal(t, once.BackoffUntil, many.BackoffUntil)

	running := after(once, true, heard{time.Second, pool.OutcomeAnswered})
	require.Equal(t, once.BackoffUntil, running.BackoffUntil, "one that was running already may still get its answer")
	require.Equal(t, 1, running.Throttles)
	require.Equal(t, now.Add(time.Second), running.HeardAt)
}

func TestStandingOfAPlanIsNotBackedOff(t *testing.T) {
	t.Parallel()
	require.Zero(t, after(pool.Standing{}, false, heard{0, pool.OutcomeThrottled}))
}
