package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// writerVar names a spool directory: the test binary is then a wrapper that writes a record, and dies
// when its standard input ends.
const writerVar = "SPOOL_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerVar); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Println(err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func writeUntilKilled(dir string) error {
	w, err := New(dir).Create(session("other"), "")
	if err != nil {
		return err
	}
	if err := w.Observe(observation("e1", 5)); err != nil {
		return err
	}
	fmt.Println("written")
	_, err = os.Stdin.Read(make([]byte, 1)) // the test is done
	return errors.Join(err, w.Observe(observation("e2", 7)))
}

// A writer that can't be looked at, as in another container, keeps its record for as long as it lives,
// however long that is.
func TestDrainSparesAWriterOutOfSight(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVar+"="+dir)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := make([]byte, 8)
	_, err = stdout.Read(said)
	require.NoError(t, err)
	require.Equal(t, "written\n", string(said))

	store := storeWith(t, pool.Subscription{Name: "home"})
	muchLater := noon.Add(48 * time.Hour)
	n, err := New(dir).Drain(ctx, store, probe(pool.Unseen), muchLater)
	require.NoError(t, err)
	require.Zero(t, n)

	require.NoError(t, stdin.Close())
	_ = cmd.Wait() // it ends with an error, as it should
	n, err = New(dir).Drain(ctx, store, probe(pool.Unseen), muchLater)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, map[string]int64{"home": 12}, inputBySubscription(t, store))
}

// Drains beside each other, and beside writers that come and go, book every entry once and lose none.
func TestDrainsAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	store := storeWith(t, pool.Subscription{Name: "home"})
	const writers, entries = 30, 5
	var writing, draining sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		draining.Go(func() {
			for {
				_, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon)
				if err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for n := range writers {
		writing.Go(func() {
			if err := write(dir, fmt.Sprint("s", n), entries); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	close(stop)
	draining.Wait()
	_, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"home": writers * entries}, inputBySubscription(t, store))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing was taken for damaged either")
}

func write(dir, id string, entries int) error {
	w, err := New(dir).Create(session(id), "")
	if err != nil {
		return err
	}
	for i := range entries {
		if err := w.Observe(observation(fmt.Sprint(id, "-", i), 1)); err != nil {
			return err
		}
	}
	return w.End(pool.End{Reason: pool.EndedByExit}, noon)
}

// A record that the store refuses for what is in it is kept, and holds up no other.
func TestDrainGoesOnAfterARefusedRecord(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	for _, id := range []string{"a", "b", "c"} {
		require.NoError(t, write(dir, id, 1))
	}
	store := storeWith(t, pool.Subscription{Name: "home"})
	n, err := New(dir).Drain(ctx, picky{store}, probe(pool.Dead), noon)
	require.ErrorContains(t, err, "b.jsonl: constraint failed")
	require.Equal(t, 2, n)
	require.Equal(t, []string{filepath.Join(dir, "b.jsonl")}, New(dir).Files())
}

// picky is a store that refuses session b.
type picky struct{ pool.Store }

func (p picky) Restore(ctx context.Context, s pool.Session, observed []pool.Observation) error {
	if s.ID == "b" {
		return errors.New("constraint failed")
	}
	return p.Store.Restore(ctx, s, observed)
}

// An end without a reason, as another version may write one, is an end.
func TestDrainOfAnEndWithoutAReason(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	w, err := New(dir).Create(session("s1"), "")
	require.NoError(t, err)
	require.NoError(t, w.End(pool.End{Signal: "SIGTERM"}, noon))
	store := storeWith(t)
	_, err = New(dir).Drain(ctx, store, probe(pool.Alive), noon)
	require.NoError(t, err)
	sessions, err := store.Sessions(ctx, true, 0)
	require.NoError(t, err)
	require.Equal(t, pool.End{Reason: pool.EndedByExit, Signal: "SIGTERM"}, sessions[0].End)
}

func TestFilesOfNoSpool(t *testing.T) {
	t.Parallel()
	require.Empty(t, New().Files())
	require.Empty(t, New(filepath.Join(t.TempDir(), "none")).Files())
	shared := t.TempDir()
	require.NoError(t, os.Chmod(shared, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(shared, "evil.jsonl"), []byte(strings.Repeat("{}\n", 3)), 0o600))
	require.Empty(t, New(shared).Files(), "others can put files there")
}

// Why the store did not take a session is told once it does, once an hour for each reason.
func TestDrainTellsOfTheTrouble(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	busy := fmt.Errorf("book to session 1: %w: locked by 4711", pool.ErrBusy)
	for id, err := range map[string]error{"a": busy, "b": busy, "late": nil, "unknown": pool.ErrNotFound} {
		w, created := New(dir).Create(session(id), "")
		require.NoError(t, created)
		require.NoError(t, w.Trouble(err, noon))
		require.NoError(t, w.Observe(observation(id, 1)))
		require.NoError(t, w.End(pool.End{Reason: pool.EndedByExit}, noon.Add(time.Minute)))
	}
	store := storeWith(t, pool.Subscription{Name: "home"})
	n, err := New(dir).Drain(ctx, store, probe(pool.Dead), noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 4, n)
	events, err := store.Events(ctx, pool.EventQuery{})
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.Equal(t, pool.EventStoreTrouble, events[0].Kind)
	require.Equal(t, "the store could not be used: database is busy", events[0].Text)
	require.Equal(t, noon, events[0].At)
	require.Equal(t, map[string]int64{"home": 4}, inputBySubscription(t, store))
}
