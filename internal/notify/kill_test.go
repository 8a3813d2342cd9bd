package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// The test binary becomes a process that causes events and delivers them, and that kills itself at one of its steps.
const (
	killedVar = "NOTIFY_TEST_KILLED_AT"
	dirVar    = "NOTIFY_TEST_DIR"
)

func TestMain(m *testing.M) {
	if at := os.Getenv(killedVar); at != "" {
		os.Exit(causeAndDeliver(at, os.Getenv(dirVar)))
	}
	os.Exit(m.Run())
}

// steps kills the process at one of them: before or after each call there is one.
type steps struct{ left int }

func (s *steps) step() {
	if s.left--; s.left == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // it does not come at once
	}
}

func (s *steps) around(call func() error) error {
	s.step()
	err := call()
	s.step()
	return err
}

// killedStore is a store that counts its calls as steps.
type killedStore struct {
	pool.Store
	*steps
}

func (s killedStore) Dispatch(ctx context.Context, channel string, since time.Time, wants func(pool.Event) bool) error {
	return s.around(func() error { return s.Store.Dispatch(ctx, channel, since, wants) })
}

func (s killedStore) NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) (due []pool.Delivery, err error) {
	err = s.around(func() error { due, err = s.Store.NextDeliveries(ctx, channel, now, limit); return err })
	return due, err
}

func (s killedStore) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	return s.around(func() error { return s.Store.NoteTry(ctx, channel, event, try) })
}

// killedChannel is a channel whose tries are steps.
type killedChannel struct {
	Channel
	*steps
}

func (c killedChannel) Deliver(ctx context.Context, m Message) error {
	return c.around(func() error { return c.Channel.Deliver(ctx, m) })
}

// causeAndDeliver is the process: it books limits and other things, and delivers the events of that.
func causeAndDeliver(at, dir string) int {
	n, err := strconv.Atoi(at)
	killed := &steps{n}
	ctx := context.Background()
	store, opening := sqlitestore.Open(ctx, filepath.Join(dir, "pool.db"), sqlitestore.Options{})
	if err = errors.Join(err, opening); err != nil {
		fmt.Println(err)
		return 1
	}
	for _, name := range []string{"a", "b"} {
		window := pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: noon.Add(time.Hour), ObservedAt: time.Now()}
		window.ResetsAt = window.ObservedAt.Add(time.Hour)
		err = errors.Join(err, killed.around(func() error { return store.ObserveWindows(ctx, name, []pool.Window{window}) }))
	}
	err = errors.Join(err, killed.around(func() error { return store.RecordEvents(ctx, pool.StoreTroubleEvent("it was full", time.Now())) }))
	d := toLog(killedStore{store, killed}, dir)
	d.open = func(s Settings, c Caller) Channel { return killedChannel{Open(s, c), killed} }
	_, running := d.Run(ctx)
	if err = errors.Join(err, running, store.Close()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// toLog is a deliverer to a log in a directory.
func toLog(store pool.Outbox, dir string) Deliverer {
	return Deliverer{Store: store, Now: time.Now, Channels: []Settings{{
		Name: "log", Kind: Log, File: filepath.Join(dir, "events.jsonl"), LogSize: DefaultLogSize, Timeout: 5 * time.Second, Attempts: 3,
	}}}
}

// TestKilledAtEveryStep kills the process at every step between an event's cause and its delivery, and delivers what is left then: each event
// that has its cause arrived, and none that has not.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	kills := 0
	for n := 1; ; n++ {
		dir := poolWithSubscriptions(t)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killedVar+"="+strconv.Itoa(n), dirVar+"="+dir)
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), "%v: %s", err, said)
			kills++
		} else {
			require.NoError(t, err)
		}
		requireAllArrive(t, dir, n)
		if err == nil {
			break
		}
	}
	require.Greater(t, kills, 15)
}

// poolWithSubscriptions makes a pool with the subscriptions a and b, and returns its directory.
func poolWithSubscriptions(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "pool.db"), sqlitestore.Options{Create: true})
	require.NoError(t, err)
	for _, name := range []string{"a", "b"} {
		_, err := store.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: "/" + name, Enabled: true})
		require.NoError(t, err)
	}
	require.NoError(t, store.Close())
	return dir
}

func requireAllArrive(t *testing.T, dir string, n int) {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "pool.db"), sqlitestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	_, err = toLog(store, dir).Run(t.Context())
	require.NoError(t, err)

	events, err := store.Events(t.Context(), pool.EventQuery{})
	require.NoError(t, err)
	var arrived []string
	if len(events) > 0 {
		arrived = logged(t, filepath.Join(dir, "events.jsonl"))
	}
	want, limits := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		want[e.ID] = true
		require.Contains(t, arrived, e.ID, "killed at %d: %s", n, e.Text)
		limits[e.Subscription] = limits[e.Subscription] || e.Kind == pool.EventLimit
	}
	for _, id := range arrived {
		require.True(t, want[id], "killed at %d: what arrived has its cause in the store", n)
	}
	require.LessOrEqual(t, len(arrived), len(events)+1, "killed at %d: only what was being delivered comes again", n)
	slices.Reverse(events)
	requireOrder(t, events, arrived)
	candidates, err := store.Candidates(t.Context(), time.Now())
	require.NoError(t, err)
	for _, c := range candidates {
		require.Equal(t, len(c.Windows) > 0, limits[c.Subscription.Name], "killed at %d: %s has a limit and its event, or neither", n, c.Subscription.Name)
	}
}
