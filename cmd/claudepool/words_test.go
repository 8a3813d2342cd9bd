package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestParseWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		berlin = time.FixedZone("CET", 3600)
	}
	now := time.Date(2026, 11, 24, 12, 30, 0, 0, berlin) // a Tuesday
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, berlin) }
	for text, want := range map[string][2]time.Time{
		"":                     {},
		"now":                  {now, now},
		"today":                {day(24), day(25)},
		"yesterday":            {day(23), day(24)},
		"this-week":            {day(23), day(30)},
		"2026-11-02":           {day(2), day(3)},
		"2026-11-02T01:00:00Z": {time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC), time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)},
		"90m":                  {now.Add(-90 * time.Minute), now.Add(-90 * time.Minute)},
		"7d":                   {now.Add(-7 * 24 * time.Hour), now.Add(-7 * 24 * time.Hour)},
		"2w":                   {now.Add(-14 * 24 * time.Hour), now.Add(-14 * 24 * time.Hour)},
	} {
		begin, end, err := parseWhen("since", text, now)
		require.NoError(t, err, text)
		require.True(t, begin.Equal(want[0]) && end.Equal(want[1]), "%q: %v to %v", text, begin, end)
	}
	for _, text := range []string{"tomorrow", "-1h", "7", "d", "-7d", "2026-13-01", "99999d", "1e9h"} {
		_, _, err := parseWhen("since", text, now)
		require.Error(t, err, text)
	}
}

func TestParseUntil(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 24, 12, 30, 0, 0, berlin)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, berlin) }
	for text, want := range map[string]time.Time{
		"15:30": at(24, 15, 30), "12:31": at(24, 12, 31), "12:30": at(25, 12, 30), "9:05": at(25, 9, 5), "15:30:00": at(24, 15, 30),
		"tomorrow": at(25, 0, 0), "tomorrow 9:00": at(25, 9, 0), "tomorrow 15:30": at(25, 15, 30),
		"2026-11-26": at(26, 0, 0), "2026-11-26 15:30": at(26, 15, 30), "2026-11-26T15:30": at(26, 15, 30), "2026-11-26T15:30:00": at(26, 15, 30),
		"2026-11-26T15:30:00Z": at(26, 16, 30), "2026-11-24T13:00:00+01:00": at(24, 13, 0),
	} {
		got, err := parseUntil("until", text, now)
		require.NoError(t, err, text)
		require.True(t, got.Equal(want), "%q: %v", text, got)
	}
	for _, text := range []string{"", "noon", "24:00", "25:10", "tomorrow noon", "tomorrow-9:00", "2026-11-24", "2026-11-24 12:30", "2026-11-23T15:30:00Z", "7d", "today", "now", "2026-13-01"} {
		_, err := parseUntil("until", text, now)
		require.Error(t, err, text)
	}
}

func TestSplitRunArgs(t *testing.T) {
	for _, c := range []struct{ args, names, rest []string }{
		{},
		{args: []string{"-p", "hi"}, rest: []string{"-p", "hi"}},
		{args: []string{"--", "--subscription", "a", "--"}, rest: []string{"--subscription", "a", "--"}},
		{args: []string{"--subscription", "a", "--subscription=b,c", "x", "--subscription", "d"}, names: []string{"a", "b", "c"}, rest: []string{"x", "--subscription", "d"}},
		{args: []string{"--subscription", "a", "--", "--help"}, names: []string{"a"}, rest: []string{"--help"}},
		{args: []string{"", "--help"}, rest: []string{"", "--help"}},
	} {
		run, ok := splitRunArgs(c.args)
		require.True(t, ok, c.args)
		require.Equal(t, c.names, run.names, c.args)
		require.ElementsMatch(t, c.rest, run.rest, c.args)
		require.Nil(t, run.wait, c.args)
	}
	for _, args := range [][]string{{"--help"}, {"-h"}, {"--subscription"}, {"--subscription=", "x"}, {"--subscription", "a", "--help"}, {"--wait"}, {"--wait=", "x"}, {"--wait", "soon", "x"}, {"--wait=-1s"}} {
		_, ok := splitRunArgs(args)
		require.False(t, ok, args)
	}
}

func TestSplitRunArgsTakesWait(t *testing.T) {
	for _, c := range []struct {
		args []string
		want time.Duration
		rest []string
	}{
		{[]string{"--wait", "10m", "-p", "--wait", "1s"}, 10 * time.Minute, []string{"-p", "--wait", "1s"}},
		{[]string{"--subscription", "a", "--wait=90", "--"}, 90 * time.Second, nil},
		{[]string{"--wait", "0", "x"}, 0, []string{"x"}},
	} {
		run, ok := splitRunArgs(c.args)
		require.True(t, ok, c.args)
		require.NotNil(t, run.wait, c.args)
		require.Equal(t, c.want, *run.wait, c.args)
		require.ElementsMatch(t, c.rest, run.rest, c.args)
	}
}

func TestNearest(t *testing.T) {
	subscriptions := []pool.Subscription{{Name: "default"}, {Name: "personal"}, {Name: "work"}}
	for typed, want := range map[string]string{
		"wrok": "work", "Work": "work", "persona": "personal", "defualt": "default", "": "", "something": "", "w": "",
	} {
		require.Equal(t, want, nearest(typed, subscriptions), typed)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, count(n))
	}
	for n, want := range map[int64]string{0: "0", 9_999: "9999", 10_000: "10k", 9_999_499: "9999k", 9_999_500: "10M", 123_000_000_000: "123G"} {
		require.Equal(t, want, short(n))
	}
	for d, want := range map[time.Duration]string{0: "0s", 65 * time.Second: "1m05s", 3 * time.Hour: "3h00m", 50 * time.Hour: "2d02h"} {
		require.Equal(t, want, span(d))
	}
}

func TestShellQuote(t *testing.T) {
	for word, want := range map[string]string{
		"": `''`, "/a/b-c": "/a/b-c", "a b": `'a b'`, "it's": `'it'\''s'`, "$(x)": `'$(x)'`, "~": `'~'`, "ü": `'ü'`,
	} {
		require.Equal(t, want, shellQuote(word))
	}
}
