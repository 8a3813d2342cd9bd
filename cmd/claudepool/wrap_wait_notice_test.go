package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestWaitWords(t *testing.T) {
	now := time.Date(2026, 11, 25, 15, 22, 50, 0, time.Local)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	zone := in(0).Format("MST")
	limited := pool.Verdict{Subscription: "work", Code: pool.Limited, FreeAt: in(4*time.Minute + 10*time.Second)}
	later := pool.Verdict{Subscription: "other", Code: pool.CoolingDown, FreeAt: in(time.Hour)}
	full := pool.Verdict{Subscription: "ci", Code: pool.Full}
	for _, c := range []struct {
		e    pool.ExhaustedError
		want string
	}{
		{
			pool.ExhaustedError{FreeAt: limited.FreeAt, Verdicts: []pool.Verdict{later, limited}},
			"pool is exhausted; work frees up at 15:27 " + zone + ", in 4m10s; waiting up to 10m00s",
		},
		{
			pool.ExhaustedError{FreeAt: limited.FreeAt, Verdicts: []pool.Verdict{full, limited}, Ahead: 2},
			"pool is exhausted; work frees up at 15:27 " + zone + ", in 4m10s, or when a session ends; 2 ahead in the queue; waiting up to 10m00s",
		},
		{
			pool.ExhaustedError{Verdicts: []pool.Verdict{full}, Ahead: 1},
			"pool is exhausted; 1 ahead in the queue; waiting for a session to end, up to 10m00s",
		},
		{
			pool.ExhaustedError{Verdicts: []pool.Verdict{{Code: pool.SignedOut}}},
			"pool is exhausted; waiting for room, up to 10m00s",
		},
		{ // it is free, or was, and somebody else was first
			pool.ExhaustedError{FreeAt: now, Verdicts: []pool.Verdict{{Subscription: "work", FreeAt: now}}},
			"pool is exhausted; waiting for room, up to 10m00s",
		},
	} {
		words := waitWords(&c.e, now, in(10*time.Minute))
		require.Equal(t, c.want, words[0])
		for i := range words[1:] {
			require.Less(t, len(words[i+1]), len(words[i]))
		}
	}
	words := waitWords(&pool.ExhaustedError{}, now, in(-time.Second))
	require.Equal(t, "pool is exhausted; waiting for room, up to 0s", words[0], "the time is over")
}

// testWaiter is a waiter whose clock and terminal the test has.
func testWaiter(live bool, room *int, now *time.Time) (*waiter, *bytes.Buffer) {
	var out bytes.Buffer
	freeAt := now.Add(90 * time.Second)
	return &waiter{
		launch:    &launch{app: &app{now: func() time.Time { return *now }}},
		exhausted: &pool.ExhaustedError{FreeAt: freeAt, Verdicts: []pool.Verdict{{Subscription: "work", FreeAt: freeAt}}},
		until:     now.Add(time.Hour),
		notice:    notice{out: &out, live: live, room: func() int { return *room }},
	}, &out
}

func TestNoticeIsRedrawnInItsPlace(t *testing.T) {
	room, now := 200, time.Date(2026, 11, 25, 15, 22, 50, 0, time.Local)
	w, out := testWaiter(true, &room, &now)
	drawn := func() string { defer out.Reset(); return out.String() }
	zone := now.Format("MST")
	w.tell()
	require.Equal(t, "\r\x1b[Kclaudepool: pool is exhausted; work frees up at 15:24 "+zone+", in 1m30s; waiting up to 1h00m, Ctrl-C leaves", drawn())
	now = now.Add(300 * time.Millisecond)
	w.tell()
	require.Empty(t, drawn(), "once a second")
	for _, want := range []string{
		"claudepool: pool is exhausted; work frees up at 15:24 " + zone + ", in 1m29s; waiting up to 59m59s",
		"claudepool: work frees up at 15:24 " + zone + ", in 1m28s; waiting up to 59m58s",
		"claudepool: work frees up at 15:24 " + zone + ", in 1m27s",
		"claudepool: work frees up in 1m26s",
		"claudepool: work fre",
	} {
		room, now = len(want), now.Add(time.Second)
		w.tell()
		require.Equal(t, "\r\x1b[K"+want, drawn())
	}
	w.notice.end()
	require.Equal(t, "\r\x1b[K", drawn())
	w.notice.end()
	require.Empty(t, drawn(), "there is nothing left to clear")
	room = 0
	w.tell()
	w.notice.end()
	require.Empty(t, drawn(), "the terminal is somebody else's")
}

func TestNoticeIsALineAMinute(t *testing.T) {
	room, now := 10, time.Date(2026, 11, 25, 15, 22, 50, 0, time.Local)
	w, out := testWaiter(false, &room, &now)
	for range 150 {
		w.tell()
		now = now.Add(time.Second)
	}
	w.notice.end()
	zone := now.Format("MST")
	require.Equal(t, ""+
		"claudepool: pool is exhausted; work frees up at 15:24 "+zone+", in 1m30s; waiting up to 1h00m\n"+
		"claudepool: pool is exhausted; work frees up at 15:24 "+zone+", in 30s; waiting up to 59m00s\n"+
		"claudepool: pool is exhausted; waiting for room, up to 58m00s\n", out.String())
}
