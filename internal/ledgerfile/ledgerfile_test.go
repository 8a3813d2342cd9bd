package ledgerfile_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/ledgerfile"
	"claudepool/internal/memstore"
	"claudepool/pool"
)

// kept is an archive of these records.
type kept []pool.Record

func (k kept) Dump(_ context.Context, yield func(pool.Record) error) error {
	for _, r := range k {
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func (k kept) Load(context.Context, iter.Seq2[pool.Record, error]) error {
	return errors.ErrUnsupported
}

func write(t testing.TB, records kept, home string) string {
	t.Helper()
	var text bytes.Buffer
	_, err := ledgerfile.Write(t.Context(), &text, records, ledgerfile.Home(home))
	require.NoError(t, err)
	return text.String()
}

func read(text, home string) (records kept, err error) {
	for r, err := range ledgerfile.Read(strings.NewReader(text), ledgerfile.Home(home)) {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

// used is a ledger with records of all kinds.
func used(t testing.TB) kept {
	t.Helper()
	ctx, store := t.Context(), memstore.New()
	day := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	_, err := store.AddSubscription(ctx, pool.Subscription{Name: "work", ConfigDir: "/work"})
	require.NoError(t, err)
	book := func(id, path, conversation string, at time.Time) {
		require.NoError(t, store.BookTranscript(ctx, pool.Transcript{
			Checkpoint: pool.Checkpoint{Path: path, Identity: "1:2", Offset: 5, Figures: `{"<&>":1}`},
			Messages:   []pool.Message{{ID: id, At: at, Conversation: conversation, Model: "m", Tokens: pool.Tokens{Input: 5}}},
		}))
	}
	book("m1", "/home/me/a.jsonl", "c1", day)
	require.NoError(t, store.ObserveWindows(ctx, "work", []pool.Window{{Kind: pool.FiveHour, ResetsAt: day, ObservedAt: day}}))
	require.NoError(t, store.Restore(ctx, pool.Session{
		ID: "s", Subscription: "work", StartedAt: day, EndedAt: day.Add(time.Hour), End: pool.End{Reason: pool.EndedByExit},
	}, []pool.Observation{{At: day, Conversation: "c3"}}))
	_, err = store.Prune(ctx, pool.Prune{Before: day.AddDate(0, 0, 30)})
	require.NoError(t, err)
	require.NoError(t, store.Restore(ctx, pool.Session{ID: "r", Subscription: "work", StartedAt: day.AddDate(0, 0, 31)},
		[]pool.Observation{{At: day.AddDate(0, 0, 31), Conversation: "c4"}}))
	book("m2", "/home/me/b.jsonl", "c2", day.AddDate(0, 0, 31))
	book("m2", "/elsewhere/b.jsonl", "c5", day.AddDate(0, 0, 31))
	var records kept
	require.NoError(t, store.Dump(ctx, func(r pool.Record) error {
		records = append(records, r)
		return nil
	}))
	return records
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	records := used(t)
	text := write(t, records, "/home/me")
	for _, kind := range []string{"horizon", "reset", "pruned", "session", "visit", "affinity", "entry", "tally", "fork", "checkpoint", "end"} {
		require.Contains(t, text, "\n{\""+kind+"\":")
	}
	again, err := read(text, "/home/me")
	require.NoError(t, err)
	require.Equal(t, records, again)
	contents, names, err := ledgerfile.Inspect(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"work": true}, names)
	require.Equal(t, int64(len(records)-1), contents.Records(), "all but the horizon")
}

// Paths below the home are found again in another one, in the order that paths have there.
func TestPathsMoveWithTheHome(t *testing.T) {
	t.Parallel()
	moved, err := read(write(t, used(t), "/home/me"), "/Users/me")
	require.NoError(t, err)
	var paths []string
	for _, r := range moved {
		if r.Checkpoint != nil {
			paths = append(paths, r.Checkpoint.Path)
		}
		if r.Fork != nil && r.Fork.Path != "" {
			require.Equal(t, "/elsewhere/b.jsonl", r.Fork.Path)
		}
	}
	require.Equal(t, []string{"/Users/me/a.jsonl", "/Users/me/b.jsonl", "/elsewhere/b.jsonl"}, paths)
	var check pool.Checker
	for _, r := range moved {
		require.NoError(t, check.Check(r))
	}
}

func TestWhatIsCutOffIsRefused(t *testing.T) {
	t.Parallel()
	text := write(t, used(t), "")
	for n := range len(text) - 1 { // the last one is the end of the last line
		_, err := read(text[:n], "")
		var line *ledgerfile.LineError
		require.ErrorAs(t, err, &line, "of %d bytes", n)
		whole := strings.Count(text[:n], "\n")
		require.GreaterOrEqual(t, line.Line, max(whole, 1))
		require.LessOrEqual(t, line.Line, whole+1)
	}
	_, err := read(text[:len(text)-1], "")
	require.NoError(t, err)
}

func TestWhatIsNotRightIsRefused(t *testing.T) {
	t.Parallel()
	text := write(t, used(t), "")
	lines := strings.SplitAfter(text, "\n")
	at := func(kind string) int {
		return slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, `{"`+kind+`":`) })
	}
	without := func(i int) string { return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "") }
	entry := lines[at("entry")]
	for name, c := range map[string]struct{ text, want string }{
		"twice":        {strings.Replace(text, lines[at("tally")], lines[at("tally")]+lines[at("tally")], 1), "out of order"},
		"order":        {strings.Replace(without(at("visit")), entry, entry+lines[at("visit")], 1), "out of order"},
		"two":          {strings.Replace(text, entry, strings.TrimSpace(entry)+entry, 1), "more than one record"},
		"none":         {strings.Replace(text, entry, "{}\n", 1), "not one record"},
		"null":         {strings.Replace(text, entry, "{\"entry\":null}\n", 1), "not one record"},
		"empty":        {strings.Replace(text, entry, "\n"+entry, 1), "it is empty"},
		"begins again": {strings.Replace(text, entry, lines[0]+entry, 1), "another ledger begins here"},
		"one less":     {without(at("entry")), "its counts and sums"},
		"long":         {strings.Replace(text, `"conversation":"c2"`, `"conversation":"`+strings.Repeat("c", 9000)+`"`, 1), "bytes"},
		"longer":       {strings.Replace(text, `"conversation":"c2"`, `"conversation":"`+strings.Repeat("c", 5<<20)+`"`, 1), "longer than any record"},
		"name":         {strings.Replace(text, `"subscription":"work"`, `"subscription":"../work"`, 1), `name "../work"`},
		"cost":         {strings.Replace(text, entry, strings.Replace(entry, `"cost_unknown":1`, `"cost_nanousd":-1`, 1), 1), "cost"},
		"huge":         {strings.Replace(text, `"input":5`, `"input":9e99`, 1), "cannot unmarshal"},
		"time":         {strings.Replace(text, `T12:00:00Z`, `T12:00:00.000001Z`, 1), "steps of 15m0s"},
		"zone":         {strings.Replace(text, `T12:00:00Z`, `T12:00:00+01:00`, 1), "be in UTC"},
		"silent":       {strings.Replace(text, `,"active_at":"2026-12-25T12:00:00Z"`, "", 1), `active_at "0001-01-01T00:00:00Z" is not allowed`},
		"said":         {strings.Replace(text, `"started_at"`, `"said":"ended","started_at"`, 1), `said "ended"`},
		"no home":      {strings.Replace(text, `{"affinity":{"conversation":"c4","subscription":"work",`, `{"affinity":{"conversation":"c4",`, 1), `subscription ""`},
		"negative":     {strings.Replace(text, `"offset":5`, `"offset":-5`, 1), `offset "-5"`},
	} {
		require.NotEqual(t, text, c.text, name)
		_, err := read(c.text, "")
		require.ErrorContains(t, err, c.want, name)
	}
}

func FuzzRead(f *testing.F) {
	text := write(f, used(f), "/home/me")
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add("{\"claudepool_ledger\":1}\n{\"end\":{}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		records, err := read(text, "/home/me")
		if err != nil {
			return
		}
		again, err := read(write(t, records, "/home/me"), "/home/me")
		if slices.ContainsFunc(records, func(r pool.Record) bool { return r.Fork != nil || r.Checkpoint != nil }) {
			return // two paths of a forged file can be one in another home
		}
		require.NoError(t, err)
		require.Equal(t, records, again)
	})
}
