package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestIsDead(t *testing.T) {
	t.Parallel()
	s := pool.Session{HeartbeatAt: now, Process: pool.Process{PID: 7}}
	for _, c := range []struct {
		found pool.Liveness
		after time.Duration
		dead  bool
	}{
		{pool.Alive, 1000 * time.Hour, false},
		{pool.Dead, 0, true},
		{pool.Unseen, 0, false},
		{pool.Unseen, pool.HeartbeatTimeout, false},
		{pool.Unseen, pool.HeartbeatTimeout + 1, true},
		{pool.Unseen, -1000 * time.Hour, false}, // a clock that was set back
	} {
		got := s.IsDead(func(p pool.Process) pool.Liveness {
			require.Equal(t, s.Process, p)
			return c.found
		}, now.Add(c.after))
		require.Equal(t, c.dead, got, "%+v", c)
	}
	require.Greater(t, pool.HeartbeatTimeout, 3*pool.HeartbeatEvery, "a few may be missed")
}

func TestMoment(t *testing.T) {
	t.Parallel()
	require.Equal(t, now.Add(time.Millisecond), pool.Moment(now.Add(1_999_999).In(time.FixedZone("", 3600))))
	require.True(t, pool.Moment(time.Time{}).IsZero())
	require.True(t, pool.Moment(time.Time{}.In(time.FixedZone("", 3600))).IsZero())
}

func TestLastConversation(t *testing.T) {
	t.Parallel()
	observed := []pool.Observation{{Conversation: "b"}, {}, {Conversation: "c"}, {}}
	require.Equal(t, "c", pool.LastConversation(pool.Session{Conversation: "a"}, observed))
	require.Equal(t, "a", pool.LastConversation(pool.Session{Conversation: "a"}, observed[1:2]))
	require.Empty(t, pool.LastConversation(pool.Session{}, nil))
}

func TestNewSessionID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := pool.NewSessionID()
		require.Regexp(t, `^[0-9a-f]{16}$`, id)
		require.False(t, seen[id])
		seen[id] = true
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	given := pool.Subscription{Tags: []string{"b", "a", "b"}, EnvFrom: []pool.EnvFrom{{Var: "A", Source: "B"}}, CreatedAt: now.Add(1)}
	normal := given.Normal()
	require.Equal(t, []string{"a", "b"}, normal.Tags)
	require.Equal(t, now, normal.CreatedAt)
	normal.EnvFrom[0].Var = "C"
	require.Equal(t, "A", given.EnvFrom[0].Var, "the caller's slice is the caller's")
	require.Equal(t, []string{"b", "a", "b"}, given.Tags)
	require.Equal(t, pool.Subscription{}, pool.Subscription{}.Normal())
}

func TestObservationEmpty(t *testing.T) {
	t.Parallel()
	require.True(t, pool.Observation{}.Empty())
	for _, o := range []pool.Observation{
		{Conversation: "c"}, {Entries: []pool.Entry{{}}}, {Windows: []pool.Window{{}}},
	} {
		require.False(t, o.Empty())
	}
}

func TestSessionState(t *testing.T) {
	t.Parallel()
	alive := func(pool.Process) pool.Liveness { return pool.Alive }
	for name, c := range map[string]struct {
		change func(*pool.Session)
		found  pool.Liveness
		after  time.Duration
		want   pool.SessionState
	}{
		"begins":                     {nil, pool.Alive, 0, pool.StateRunning},
		"silent for less":            {nil, pool.Alive, pool.IdleAfter - 1, pool.StateRunning},
		"silent":                     {nil, pool.Alive, pool.IdleAfter, pool.StateIdle},
		"a clock that was set back":  {nil, pool.Alive, -7 * 24 * time.Hour, pool.StateRunning},
		"says that it works":         {func(s *pool.Session) { s.Said = pool.StateRunning }, pool.Alive, time.Hour, pool.StateRunning},
		"says that it waits":         {func(s *pool.Session) { s.Said = pool.StateIdle }, pool.Alive, 0, pool.StateIdle},
		"its process is gone":        {func(s *pool.Session) { s.Said = pool.StateIdle }, pool.Dead, 0, pool.StateStale},
		"its heartbeat is old":       {nil, pool.Unseen, pool.HeartbeatTimeout + 1, pool.StateStale},
		"unseen, with a young one":   {nil, pool.Unseen, 0, pool.StateRunning},
		"ended, whatever it said":    {func(s *pool.Session) { s.Said, s.EndedAt = pool.StateRunning, now }, pool.Dead, 0, pool.StateEnded},
		"of before there were words": {func(s *pool.Session) { s.ActiveAt = time.Time{} }, pool.Alive, 0, pool.StateIdle},
	} {
		s := pool.Session{StartedAt: now, HeartbeatAt: now, ActiveAt: now}
		if c.change != nil {
			c.change(&s)
		}
		require.Equal(t, c.want, s.State(func(pool.Process) pool.Liveness { return c.found }, now.Add(c.after)), name)
	}
	require.Equal(t, pool.StateRunning, pool.NewSession(pool.Request{}, pool.Subscription{}, now).State(alive, now))
}
