package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/notify"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// ran lets a task seem to have ended then.
func (e examined) ran(name, trouble string, at time.Time) {
	e.Helper()
	runner := pool.Process{PID: 1}
	began, err := e.store.BeginTask(e.Context(), name, 0, runner, e.probe, at)
	require.NoError(e, err)
	require.True(e, began)
	require.NoError(e, e.store.EndTask(e.Context(), name, runner, "", trouble, at))
}

func TestDoctorTellsOfTheUpkeep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		spoil func(examined)
		want  string
	}{
		{"nothing", func(examined) {}, "ok: the pool is looked after | "},
		{"a task that failed", func(e examined) { e.ran(taskSync, "no room", e.now()) },
			"warning: the task sync failed at TIME: no room | to try again: claudepool maintain"},
		{"one that was told to stop", func(e examined) { e.ran(taskSync, upkeep.Interrupted, e.now()) },
			"ok: the pool is looked after | "},
		{"one that works again", func(e examined) { e.ran(taskSync, "no room", e.now()); e.ran(taskSync, "", e.now()) },
			"ok: the pool is looked after | "},
		{"nobody", func(e examined) {
			e.ran(taskCheckpoint, "", e.now().AddDate(0, 0, -4))
			e.subscriptions[0].CreatedAt = e.now().AddDate(0, 0, -9)
			e.session(e.now())
		}, "warning: nothing has looked after the pool since TIME | to do it now: claudepool maintain"},
		{"nobody, since it is off", func(e examined) {
			e.settings.Maintenance.Detached = false
			e.subscriptions[0].CreatedAt = e.now().AddDate(0, 0, -9)
			e.session(e.now())
		}, `warning: nothing has looked after the pool since TIME | to have it done after a run: maintain = "on", with: claudepool config edit`},
		{"nobody, and nobody uses it", func(e examined) { e.subscriptions[0].CreatedAt = e.now().AddDate(0, 0, -9) },
			"ok: the pool is looked after | "},
		{"deliveries that were given up", func(e examined) {
			event := pool.StoreTroubleEvent("busy", e.now())
			require.NoError(e, e.store.RecordEvents(e.Context(), event))
			require.NoError(e, e.store.Dispatch(e.Context(), "hook", e.now().Add(-time.Hour), func(pool.Event) bool { return true }))
			next, err := e.store.NextDeliveries(e.Context(), "hook", e.now(), 0)
			require.NoError(e, err)
			require.Len(e, next, 1)
			require.NoError(e, e.store.NoteTry(e.Context(), "hook", next[0].Event.Number,
				pool.Try{At: e.now(), State: pool.DeliveryDead, Trouble: "answered 500"}))
		}, "warning: 1 event could not be delivered to the channel hook: answered 500 | to try again: claudepool notify retry --channel hook"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			e := healthy(t)
			c.spoil(e)
			since := e.subscriptions[0].CreatedAt
			tasks, err := e.store.Tasks(t.Context())
			require.NoError(t, err)
			for _, task := range tasks {
				since = task.LastRun
			}
			require.Equal(t, strings.ReplaceAll(c.want, "TIME", localTime(since, e.now())), e.ask("upkeep"))
		})
	}
}

func TestDoctorTellsOfChannels(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	require.Empty(t, e.ask("channels"), "there are none")
	e.settings.files = []configFile{{channels: []notify.Settings{
		{Name: "hook", Kind: notify.Webhook, URLFrom: "HOOK_URL", SecretFrom: "HOOK_SECRET", HeadersFrom: map[string]string{"X": "HOOK_SECRET"}},
		{Name: "file", Kind: notify.Log, File: "/log"},
	}}}
	require.Equal(t, `warning: the channel hook can't deliver from here: the variable HOOK_SECRET is not set | to set it: export HOOK_SECRET=…
warning: the channel hook can't deliver from here: the variable HOOK_URL is not set | to set it: export HOOK_URL=…`, e.ask("channels"))
	e.set("HOOK_URL", "made-up")
	e.set("HOOK_SECRET", "made-up")
	require.Equal(t, "ok: 2 channels for events | ", e.ask("channels"))
}
