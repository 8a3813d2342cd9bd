package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/pool"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func probe(l pool.Liveness) pool.Probe { return func(pool.Process) pool.Liveness { return l } }

func storeWith(t *testing.T, subscriptions ...pool.Subscription) pool.Store {
	t.Helper()
	store := memstore.New()
	for _, s := range subscriptions {
		s.Enabled, s.CreatedAt = true, noon
		_, err := store.AddSubscription(ctx, s)
		require.NoError(t, err)
	}
	return store
}

// kill leaves a record as a killed process does.
func kill(t *testing.T, w *Writer) {
	t.Helper()
	require.NoError(t, w.file.Close())
}

func observation(id string, input int64) pool.Observation {
	return pool.Observation{Conversation: "c1", Entries: []pool.Entry{{
		ID: id, At: noon, Model: "m", Messages: 1, Tokens: pool.Tokens{Input: input},
	}}}
}

func session(id string) pool.Session {
	return pool.Session{ID: id, StartedAt: noon, HeartbeatAt: noon, CWD: "/src"}
}

func inputBySubscription(t *testing.T, store pool.Store) map[string]int64 {
	t.Helper()
	rows, err := store.Usage(ctx, pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}})
	require.NoError(t, err)
	sums := map[string]int64{}
	for _, row := range rows {
		sums[row.Keys[0]] = row.Tokens.Input
	}
	return sums
}

func TestDrainBooksOnceAndRemoves(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	w, err := New(dir).Create(session("s1"), "")
	require.NoError(t, err)
	require.NoError(t, w.Observe(observation("e1", 5)))
	require.NoError(t, w.Observe(observation("e2", 7)))
	code := 0
	require.NoError(t, w.End(pool.End{Reason: pool.EndedByExit, Code: &code}, noon.Add(time.Minute)))

	store := storeWith(t, pool.Subscription{Name: "work", ConfigDir: "/d/work"}, pool.Subscription{Name: "home"})
	n, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, map[string]int64{"home": 12}, inputBySubscription(t, store), "the default directory is home's")
	require.Empty(t, New(dir).Files())

	n, err = New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestDrainWaitsForTheLivingAndEndsTheDead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	w, err := New(dir).Create(session("s1"), "/elsewhere")
	require.NoError(t, err)
	require.NoError(t, w.Observe(observation("e1", 5)))
	store := storeWith(t, pool.Subscription{Name: "home"})

	n, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Zero(t, n, "its wrapper may yet append, whatever the process looks like from here")
	kill(t, w)
	n, err = New(dir).Drain(ctx, store, probe(pool.Alive), noon)
	require.NoError(t, err)
	require.Zero(t, n, "the file system may know no locks")

	n, err = New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, map[string]int64{"": 5}, inputBySubscription(t, store), "nobody has that directory: unattributed")
	sessions, err := store.Sessions(ctx, true, 0)
	require.NoError(t, err)
	require.Equal(t, pool.EndedByReclaim, sessions[0].End.Reason)
}

func TestDrainPassesOverWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	w, err := New(dir).Create(session("s1"), "")
	require.NoError(t, err)
	require.NoError(t, w.Observe(observation("e1", 5)))
	_, err = w.file.WriteString(`{"Observed":{"entr`) // the disk was full here
	require.NoError(t, err)
	w.torn = true
	require.NoError(t, w.Observe(observation("e2", 7)))
	_, err = w.file.WriteString(`{"Observed":{"entries":[{"id":"e3"`) // and here it was killed
	require.NoError(t, err)
	kill(t, w)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "junk.jsonl"), []byte("\x00\x01"), 0o600))

	store := storeWith(t, pool.Subscription{Name: "home"})
	n, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, map[string]int64{"home": 12}, inputBySubscription(t, store))
	require.FileExists(t, filepath.Join(dir, "junk.jsonl.damaged"))
	require.Empty(t, New(dir).Files())
}

func TestDrainKeepsWhatTheStoreDoesNotTake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	w, err := New(dir).Create(session("s1"), "")
	require.NoError(t, err)
	kill(t, w)
	_, err = New(dir).Drain(ctx, brokenStore{}, probe(pool.Dead), noon)
	require.ErrorIs(t, err, pool.ErrFull)
	require.Len(t, New(dir).Files(), 1)
}

func TestCreateTakesTheFirstDirectoryThatIsOurs(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	file, shared, private := filepath.Join(base, "file"), filepath.Join(base, "shared"), filepath.Join(base, "private")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.Mkdir(shared, 0o700))
	require.NoError(t, os.Chmod(shared, 0o777))
	_, err := New(file, shared, private).Create(session("s1"), "")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(private, "s1.jsonl"))

	_, err = New(file, shared).Create(session("s1"), "")
	require.ErrorContains(t, err, "shared is not a directory of this user alone")
}

// brokenStore is a store that is full.
type brokenStore struct{ pool.Store }

var errFull = errors.Join(pool.ErrFull)

func (brokenStore) Subscriptions(context.Context) ([]pool.Subscription, error)      { return nil, errFull }
func (brokenStore) Restore(context.Context, pool.Session, []pool.Observation) error { return errFull }
