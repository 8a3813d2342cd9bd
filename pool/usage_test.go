package pool_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestUSD(t *testing.T) {
	t.Parallel()
	for dollars, want := range map[float64]pool.NanoUSD{
		0: 0, 1: 1e9, 0.1: 1e8, 0.0000000014: 1, 0.0000000016: 2, 12.345678901: 12_345_678_901,
		-1: 0, math.Inf(-1): 0, math.Inf(1): math.MaxInt64, 1e30: math.MaxInt64, 9.3e9: math.MaxInt64,
		math.Copysign(0, -1): 0,
	} {
		require.Equal(t, want, pool.USD(dollars), "%v", dollars)
	}
	require.Equal(t, pool.NanoUSD(0), pool.USD(math.NaN()))
	require.NoError(t, quick.Check(func(x float64) bool { return pool.USD(x) >= 0 }, nil))
	// Up to a million dollars, where a float64 still tells nanodollars well apart, cents are exact.
	require.NoError(t, quick.Check(func(n uint32) bool {
		cents := n % 100_000_000
		nano := pool.NanoUSD(cents) * 1e7
		return pool.USD(float64(cents)/100) == nano && pool.USD(nano.Dollars()) == nano
	}, nil))
}

func TestBounded(t *testing.T) {
	t.Parallel()
	require.NoError(t, quick.Check(func(tokens pool.Tokens, messages int, cost pool.NanoUSD, millis int64) bool {
		e := pool.Entry{
			ID: "e", Model: "m", At: time.UnixMilli(millis), Tokens: tokens, Messages: messages, Cost: cost, CostSource: pool.CostFromCLI,
		}
		b := e.Bounded()
		in := func(n, most int64) bool { return 0 <= n && n <= most }
		year := b.At.Year()
		return b.Bounded() == b && in(int64(b.Messages), int64(pool.MaxMessages)) &&
			in(b.Tokens.Input, pool.MaxTokens) && in(b.Tokens.Output, pool.MaxTokens) &&
			in(b.Tokens.CacheCreation, pool.MaxTokens) && in(b.Tokens.CacheRead, pool.MaxTokens) &&
			in(b.Tokens.CacheCreation1h, b.Tokens.CacheCreation) && in(int64(b.Cost), int64(pool.MaxCost)) &&
			1970 <= year && year <= 9999 && b.ID == e.ID && b.Model == e.Model && b.CostSource == e.CostSource
	}, nil))
	fine := pool.Entry{
		ID: "e", At: now, Messages: 3, Tokens: pool.Tokens{Input: 1, Output: 2, CacheCreation: 5, CacheCreation1h: 5, CacheRead: 4},
		Cost: 7, CostSource: pool.CostFromCLI,
	}
	require.Equal(t, fine, fine.Bounded(), "what is in range stays")
}

func TestUsagePlus(t *testing.T) {
	t.Parallel()
	type u = pool.Usage
	require.NoError(t, quick.Check(func(a, b, c u) bool {
		return a.Plus(b) == b.Plus(a) && a.Plus(b).Plus(c) == a.Plus(b.Plus(c)) && a.Plus(u{}) == a &&
			a.Plus(b).Tokens.Total() == a.Tokens.Total()+b.Tokens.Total()
	}, nil))
	sum := u{1, pool.Tokens{Input: 1, Output: 2, CacheCreation: 3, CacheCreation1h: 4, CacheRead: 5}, 6, 3, 7}
	require.Equal(t, u{2, pool.Tokens{Input: 2, Output: 4, CacheCreation: 6, CacheCreation1h: 8, CacheRead: 10}, 12, 6, 14}, sum.Plus(sum))
	require.Equal(t, int64(1+2+3+5), sum.Tokens.Total(), "an hour's cache is part of the cache")
}

func TestUsageSum(t *testing.T) {
	t.Parallel()
	sum := pool.NewUsageSum(pool.UsageQuery{By: []pool.Dimension{pool.ByDay, pool.ByModel}})
	add := func(day int64, model, project string) {
		sum.Add(pool.UsageKey{Day: day, Model: model, Project: project}, pool.Usage{Messages: 1})
	}
	add(1, "b", "/x")
	add(0, "b", "/x")
	add(1, "a", "/x")
	add(1, "b", "/y") // which the query does not ask for
	require.Equal(t, []pool.UsageRow{
		{Keys: []string{"1970-01-01", "b"}, Usage: pool.Usage{Messages: 1}},
		{Keys: []string{"1970-01-02", "a"}, Usage: pool.Usage{Messages: 1}},
		{Keys: []string{"1970-01-02", "b"}, Usage: pool.Usage{Messages: 2}},
	}, sum.Rows())
	require.Empty(t, pool.NewUsageSum(pool.UsageQuery{By: []pool.Dimension{pool.ByDay}}).Rows())
	require.Equal(t, []pool.UsageRow{{Keys: []string{}}}, pool.NewUsageSum(pool.UsageQuery{}).Rows())
}

func TestUTCDay(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{now, time.Unix(0, 0), time.Unix(-1, 0), {}, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)} {
		requireDay(t, at)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		requireDay(t, time.Unix(rnd.Int64N(8e9)-4e9, rnd.Int64N(1e9)).In(time.FixedZone("", rnd.IntN(86_400)-43_200)))
	}
}

// requireDay wants the day's number to be that of its date.
func requireDay(t *testing.T, at time.Time) {
	t.Helper()
	require.Equal(t, at.UTC().Format(time.DateOnly), time.Unix(pool.UTCDay(at)*86_400, 0).UTC().Format(time.DateOnly))
}
