package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// The documents and tables here are golden files: their shape is a promise.

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata/golden", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "UPDATE_GOLDEN=1 writes it anew")
}

func goldenApp() (*app, *bytes.Buffer) {
	var out bytes.Buffer
	return &app{stdout: &out, now: func() time.Time { return noon }, settings: settings{places: places{home: "/home/me"}, Policy: pool.DefaultPolicy()}}, &out
}

func goldenDocument(t *testing.T, name string, document object) {
	t.Helper()
	a, out := goldenApp()
	require.NoError(t, a.printJSON(document))
	golden(t, name, out.String())
}

func fraction(f float64) *float64 { return &f }

func candidates() []pool.Candidate {
	return []pool.Candidate{
		{
			Subscription: pool.Subscription{Name: "default", Enabled: true},
			Running:      2,
			Week: pool.Usage{
				Messages: 12, Cost: pool.USD(12.5), CostUnknown: 1,
				Tokens: pool.Tokens{Input: 1_000_000, Output: 25_000, CacheCreation: 300_000, CacheCreation1h: 5, CacheRead: 20_000_000},
			},
			Windows: []pool.Window{
				{Kind: pool.FiveHour, Status: pool.StatusRejected, Utilization: fraction(1), ResetsAt: noon.Add(90 * time.Minute), ObservedAt: noon.Add(-time.Minute), Source: pool.FromStream},
				{Kind: pool.SevenDay, Status: pool.StatusAllowed, Utilization: fraction(0.615), ResetsAt: noon.AddDate(0, 0, 3), ObservedAt: noon.Add(-time.Minute), Source: pool.FromStream},
				{Kind: pool.SevenDayOpus, ObservedAt: noon.Add(-time.Hour), Source: pool.FromResult},
			},
		},
		{
			Subscription: pool.Subscription{Name: "spent", Enabled: true, MaxSessions: 4, WeeklyBudget: pool.USD(10)},
			Running:      4,
			Week:         pool.Usage{Messages: 1, Cost: pool.USD(9), Tokens: pool.Tokens{Input: 9_999}},
			// A window that has started anew since.
			Windows: []pool.Window{{Kind: pool.FiveHour, Status: pool.StatusAllowed, Utilization: fraction(0.9), ResetsAt: noon.Add(-time.Minute), ObservedAt: noon.Add(-time.Hour), Source: pool.FromStream}},
		},
		{
			Subscription: pool.Subscription{Name: "work", MaxSessions: 3},
			Standing:     pool.Standing{CooldownUntil: noon, BackoffUntil: noon.Add(-time.Hour)}, // both are over
			Week:         pool.Usage{CostUnknown: 2, Tokens: pool.Tokens{Input: 5}},
		},
	}
}

// closedCandidates are those that something else than a window keeps from being picked, or that pay.
func closedCandidates() []pool.Candidate {
	enabled := func(name string) pool.Subscription { return pool.Subscription{Name: name, Enabled: true} }
	reserved := enabled("reserved")
	reserved.Reserve = 0.15
	paying := enabled("paying")
	paying.AllowOverage = true
	key := enabled("key")
	key.API = true
	sevenDay := pool.Window{Kind: pool.SevenDay, Status: pool.StatusWarning, Utilization: fraction(0.9), ResetsAt: noon.AddDate(0, 0, 2), ObservedAt: noon, Source: pool.FromStatusLine}
	full, overage := sevenDay, sevenDay
	full.Status, full.Utilization = pool.StatusRejected, fraction(1)
	overage.Kind, overage.Status, overage.Utilization = pool.Overage, pool.StatusAllowed, nil
	return []pool.Candidate{
		{Subscription: enabled("out"), Standing: pool.Standing{Login: pool.LoginSignedOut, HeardAt: noon}},
		{Subscription: enabled("refused"), Standing: pool.Standing{Login: pool.LoginRefused, HeardAt: noon}},
		{Subscription: enabled("cooling"), Standing: pool.Standing{CooldownUntil: noon.AddDate(0, 0, 20)}},
		{Subscription: key, Standing: pool.Standing{Throttles: 3, BackoffUntil: noon.Add(2 * time.Minute)}},
		{Subscription: reserved, Windows: []pool.Window{sevenDay}},
		{Subscription: paying, Windows: []pool.Window{full, overage}},
	}
}

