package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuietHoursAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"22:00-07:00": "22:00-07:00", "9:30 - 10:00": "09:30-10:00", "00:00-23:59": "00:00-23:59",
	} {
		q, ok := ParseQuiet(text)
		require.True(t, ok, text)
		require.Equal(t, want, q.String())
	}
	for _, text := range []string{"", "22:00", "22:00-", "-07:00", "22:00-22:00", "24:00-07:00", "22-7", "22:00-07:00-08:00", "22:00-07:60"} {
		_, ok := ParseQuiet(text)
		require.False(t, ok, text)
	}
}

func TestWhenQuietHoursEnd(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, c := range []struct{ quiet, now, until string }{
		{"22:00-07:00", "2026-11-24 21:59:59", ""},
		{"22:00-07:00", "2026-11-24 22:00:00", "2026-11-25 07:00:00"},
		{"22:00-07:00", "2026-11-24 23:59:59", "2026-11-25 07:00:00"},
		{"22:00-07:00", "2026-11-25 00:00:00", "2026-11-25 07:00:00"},
		{"22:00-07:00", "2026-11-25 06:59:59", "2026-11-25 07:00:00"},
		{"22:00-07:00", "2026-11-25 07:00:00", ""},
		{"12:00-13:00", "2026-11-25 12:30:30", "2026-11-25 13:00:00"},
		{"12:00-13:00", "2026-11-25 23:30:00", ""},
		// The clocks go from 2:00 to 3:00 there: 2:30 does not exist.
		{"22:00-02:30", "2026-03-29 01:30:00", "2026-03-29 03:00:00"},
		{"02:10-02:50", "2026-03-29 03:00:00", ""},
		// And here from 3:00 back to 2:00: what ends at 2:30 ends at the first, and begins again with the second 2:00.
		{"22:00-02:30", "2026-10-25 01:00:00", "2026-10-25 02:30:00"},
	} {
		q, ok := ParseQuiet(c.quiet)
		require.True(t, ok)
		now, err := time.ParseInLocation(time.DateTime, c.now, berlin)
		require.NoError(t, err)
		until, quiet := q.Until(now)
		require.Equal(t, c.until != "", quiet, c)
		if quiet {
			require.Equal(t, c.until, until.Format(time.DateTime), c)
			require.True(t, until.After(now))
		}
	}
	// The second 2:15 of that night, which no text can say.
	q, _ := ParseQuiet("22:00-02:30")
	second := time.Date(2026, 10, 25, 1, 15, 0, 0, time.UTC).In(berlin)
	until, quiet := q.Until(second)
	require.True(t, quiet)
	require.Equal(t, 15*time.Minute, until.Sub(second))

	var never *Quiet
	_, quiet = never.Until(noon)
	require.False(t, quiet)
}
