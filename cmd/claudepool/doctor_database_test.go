package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// onDisk is a healthy doctor whose pool is a file.
func onDisk(t *testing.T) examined {
	t.Helper()
	e := healthy(t)
	require.NoError(t, os.Remove(e.settings.Database))
	store, err := sqlitestore.Open(t.Context(), e.settings.Database, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	for _, name := range []string{"work", "other"} {
		_, err = store.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: "/" + name, Enabled: true, CreatedAt: e.now()})
		require.NoError(t, err)
	}
	require.NoError(t, store.Close())
	t.Cleanup(e.close)
	return e
}

// The file itself is looked at: as it should be, damaged within, cut off, and of an older claudepool.
func TestDoctorReadsTheWholeDatabase(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		spoil func(text []byte) []byte
		want  string
	}{
		"sound": {func(text []byte) []byte { return text }, "ok: the database is sound and its schema the latest: "},
		"an index without its entries": {func(text []byte) []byte {
			return []byte(strings.Replace(string(text), "/work", "/wrok", 1)) // in the table or in the index of directories
		}, "error: the database is damaged: "},
		"cut off": {func(text []byte) []byte { return text[:len(text)/2] }, "error: the pool can't be used: "},
		"empty":   {func([]byte) []byte { return nil }, "error: the pool can't be used: open HOME/.local/state/claudepool/pool.db: database was made by an older claudepool | bring it up to date: claudepool doctor --fix"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := onDisk(t)
			text, err := os.ReadFile(e.settings.Database)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(e.settings.Database, c.spoil(text), 0o600))
			before, err := os.ReadFile(e.settings.Database)
			require.NoError(t, err)
			e.store = nil
			e.openPool(t.Context())
			got := e.ask("database")
			require.True(t, strings.HasPrefix(got, c.want), got)
			e.close()
			after, err := os.ReadFile(e.settings.Database)
			require.NoError(t, err)
			require.Equal(t, before, after)
			entries, err := os.ReadDir(e.settings.places.state)
			require.NoError(t, err)
			require.Len(t, entries, 1, "%v", entries)
		})
	}
}
