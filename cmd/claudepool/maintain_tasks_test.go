package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// A login that ends soon is told of once, and nobody reads what it is.
func TestLoginsThatEndSoonAreEvents(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	ends := e.now().Add(6 * 24 * time.Hour).Truncate(time.Hour)
	e.login(`{"loggedIn":true,"email":"me@example.com","orgId":"o","loginExpiresAt":"` + ends.Format(time.RFC3339) + `"}`)
	for range 2 {
		report, err := e.loginsTask(t.Context(), e.store)
		require.NoError(t, err)
		require.Equal(t, "1 login to renew soon", report.Words)
		events, err := e.store.Events(t.Context(), pool.EventQuery{})
		require.NoError(t, err)
		require.Len(t, events, 1)
		require.Equal(t, pool.EventLoginExpiring, events[0].Kind)
		require.Equal(t, "default", events[0].Subscription)
		require.True(t, ends.Equal(events[0].ExpiresAt))
	}
}

func TestLoginsThatLastAreNone(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	for _, said := range []string{
		`{"loggedIn":true,"loginExpiresAt":"2100-01-01T00:00:00Z"}`, `{"loggedIn":true}`, `{"loggedIn":false}`, "what?",
	} {
		e.login(said)
		report, err := e.loginsTask(t.Context(), e.store)
		require.NoError(t, err)
		require.Empty(t, report.Words, said)
	}
	e.settings.Claude = "/nowhere/claude"
	_, err := e.loginsTask(t.Context(), e.store)
	require.NoError(t, err, "doctor tells of a CLI that is missing")
	events, err := e.store.Events(t.Context(), pool.EventQuery{})
	require.NoError(t, err)
	require.Empty(t, events)
}

func TestOldEventsAreForgotten(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	left := func() int {
		_, err := e.eventsTask(t.Context(), e.store)
		require.NoError(t, err)
		events, err := e.store.Events(t.Context(), pool.EventQuery{})
		require.NoError(t, err)
		return len(events)
	}
	for days := range 40 {
		require.NoError(t, e.store.RecordEvents(t.Context(), pool.StoreTroubleEvent("busy", e.now().AddDate(0, 0, -39+days))))
	}
	e.settings.Maintenance.EventsKeepDays, e.settings.Maintenance.EventsKeep = 0, 0
	require.Equal(t, 40, left(), "0 is for ever")
	e.settings.Maintenance.EventsKeepDays = 30
	require.InDelta(t, 30, left(), 1)
	e.settings.Maintenance.EventsKeep = 5
	require.Equal(t, 5, left())
}

// What depends on where a run is does not where nothing is.
func TestTheEnvironmentOfTheUpkeepDependsOnNoDirectory(t *testing.T) {
	t.Parallel()
	a, err := newApp(claudecli.Environment{"HOME=/home/me", "CLAUDEPOOL_DB=my.db", "CLAUDEPOOL_LOG=debug:my.log", "CLAUDEPOOL_REPORT=r.json"})
	require.NoError(t, err)
	a.settings.project = &project{path: "/src/claudepool.toml"}
	env, err := a.upkeepEnvironment()
	require.NoError(t, err)
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	require.Equal(t, claudecli.Environment{
		"HOME=/home/me", "CLAUDEPOOL_DB=" + here + "/my.db", "CLAUDEPOOL_LOG=debug:" + here + "/my.log", "CLAUDEPOOL_CONFIG=/src/claudepool.toml",
	}, env)
}

func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	log := newLogger(logSetting{level: slog.LevelInfo, path: path}, 1)
	for range 12 {
		log.Info(strings.Repeat("x", 100_000))
	}
	require.FileExists(t, path+".1")
	require.NoFileExists(t, path+".2")
}
