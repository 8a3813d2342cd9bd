package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var subscriptionTests = suite{
	"AddKeepsEveryField":     addKeepsEveryField,
	"AddReturnsItsID":        addReturnsItsID,
	"AddRefusesTheInvalid":   addRefusesTheInvalid,
	"AddRefusesTheTaken":     addRefusesTheTaken,
	"IsolationIsKept":        isolationIsKept,
	"ListIsByName":           listIsByName,
	"SetEnabledSwitches":     setEnabledSwitches,
	"SetEnabledKnowsItsName": setEnabledKnowsItsName,
	"AnEmptyPoolListsNone":   anEmptyPoolListsNone,
}

func addKeepsEveryField(h *harness) {
	given := pool.Subscription{
		Name: "work", ConfigDir: "/home/me/dir with 'quotes' ? # % é", Email: "me@example.com",
		Tags: []string{"x", "b", "x"}, MaxSessions: 7, WeeklyBudget: pool.USD(12.5),
		EnvFrom:    []pool.EnvFrom{{Var: "ANTHROPIC_API_KEY", Source: "WORK_KEY"}, {Var: "A", Source: "B"}},
		EnvCommand: []pool.EnvCommand{{Var: "C", Command: `op read 'op://a b/"c"' | tr -d "\\n" # % é`}, {Var: "D", Command: "pass d"}},
		Env:        []pool.EnvValue{{Var: "E", Value: ""}, {Var: "F", Value: ` a=b "c" 'd' \\ <é> `}},
		Sharing:    pool.Sharing{Base: "/home/me/.claude 'é'", Entries: []string{"projects", "settings.json"}},
		Origin:     "../claudepool.toml",
		Enabled:    false, CreatedAt: h.now.Add(1234567 * time.Nanosecond).In(time.FixedZone("", 3600)),
	}
	added, err := h.store.AddSubscription(h.ctx, given)
	require.NoError(h, err)

	want := given
	want.ID = added.ID
	want.Tags = []string{"b", "x"}
	want.CreatedAt = h.now.Add(time.Millisecond)
	require.Equal(h, want, added)
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Equal(h, []pool.Subscription{want}, listed)
	require.Equal(h, []string{"x", "b", "x"}, given.Tags, "the caller's slice is the caller's")
}

func isolationIsKept(h *harness) {
	for _, isolated := range []bool{true, false} {
		added, err := h.store.AddSubscription(h.ctx, pool.Subscription{
			Name: "work", ConfigDir: "/work", Sharing: pool.Sharing{Isolated: isolated}, Enabled: true, CreatedAt: h.now})
		require.NoError(h, err)
		listed, err := h.store.Subscriptions(h.ctx)
		require.NoError(h, err)
		require.Equal(h, []pool.Subscription{added}, listed)
		require.Equal(h, isolated, listed[0].Sharing.Isolated)
		changed, err := h.store.UpdateSubscription(h.ctx, "work", func(s *pool.Subscription) error {
			s.Sharing.Isolated = !isolated
			return nil
		})
		require.NoError(h, err)
		require.Equal(h, !isolated, changed.Sharing.Isolated)
		require.NoError(h, h.store.RemoveSubscription(h.ctx, "work", h.now))
	}
}

func addReturnsItsID(h *harness) {
	a, b := h.add("a"), h.add("b")
	require.NotZero(h, a.ID)
	require.NotZero(h, b.ID)
	require.NotEqual(h, a.ID, b.ID)
}

func addRefusesTheInvalid(h *harness) {
	_, err := h.store.AddSubscription(h.ctx, pool.Subscription{Name: "no spaces"})
	var invalid *pool.InvalidError
	require.ErrorAs(h, err, &invalid)
	require.Equal(h, "name", invalid.Field)
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Empty(h, listed)
}

func addRefusesTheTaken(h *harness) {
	h.add("a")
	h.add("default", func(s *pool.Subscription) { s.ConfigDir = "" })
	for _, c := range []struct {
		name, dir string
		want      error
	}{
		{"a", "/else", pool.ErrNameTaken},
		{"b", "/dirs/a", pool.ErrDirTaken},
		{"b", "", pool.ErrDirTaken},         // there is one default directory
		{"a", "/dirs/a", pool.ErrNameTaken}, // both
		{"a", "", pool.ErrNameTaken},        // by two others: the name is what a person typed
	} {
		_, err := h.store.AddSubscription(h.ctx, pool.Subscription{Name: c.name, ConfigDir: c.dir})
		require.ErrorIs(h, err, c.want, "%s at %q", c.name, c.dir)
	}
	h.add("A", func(s *pool.Subscription) { s.ConfigDir = "/dirs/A" }) // case counts
}

func listIsByName(h *harness) {
	for _, name := range []string{"b", "a10", "Z", "a", "a-1"} {
		h.add(name)
	}
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Equal(h, []string{"Z", "a", "a-1", "a10", "b"}, names(listed), "by bytes")
	candidates, err := h.store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	for i, c := range candidates {
		require.Equal(h, listed[i], c.Subscription)
	}
	require.Len(h, candidates, len(listed))
}

func setEnabledSwitches(h *harness) {
	h.add("a")
	h.add("b")
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", false))
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", false), "again")
	require.False(h, h.candidate("a").Subscription.Enabled)
	require.True(h, h.candidate("b").Subscription.Enabled)
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", true))
	require.True(h, h.candidate("a").Subscription.Enabled)
}

func setEnabledKnowsItsName(h *harness) {
	h.add("a")
	require.ErrorIs(h, h.store.SetEnabled(h.ctx, "b", true), pool.ErrNotFound)
	require.ErrorIs(h, h.store.SetEnabled(h.ctx, "", true), pool.ErrNotFound)
	require.ErrorIs(h, h.store.SetEnabled(h.ctx, "%", true), pool.ErrNotFound)
}

func anEmptyPoolListsNone(h *harness) {
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Empty(h, listed)
	candidates, err := h.store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	require.Empty(h, candidates)
	require.Empty(h, h.sessions(true))
	require.Empty(h, h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByDay}}))
	require.Equal(h, []pool.UsageRow{{Keys: []string{}}}, h.usage(pool.UsageQuery{}), "one row, of nothing")
	ended, err := h.store.Reclaim(h.ctx, h.probe, h.now)
	require.NoError(h, err)
	require.Empty(h, ended)
}