func TestStatusOfTheClosed(t *testing.T) {
	a, _ := goldenApp()
	goldenDocument(t, "status-closed.json", a.statusDocument(closedCandidates(), nil))
	inUTC(t)
	golden(t, "status-closed.txt", a.statusTable(closedCandidates(), nil).render(0))
	golden(t, "status-closed-80.txt", a.statusTable(closedCandidates(), nil).render(80))
	require.Equal(t, []string{
		"out: signed out; to sign in: claudepool login out",
		"refused: the API refuses its login; once its account may use the CLI: claudepool cooldown refused --clear",
	}, a.statusNotes(closedCandidates()))
}

func TestStatus(t *testing.T) {
	a, _ := goldenApp()
	states := sessionStates{"spent": {pool.StateRunning: 2, pool.StateIdle: 1, pool.StateStale: 1}}
	goldenDocument(t, "status.json", a.statusDocument(candidates(), states))
	goldenDocument(t, "status-empty.json", a.statusDocument(nil, nil))
	inUTC(t)
	golden(t, "status.txt", a.statusTable(candidates(), states).render(0))
	golden(t, "status-100.txt", a.statusTable(candidates(), states).render(100))
	golden(t, "status-80.txt", a.statusTable(candidates(), states).render(80))
}

func sessionList() []pool.Session {
	code := 3
	return []pool.Session{
		{
			ID: "00000000000000a1", Subscription: "work", Process: pool.Process{PID: 4711}, CWD: "/home/me/projects/a-rather-long-name/with/more/below",
			StartedAt: noon.Add(-65 * time.Second), HeartbeatAt: noon, ActiveAt: noon, Follows: "00000000000000b2",
		},
		{
			ID: "00000000000000a2", Subscription: "work", Process: pool.Process{PID: 4712}, CWD: "/home/me", StartedAt: noon.Add(-time.Hour),
			HeartbeatAt: noon, ActiveAt: noon, Said: pool.StateIdle,
		},
		{
			ID: "00000000000000a3", Subscription: "work", Process: pool.Process{PID: 4713}, CWD: "/home/me", StartedAt: noon.Add(-time.Hour),
			HeartbeatAt: noon.Add(-time.Hour), ActiveAt: noon.Add(-time.Hour),
		},
		{
			ID: "00000000000000b2", Subscription: "work", Conversation: "0b9bd3a5-6a6b-4f6e-9a53-6b2cf50e0a01",
			Process: pool.Process{PID: 12}, CWD: "/home/me/\x1b[31m", StartedAt: noon.Add(-26 * time.Hour), EndedAt: noon,
			End: pool.End{Reason: pool.EndedByExit, Code: &code}, Follows: "00000000000000c0", Met: pool.FiveHour,
		},
		{
			ID: "00000000000000c3", Process: pool.Process{PID: 13}, StartedAt: noon.AddDate(0, 0, -9), EndedAt: noon.AddDate(0, 0, -9).Add(2 * time.Hour),
			End: pool.End{Reason: pool.EndedByExit, Signal: "SIGTERM"},
		},
		{
			ID: "00000000000000d4", Subscription: "old", Process: pool.Process{PID: 14}, CWD: "/", StartedAt: noon.AddDate(0, 0, -9), EndedAt: noon.AddDate(0, 0, -9),
			End: pool.End{Reason: pool.EndedByReclaim},
		},
	}
}

