package pool

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// usage is a number of input and output tokens and a cost.
func usage(input, output int64, cost NanoUSD) Usage {
	return Usage{Tokens: Tokens{Input: input, Output: output}, Cost: cost}
}

func TestRemainder(t *testing.T) {
	t.Parallel()
	read := func(messages, input, output int64, cost NanoUSD) Usage {
		u := usage(input, output, cost)
		u.Messages, u.CostEstimated = messages, cost
		return u
	}
	unpriced := read(2, 10, 20, 0)
	unpriced.CostUnknown = 2
	for name, c := range map[string]struct {
		tally Tally
		want  Usage
	}{
		"nothing":                            {Tally{}, Usage{}},
		"messages alone":                     {Tally{Messages: read(2, 10, 20, 30)}, Usage{}},
		"the same on both sides":             {Tally{Printed: usage(10, 20, 30), Messages: read(2, 10, 20, 30)}, Usage{}},
		"the larger figure of the CLI's two": {Tally{Printed: usage(10, 5, 30), Stated: usage(4, 25, 20)}, usage(10, 25, 30)},
		"told beyond the messages":           {Tally{Printed: usage(12, 25, 40), Messages: read(2, 10, 20, 30)}, usage(2, 5, 10)},
		"the estimate was too high":          {Tally{Stated: usage(10, 20, 25), Messages: read(2, 10, 20, 30)}, usage(0, 0, -5)},
		"the CLI forgot some":                {Tally{Printed: usage(5, 5, 9), Messages: read(2, 10, 20, 30)}, Usage{}},
		"forgot, but its price is higher":    {Tally{Printed: usage(5, 5, 40), Messages: read(2, 10, 20, 30)}, usage(0, 0, 10)},
		"each forgot another kind":           {Tally{Printed: usage(15, 5, 20), Messages: read(2, 10, 20, 30)}, usage(5, 0, 0)},
		"no cost was told":                   {Tally{Printed: usage(12, 20, 0), Messages: read(2, 10, 20, 30)}, usage(2, 0, 0)},
		"the messages have no known price":   {Tally{Printed: usage(10, 20, 40), Messages: unpriced}, usage(0, 0, 40)},
		"messages are counted with tokens alone": {
			Tally{Printed: read(5, 10, 20, 30), Messages: read(2, 10, 20, 30)}, Usage{},
		},
		"messages beyond those read": {
			Tally{Printed: read(5, 11, 20, 30), Messages: read(2, 10, 20, 30)}, read(3, 1, 0, 0),
		},
	} {
		got := c.tally.Remainder()
		got.CostEstimated = 0
		require.Equal(t, c.want, got, name)
	}
}

func TestRemainderTellsWhatIsEstimated(t *testing.T) {
	t.Parallel()
	messages := usage(10, 20, 30)
	messages.CostEstimated = 30
	estimated := func(told Usage) NanoUSD {
		return messages.Plus(Tally{Printed: told, Messages: messages}.Remainder()).CostEstimated
	}
	require.Equal(t, NanoUSD(0), estimated(usage(10, 20, 25)), "the sum is the CLI's own")
	require.Equal(t, NanoUSD(0), estimated(usage(12, 20, 35)))
	require.Equal(t, NanoUSD(30), estimated(Usage{}))
	require.Equal(t, NanoUSD(21), estimated(usage(5, 5, 9)), "beyond what it forgot")
}

// TestRemainderMakesTheCostTheCLIs: where the transcript holds no more than was told, the sum is the
// CLI's own to the nanodollar.
func TestRemainderMakesTheCostTheCLIs(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		messages := usage(rnd.Int64N(100), rnd.Int64N(100), NanoUSD(rnd.Int64N(1000)))
		told := messages.Plus(usage(rnd.Int64N(3), rnd.Int64N(3), 0))
		told.Cost = 1 + NanoUSD(rnd.Int64N(1000))
		sum := messages.Plus(Tally{Printed: told, Messages: messages}.Remainder())
		require.Equal(t, told, sum)
	}
}

func TestRemainderOfCacheWrites(t *testing.T) {
	t.Parallel()
	writes := func(all, hour int64) Usage { return Usage{Tokens: Tokens{CacheCreation: all, CacheCreation1h: hour}} }
	remainder := func(told, read Usage) Usage { return Tally{Printed: told, Messages: read}.Remainder() }
	require.Equal(t, Usage{}, remainder(writes(100, 0), writes(100, 100)), "a CLI that does not tell the two apart")
	require.Equal(t, writes(40, 40), remainder(writes(100, 100), writes(60, 0)))
	require.Equal(t, writes(40, 10), remainder(writes(100, 30), writes(60, 20)))
	require.Equal(t, Usage{}, remainder(writes(50, 50), writes(60, 20)), "an hour's are a part of all")
}

