package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatIsShownOfADatabase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/a/pool.db": "/a/pool.db", "": "", "postgres://": "postgres:///", "postgres://?service=a": "postgres:///?service=a",
		"postgres://h/p": "postgres://h/p", "postgresql://u@h:5/p": "postgresql://u@h:5/p",
		"postgres://u:secret@h/p":                               "postgres://u@h/p",
		"postgres://u:s%40cr%2Fet@h/p":                          "postgres://u@h/p",
		"postgres:///p?host=/run/pg&password=secret&port=5":     "postgres:///p?host=%2Frun%2Fpg&port=5",
		"postgres://h/p?sslpassword=secret&search_path=a":       "postgres://h/p?search_path=a",
		"postgres://u:secret@a:1,b:2/p?target_session_attrs=rw": "postgres://u@a:1,b:2/p",
	} {
		got := hidePassword(text)
		require.Equal(t, want, got)
		s, err := loadSettings(append(homeWith(t, ""), databaseVar+"="+text))
		require.NoError(t, err, text)
		if text != "" {
			require.Equal(t, text, s.Database)
		}
	}
}

// What of these is the password nobody can tell, so they are refused, and not shown.
func TestDatabasesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"postgres://u:secret/1@h/p", "postgres://u:1/secret@h/p", "postgres://u:secret#1@h/p", "postgres://u:?secret@h/p", "postgres://u:%secret@h/p",
		"postgres://u:sec ret@h:x/p", "mysql://u:secret@h/p", "host=h password=secret", "postgres://u:secret\x01@h/p",
	} {
		for _, config := range []bool{false, true} {
			env := homeWith(t, "")
			if config {
				env = homeWith(t, "db = "+tomlValue(text))
			} else {
				env = append(env, databaseVar+"="+text)
			}
			s, err := loadSettings(env)
			require.Error(t, err, text)
			require.NotContains(t, err.Error(), "secret", text)
			require.Equal(t, s.places.database(), s.Database)
		}
	}
}

// The place of what belongs to a database is the same whatever the password, and another for another database.
func TestWhatBelongsToADatabaseOnAServer(t *testing.T) {
	t.Parallel()
	at := func(database string, more ...string) string {
		s, err := loadSettings(append(append(homeWith(t, ""), "XDG_STATE_HOME=/state", databaseVar+"="+database), more...))
		require.NoError(t, err)
		return s.databaseFile()
	}
	one := at("postgres://u:old@h/p")
	require.Equal(t, "/state/claudepool/servers", filepath.Dir(filepath.Dir(one)))
	require.Equal(t, one, at("postgres://u:new@h/p?connect_timeout=3"))
	require.NotEqual(t, one, at("postgres://u:old@h/q"))
	require.NotEqual(t, one, at("postgres://u:old@h/p?search_path=other"))
	require.NotEqual(t, at("postgres:///p", "PGHOST=a"), at("postgres:///p", "PGHOST=b"))
	require.Equal(t, "/a/pool.db", at("/a/pool.db", "PGHOST=a"))
}

func TestOurClockGoesByTheDatabases(t *testing.T) {
	t.Parallel()
	var c clock
	c.setAhead(time.Hour)
	require.WithinDuration(t, time.Now().Add(time.Hour), c.now(), time.Minute)
	require.WithinDuration(t, time.Now(), c.onDisk(c.now()), time.Minute)
	require.Equal(t, noon, (*clock)(nil).onDisk(noon))
	require.Equal(t, "as ours", clockWords(-300*time.Millisecond))
	require.Equal(t, "2m00s behind ours", clockWords(-2*time.Minute))
	require.Equal(t, "1h00m ahead of ours", clockWords(time.Hour))
}
