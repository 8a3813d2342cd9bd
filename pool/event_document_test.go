package pool_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

const eventsDocument = "../docs/events.md"

// exampleEvents has one of each kind, as the code makes them.
func exampleEvents() (events []pool.Event) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	resets, used := at.Add(3*time.Hour), 0.82
	work := pool.Subscription{ID: 1, Name: "work", Tags: []string{"team"}, WeeklyBudget: pool.USD(100)}
	personal := pool.Subscription{ID: 2, Name: "personal", Tags: []string{}}
	first := pool.Session{
		ID: "5f0c1f7a9d3e4b21", SubscriptionID: 1, Subscription: "work", Conversation: "9b2f6a3c-2f6e-4e0e-8a3a-0d6f4f5b7c11",
		CWD: "/home/me/project", StartedAt: at.Add(-time.Hour), Met: pool.FiveHour,
	}
	next := first
	next.ID, next.SubscriptionID, next.Subscription, next.StartedAt = "c2a4e6081b3d5f70", 2, "personal", at
	ended := first
	ended.EndedAt = at
	window := pool.Window{Kind: pool.FiveHour, Status: pool.StatusWarning, Utilization: &used, ResetsAt: resets, ObservedAt: at, Since: at}
	full := window
	full.Status, full.Utilization = pool.StatusRejected, nil
	overage := pool.Window{Kind: pool.Overage, Status: pool.StatusAllowed, ObservedAt: at}
	shortage := pool.Shortage{Scope: "/team", Since: at, LastAt: at, Waiting: pool.Waiting{Tags: []string{"team"}}}
	refused := &pool.ExhaustedError{Told: []pool.Verdict{{
		Subscription: "work", Code: pool.Limited, Reason: "its 5-hour window is full", FreeAt: resets,
	}}}
	move := pool.Move{
		Conversation: pool.Conversation{ID: first.Conversation, Project: first.CWD}, From: "work", To: "personal",
		Reason: "work has used 82% of its week, personal 10%",
	}

	of := func(more ...pool.Event) { events = append(events, more...) }
	of(window.Alert(work, nil, pool.DefaultThresholds, at)...)
	of(full.Alert(work, []pool.Window{full}, nil, at)...)
	of(pool.FailoverEvent(next, personal, first)...)
	of(pool.ExhaustedEvent(shortage, refused), pool.RecoveredEvent(shortage, resets))
	allowing := work
	allowing.AllowOverage = true
	of(full.Alert(allowing, []pool.Window{full, overage}, nil, at)...)
	of(pool.Standing{Login: pool.LoginSignedOut, HeardAt: at}.Alert(pool.Standing{}, work, at)...)
	of(pool.LoginExpiringEvent(work, at.Add(72*time.Hour), at), pool.ReclaimedEvent(ended, work))
	of(pool.RebalancedEvent(move, personal, at), pool.StoreTroubleEvent(pool.ErrFull.Error(), at))
	for i := range events {
		events[i].ID = fmt.Sprintf("%016x", i+1)
	}
	return events
}

// The examples in the document are made by the code.
func TestEventsAreDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(eventsDocument)
	require.NoError(t, err)
	document := string(data)
	var kinds []pool.EventKind
	for _, e := range exampleEvents() {
		kinds = append(kinds, e.Kind)
		text, err := json.MarshalIndent(e, "", "  ")
		require.NoError(t, err)
		document = withExample(t, document, string(e.Kind), string(text))
		require.Regexp(t, fmt.Sprintf("\n\\| `%s` \\| %s \\| ", e.Kind, e.Level), document)
	}
	require.Equal(t, pool.EventKinds, kinds)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(eventsDocument, []byte(document), 0o644))
		return
	}
	require.Equal(t, document, string(data), "UPDATE_GOLDEN=1 writes it anew")
}

// withExample puts an example into the block below its heading.
func withExample(t *testing.T, document, kind, example string) string {
	t.Helper()
	const fence = "\n```"
	before, after, found := strings.Cut(document, "\n### `"+kind+"`\n")
	require.True(t, found, "no heading for %s", kind)
	words, block, found := strings.Cut(after, fence+"json\n")
	require.True(t, found, kind)
	require.NotContains(t, words, "\n### ", "%s has no example", kind)
	_, rest, found := strings.Cut(block, fence+"\n")
	require.True(t, found, kind)
	return before + "\n### `" + kind + "`\n" + words + fence + "json\n" + example + fence + "\n" + rest
}

func TestFieldsOfEventsAreDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(eventsDocument)
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(data), "\n## Fields\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var documented []string
	for line := range strings.Lines(table) {
		if row, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(row, "`")
			documented = append(documented, name)
		}
	}
	var fields []string
	for _, form := range []reflect.Type{reflect.TypeFor[pool.Event](), reflect.TypeFor[pool.EventDetails]()} {
		for i := range form.NumField() {
			name, _, _ := strings.Cut(form.Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" {
				fields = append(fields, name)
			}
		}
	}
	require.ElementsMatch(t, fields, documented)
}