func TestSessions(t *testing.T) {
	goldenDocument(t, "sessions.json", sessionsDocument(sessionList(), noon))
	inUTC(t)
	golden(t, "sessions.txt", sessionsTable(sessionList(), noon).render(0))
	golden(t, "sessions-100.txt", sessionsTable(sessionList(), noon).render(100))
	golden(t, "sessions-80.txt", sessionsTable(sessionList(), noon).render(80))
}

func TestUsage(t *testing.T) {
	report := usageReport{
		by: []pool.Dimension{pool.BySubscription, pool.ByProject},
		rows: []pool.UsageRow{
			{Keys: []string{"", "/home/me/<b>"}, Usage: pool.Usage{Messages: 3, Tokens: pool.Tokens{Input: 7}, CostUnknown: 3}},
			{Keys: []string{"old", "/a,b"}, Usage: pool.Usage{Messages: 1, Tokens: pool.Tokens{Output: 8}, Cost: pool.USD(1), CostEstimated: pool.USD(1)}},
			{Keys: []string{"work", ""}, Usage: pool.Usage{Tokens: pool.Tokens{Input: 1_234_567, Output: 89, CacheCreation: 4, CacheCreation1h: 4, CacheRead: 5}, Cost: pool.USD(3.456), CostEstimated: pool.USD(0.456)}},
		},
	}
	for _, row := range report.rows {
		report.total = report.total.Plus(row.Usage)
	}
	goldenDocument(t, "usage.json", report.document())
	golden(t, "usage.csv", report.csv())
	golden(t, "usage.txt", report.table(false).render(0))
	golden(t, "usage-120.txt", report.table(true).render(120))
	golden(t, "usage-80.txt", report.table(true).render(80))
}

func TestUsageOfDetail(t *testing.T) {
	report := usageReport{
		by: []pool.Dimension{pool.ByConversation, pool.ByTag},
		rows: []pool.UsageRow{
			{Keys: []string{"", ""}, Usage: pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 1}, CostUnknown: 1}},
			{Keys: []string{pool.Pruned, "ci"}, Usage: pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 2}, CostUnknown: 1}},
		},
		total: pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 2}, CostUnknown: 2},
	}
	goldenDocument(t, "usage-detail.json", report.document())
	golden(t, "usage-detail.txt", report.table(true).render(120))
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{-1: "", 0: "", 0.001: "", 0.01: "▏", 0.5: "██████", 0.55: "██████▋", 1: "████████████", 2: "████████████"} {
		require.Equal(t, want, bar(share), "%v", share)
	}
}

func TestList(t *testing.T) {
	a, _ := goldenApp()
	list := []pool.Subscription{
		{Name: "default", Enabled: true, CreatedAt: noon},
		{
			Name: "work", ConfigDir: "/home/me/.local/share/claudepool/subscriptions/work", Email: "me@example.com", Tags: []string{"ci", "team"},
			MaxSessions: 4, WeeklyBudget: pool.USD(12.5), EnvFrom: []pool.EnvFrom{{Var: "A", Source: "B"}}, CreatedAt: noon,
			EnvCommand: []pool.EnvCommand{{Var: "C", Command: "op read 'd'"}}, Env: []pool.EnvValue{{Var: "E", Value: "f"}},
		},
		{
			Name: "key", ConfigDir: "/k", Enabled: true, Tier: 1, Priority: -3, Reserve: 0.155, AllowOverage: true, API: true, RampUp: true, CreatedAt: noon,
		},
		{
			Name: "older", ConfigDir: "/o", Enabled: true, RampUp: true, CreatedAt: noon.AddDate(0, 0, -2),
		},
	}
	goldenDocument(t, "list.json", listDocument(list))
	golden(t, "list.txt", a.listTable(list).render(0))
	golden(t, "list-80.txt", a.listTable(list).render(80))
}

// inUTC makes UTC the local time of a test, which for that can't run beside others.
func inUTC(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}
