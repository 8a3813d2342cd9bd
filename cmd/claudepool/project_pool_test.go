package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/internal/procid"
	"claudepool/pool"
)

// countingStore counts what is written to the subscriptions.
type countingStore struct {
	*memstore.Store
	writes int
}

func (s *countingStore) AddSubscription(ctx context.Context, sub pool.Subscription) (pool.Subscription, error) {
	s.writes++
	return s.Store.AddSubscription(ctx, sub)
}

func (s *countingStore) UpdateSubscription(ctx context.Context, name string, change func(*pool.Subscription) error) (pool.Subscription, error) {
	s.writes++
	return s.Store.UpdateSubscription(ctx, name, change)
}

func (s *countingStore) RemoveSubscription(ctx context.Context, name string, now time.Time) error {
	s.writes++
	return s.Store.RemoveSubscription(ctx, name, now)
}

func (s *countingStore) SetEnabled(ctx context.Context, name string, enabled bool) error {
	s.writes++
	return s.Store.SetEnabled(ctx, name, enabled)
}

// projectApp is an app in a project of these subscriptions, with an empty pool.
func projectApp(t *testing.T, subscriptions ...projectSubscription) (*app, *countingStore) {
	dir := t.TempDir()
	a := &app{now: time.Now}
	a.settings.Database = filepath.Join(dir, ".claudepool", "pool.db")
	a.settings.project = &project{path: filepath.Join(dir, projectFileName), subscriptions: subscriptions}
	return a, &countingStore{Store: memstore.New()}
}

// namesOf are the names in the pool, those that are disabled in brackets.
func namesOf(t *testing.T, store pool.Store) (names []string) {
	t.Helper()
	subscriptions, err := store.Subscriptions(t.Context())
	require.NoError(t, err)
	for _, s := range subscriptions {
		if !s.Enabled {
			s.Name = "(" + s.Name + ")"
		}
		names = append(names, s.Name)
	}
	return names
}

func TestAProjectThatIsTakenInAlreadyIsNotWritten(t *testing.T) {
	t.Parallel()
	full := 2
	a, store := projectApp(t, projectSubscription{
		Name: "b", EnvFrom: map[string]string{"CLAUDE_CODE_OAUTH_TOKEN": "B", "ANTHROPIC_API_KEY": "C"}, Env: map[string]string{"ANTHROPIC_MODEL": "opus"},
		Tags: []string{"y", "x", "y"}, Reserve: "15%", MaxSessions: &full,
	}, projectSubscription{Name: "a"})
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, 2, store.writes)
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, 2, store.writes, "nothing has changed")
	a.settings.project.subscriptions[1].Tier = 1
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, 3, store.writes)
}

func TestAProjectDropsWhatIsInUseLater(t *testing.T) {
	t.Parallel()
	a, store := projectApp(t, projectSubscription{Name: "a"}, projectSubscription{Name: "b"})
	require.NoError(t, a.takeInProject(t.Context(), store))
	self, err := procid.Self()
	require.NoError(t, err)
	session, _, err := store.Acquire(t.Context(), pool.Request{Names: []string{"b"}, Process: self}, pool.DefaultPolicy(), procid.Probe, a.now())
	require.NoError(t, err)

	a.settings.project.subscriptions = a.settings.project.subscriptions[:1]
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, []string{"a", "(b)"}, namesOf(t, store))
	require.NoError(t, store.Release(t.Context(), session.ID, pool.End{Reason: pool.EndedByExit}, a.now()))
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, []string{"a"}, namesOf(t, store))
}

func TestAProjectLeavesTheSubscriptionsOfOthersAlone(t *testing.T) {
	t.Parallel()
	a, store := projectApp(t, projectSubscription{Name: "a"})
	for name, origin := range map[string]string{"mine": "", "theirs": "../../other/claudepool.toml"} {
		_, err := store.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: "/" + name, Origin: origin, Enabled: true})
		require.NoError(t, err)
	}
	require.NoError(t, a.takeInProject(t.Context(), store))
	require.Equal(t, []string{"a", "mine", "theirs"}, namesOf(t, store))
}
