package pool_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// forgetful is an archive that loses the last record that it is given.
type forgetful struct{ records []pool.Record }

func (f *forgetful) Dump(_ context.Context, yield func(pool.Record) error) error {
	for _, r := range f.records {
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func (f *forgetful) Load(_ context.Context, records iter.Seq2[pool.Record, error]) error {
	for r, err := range records {
		if err != nil {
			return err
		}
		f.records = append(f.records, r)
	}
	f.records = f.records[:max(len(f.records)-1, 0)]
	return nil
}

func TestTakeInFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	records := []pool.Record{
		{Session: &pool.SessionRecord{Number: 1, ID: "s", StartedAt: at, HeartbeatAt: at}},
		{Entry: &pool.EntryRecord{ID: "e", Session: 1, Told: true, At: at, Usage: pool.Usage{Tokens: pool.Tokens{Input: 5}}}},
	}
	_, now, err := pool.TakeIn(t.Context(), &forgetful{}, func(yield func(pool.Record, error) bool) {
		_ = yield(records[0], nil) && yield(records[1], nil)
	})
	require.ErrorIs(t, err, pool.ErrMiscounted)
	require.EqualError(t, err, "the ledger does not add up in the pool: 1 records and 0 tokens, not 2 and 5")
	require.Equal(t, pool.Contents{Sessions: 1}, now)
}
