package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// No key is made of others and taken apart again: whatever is in a name, it is that name and nothing else.
var keyTests = suite{
	"KeepWhatLooksLikeSeparators": keysKeepWhatLooksLikeSeparators,
	"AreNoPatterns":               keysAreNoPatterns,
	"OfEventsAreOfOneThing":       keysOfEventsAreOfOneThing,
}

// trickyTexts are hostileTexts, and some of which one is the beginning of another.
var trickyTexts = append([]string{"usage:1:1764000000000", "usage:1", "usage", "1", "NaN", "a/b", "a", "a%", "a_", "*"}, hostileTexts...)

func keysKeepWhatLooksLikeSeparators(h *harness) {
	for n, name := range []string{"a", "a.b", "a-1", "a-1-1", "a@b+c", "0", "1", "NaN"} {
		h.add(name, func(s *pool.Subscription) { s.Tags = []string{fmt.Sprint("t", n)} })
	}
	want := map[string]int64{}
	for n, text := range trickyTexts {
		s := h.acquire(pool.Request{Names: []string{"a-1"}, Conversation: text, CWD: "/" + text})
		amount := int64(1) << n
		h.observe(s.ID, pool.Observation{At: h.now, Entries: []pool.Entry{
			{ID: fmt.Sprintf("%s:%d", text, n), At: h.now, Conversation: text, Model: text, Messages: 1, Tokens: pool.Tokens{Input: amount}},
		}})
		want[text] += amount
		h.release(s.ID)
	}
	require.Equal(h, want, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByConversation}}))
	require.Equal(h, want, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByModel}}))
	all := int64(1)<<len(trickyTexts) - 1
	require.Equal(h, map[string]int64{"a-1": all}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
	for text, amount := range want {
		rows := h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByProject}})
		found := false
		for _, row := range rows {
			found = found || row.Keys[0] == "/"+text && row.Tokens.Input == amount
		}
		require.True(h, found, "%q", text)
	}
	for _, c := range h.conversations("a-1") {
		require.Contains(h, want, c.ID)
		delete(want, c.ID)
	}
	require.Empty(h, want, "each has its home")
}

func keysAreNoPatterns(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for _, pattern := range []string{"%", "_", "*", "?", "[0-9a-f]%", s.ID[:4] + "%", s.ID + ":", " " + s.ID, "nul\x00"} {
		_, err := h.store.Session(h.ctx, pattern)
		require.ErrorIs(h, err, pool.ErrNotFound, "%q", pattern)
		require.ErrorIs(h, h.store.Release(h.ctx, pattern, pool.End{Reason: pool.EndedByHand}, h.now), pool.ErrNotFound, "%q", pattern)
		_, err = h.store.UpdateSubscription(h.ctx, pattern, func(*pool.Subscription) error { return nil })
		require.ErrorIs(h, err, pool.ErrNotFound, "%q", pattern)
	}
	for _, path := range []string{"/a_b/1", "/a%b/1", "/axb/1", "/A_B/1"} {
		f := h.file(path)
		f.book([]pool.Message{h.message("c", "m"+path, 1)})
	}
	for prefix, want := range map[string]int{"/a_b/": 1, "/a%b/": 1, "/a": 3, "/": 4, "": 4, "%": 0, "_": 0, "/a_b/1": 1} {
		known, err := h.store.Checkpoints(h.ctx, prefix)
		require.NoError(h, err)
		require.Len(h, known, want, "%q", prefix)
	}
}

// keysOfEventsAreOfOneThing: two windows, or scopes, never share a cause, however they are called.
func keysOfEventsAreOfOneThing(h *harness) {
	h.add("a")
	share := 0.9
	kinds := map[pool.WindowKind]bool{}
	for _, text := range trickyTexts {
		kind := pool.WindowKind(text)
		kinds[kind] = true
		require.NoError(h, h.store.ObserveWindows(h.ctx, "a", []pool.Window{
			{Kind: kind, Utilization: &share, ResetsAt: h.now.Add(time.Hour), ObservedAt: h.now},
		}))
	}
	told := map[pool.WindowKind]bool{}
	for _, e := range h.eventsOf(pool.EventThreshold) {
		told[e.Window] = true
	}
	require.Equal(h, kinds, told)
	for _, req := range []pool.Request{{Tags: []string{"x", "y"}}, {Tags: []string{"x-y"}}, {Tags: []string{"y", "x"}}, {Names: []string{"a"}, Tags: []string{"x"}}} {
		h.exhausted(req)
	}
	require.Len(h, h.eventsOf(pool.EventExhausted), 3, "the order of tags does not matter, and nothing else is the same")
}