func TestOneSided(t *testing.T) {
	t.Parallel()
	require.True(t, Tally{Printed: usage(1, 1, 1)}.OneSided())
	require.False(t, Tally{Printed: usage(1, 1, 1), Messages: usage(1, 0, 0)}.OneSided())
	require.False(t, Tally{Stated: usage(1, 1, 1)}.OneSided())
	require.False(t, Tally{}.OneSided(), "what was booked has gone elsewhere")
}

func TestSettle(t *testing.T) {
	t.Parallel()
	unknown := usage(5, 0, 0)
	unknown.CostUnknown = 1
	stillUnknown := usage(2, 0, 0)
	stillUnknown.CostUnknown = 1
	for name, c := range map[string]struct {
		rows []Usage
		want Usage
		get  []Usage
	}{
		"the oldest first":              {[]Usage{usage(5, 1, 10), usage(5, 2, 10)}, usage(3, 1, 7), []Usage{usage(0, 0, 0), usage(3, 1, 7)}},
		"a part of the oldest":          {[]Usage{usage(5, 1, 10), usage(5, 2, 10)}, usage(8, 3, 18), []Usage{usage(3, 1, 8), usage(5, 2, 10)}},
		"what is missing onto the last": {[]Usage{usage(5, 1, 10), usage(5, 2, 10)}, usage(12, 3, 25), []Usage{usage(5, 1, 10), usage(7, 2, 15)}},
		"a negative cost on the last":   {[]Usage{usage(5, 1, 10), usage(5, 2, 10)}, usage(0, 0, -3), []Usage{usage(0, 0, 0), usage(0, 0, -3)}},
		"an unknown cost stays so":      {[]Usage{usage(5, 0, 10), unknown}, usage(2, 0, 4), []Usage{usage(0, 0, 4), stillUnknown}},
		"of which nothing is left":      {[]Usage{unknown}, Usage{}, []Usage{{}}},
		"the whole is known after all":  {[]Usage{unknown}, usage(5, 0, 7), []Usage{usage(5, 0, 7)}},
	} {
		require.True(t, Settle(c.rows, c.want), name)
		require.Equal(t, c.get, c.rows, name)
	}
	require.True(t, Settle(nil, Usage{}))
	require.False(t, Settle(nil, usage(1, 0, 0)))
}

// TestSettleAddsUp: exactly, with nothing negative but the cost of the last row that can be.
func TestSettleAddsUp(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(2, 2))
	random := func() Usage {
		creation := rnd.Int64N(50)
		return Usage{
			Messages: rnd.Int64N(5), Cost: NanoUSD(rnd.Int64N(500)),
			Tokens: Tokens{
				Input: rnd.Int64N(50), Output: rnd.Int64N(50), CacheRead: rnd.Int64N(50),
				CacheCreation: creation, CacheCreation1h: rnd.Int64N(creation + 1),
			},
		}
	}
	for range 2000 {
		rows := make([]Usage, 1+rnd.IntN(5))
		for i := range rows {
			rows[i] = random()
			if rnd.IntN(4) == 0 {
				rows[i].Cost, rows[i].CostUnknown = 0, 1
			}
		}
		want := random()
		want.Cost -= 250
		require.True(t, Settle(rows, want))
		var sum Usage
		for _, row := range rows {
			require.True(t, row.CostUnknown == 0 || row.Cost == 0, "an unknown cost is none: %+v", row)
			tokens := row.Tokens
			require.GreaterOrEqual(t, min(row.Messages, tokens.Input, tokens.Output, tokens.CacheRead, tokens.CacheCreation1h), int64(0))
			require.LessOrEqual(t, tokens.CacheCreation1h, tokens.CacheCreation)
			sum = sum.Plus(row)
		}
		sum.CostUnknown = 0
		require.Equal(t, want, sum)
		before := append([]Usage{}, rows...)
		require.True(t, Settle(rows, want))
		require.Equal(t, before, rows, "again changes nothing")
	}
}

func TestBaseModel(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{
		"claude-haiku-4-5-20251001": "claude-haiku-4-5", "claude-opus-5-5": "claude-opus-5-5", "": "",
		"m-2025": "m-2025", "claude-20251001-x": "claude-20251001-x",
	} {
		require.Equal(t, want, BaseModel(model))
	}
}
