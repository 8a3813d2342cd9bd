//go:build e2e

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// A run that meets a limit is told of within seconds, without anybody's doing. The run itself is as it is without
// a channel, and waits for no server.
func TestALimitIsTold(t *testing.T) {
	t.Parallel()
	m, untold := newTold(t, "a", "b"), newMachine(t, "a", "b")
	for _, s := range []*sandbox.Sandbox{m.Sandbox, untold} {
		s.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
	}
	ended := make(chan struct{})
	m.hook.is(false, func() { <-ended })
	out := m.run(t, 0, "-p", "[[text:the answer]]", "--output-format", "json")
	close(ended)
	over := time.Now()
	clean := claude(t, untold, "-p", "[[text:the answer]]", "--output-format", "json")
	requireSameShape(t, "json", clean.Stdout, out.Stdout)
	require.Equal(t, clean.Stderr, out.Stderr)

	m.hook.expect(t, "limit failover")
	require.Less(t, time.Since(over), 20*time.Second)
	limit, failover := m.hook.arrivals()[0], m.hook.arrivals()[1]
	require.Equal(t, "a", limit.Subscription)
	require.Equal(t, pool.WindowKind("five_hour"), limit.Window)
	require.Equal(t, []string{"a", "b"}, []string{failover.From, failover.To})
	require.Equal(t, conversation(t, out), failover.Conversation)
	for _, a := range m.hook.arrivals() {
		requireSigned(t, a)
		require.Equal(t, hookToken, a.Header.Get("Authorization"))
		require.Equal(t, a.ID, a.Header.Get("Claudepool-Event-Id"))
	}
	m.alone(t)
	require.Equal(t, "limit failover", m.hook.kinds())
	requireBooked(t, m.Sandbox)
}

// Each kind of event is told once, by what the CLI does.
func TestEachEventIsToldOnce(t *testing.T) {
	t.Parallel()
	t.Run("exhausted and recovered", func(t *testing.T) {
		t.Parallel()
		m := newTold(t, "a", "b")
		resets := time.Now().Add(2 * time.Hour).Truncate(time.Minute)
		for _, name := range []string{"a", "b"} {
			m.API.Script(sandbox.Token(name), fakeapi.LimitUntil("five_hour", resets), fakeapi.Answer())
		}
		m.run(t, 1, "-p", "hello")
		for range 2 {
			m.run(t, 75, "-p", "hello")
		}
		expectAll(t, m, "limit failover limit exhausted")
		require.Equal(t, resets.UTC(), m.events(t)[3].FreeAt.UTC())
		later(t, m.Sandbox, `UPDATE shortages SET last_at = last_at - 120000`)
		later(t, m.Sandbox, `UPDATE windows SET resets_at = resets_at - 3 * 3600000`)
		m.run(t, 0, "-p", "hello")
		expectAll(t, m, "limit failover limit exhausted recovered")
		m.alone(t)
		m.claudepool(t, 0, "maintain")
		expectAll(t, m, "limit failover limit exhausted recovered")
	})
	t.Run("signed out", func(t *testing.T) {
		t.Parallel()
		m := newTold(t, "a")
		m.env = append(m.env, "CLAUDEPOOL_SUBSCRIPTION=a")
		for range 2 {
			m.run(t, 1, "-p", "[[status:401]]")
		}
		m.hook.expect(t, "signed-out")
		m.alone(t)
		require.Equal(t, "signed-out", m.hook.kinds())
	})
	t.Run("threshold", func(t *testing.T) {
		t.Parallel()
		m := newTold(t, "a")
		for range 2 {
			m.run(t, 0, with(streamJSON, "-p", "[[warn:five_hour]]")...)
		}
		m.hook.expect(t, "threshold")
		require.InDelta(t, 0.8, m.hook.arrivals()[0].Threshold, 0)
		m.run(t, 1, with(streamJSON, "-p", "[[limit:five_hour]]")...)
		expectAll(t, m, "threshold limit exhausted")
	})
	t.Run("reclaimed", func(t *testing.T) {
		t.Parallel()
		m := newTold(t, "only")
		killInATurn(t, m.Sandbox, with(streamJSON, "-p", "[[slow:300s]]")...)
		m.run(t, 0, "-p", "hello")
		m.hook.expect(t, "reclaimed")
		m.claudepool(t, 0, "maintain")
		require.Equal(t, "reclaimed", m.hook.kinds())
	})
}

// expectAll says that the pool has events of these kinds, and waits until they have arrived.
func expectAll(t *testing.T, m *told, kinds string) {
	t.Helper()
	var had []string
	for _, e := range m.events(t) {
		had = append(had, string(e.Kind))
	}
	require.Equal(t, kinds, strings.Join(had, " "))
	eventually(t, func() bool { return len(m.hook.arrivals()) >= len(had) }, func() string { return "arrived only: " + m.hook.kinds() })
	requireToldAll(t, m)
	require.Len(t, m.hook.arrivals(), len(had), "each once")
}

// What happens while the server is down arrives when it is up again.
func TestEventsWaitForTheirServer(t *testing.T) {
	t.Parallel()
	m := newTold(t, "a", "b")
	m.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
	m.hook.is(true, nil)
	m.run(t, 0, "-p", "hello")
	m.alone(t)
	require.Empty(t, m.hook.kinds())
	require.Contains(t, m.claudepool(t, 0, "notify", "list").Stdout, "waiting")
	m.claudepool(t, 1, "notify", "flush")
	m.hook.is(false, nil)
	m.claudepool(t, 0, "notify", "retry")
	m.claudepool(t, 0, "maintain")
	require.Equal(t, "limit failover", m.hook.kinds())
	require.Contains(t, m.claudepool(t, 0, "notify", "list").Stdout, "nothing waits")
}

// A process that is killed while it delivers loses nothing: the next one goes on.
func TestAKilledDeliveryGoesOn(t *testing.T) {
	t.Parallel()
	m := newTold(t, "a", "b")
	m.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
	killed := make(chan int, 100)
	m.hook.is(false, func() {
		for _, pid := range m.upkeep() {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone
			killed <- pid
		}
	})
	m.run(t, 0, "-p", "hello")
	eventually(t, func() bool { return len(killed) > 0 }, func() string { return "nothing is delivered" })
	gone(t, <-killed)
	m.hook.is(false, nil)
	m.claudepool(t, 0, "maintain")
	requireToldAll(t, m)
	require.Equal(t, "limit failover", kindsOnce(m))
}
