package pool_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// clock is a time of day; seconds may be left out.
func clock(text string) time.Time {
	layout := "15:04:05"
	at, err := time.Parse(layout[:min(len(text), len(layout))], text)
	if err != nil {
		panic(err)
	}
	return at.AddDate(2026, 10, 23)
}

func clocks(texts ...string) (times []time.Time) {
	for _, text := range texts {
		times = append(times, clock(text))
	}
	return times
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ resets, at, want []time.Time }{
		"none was observed": {
			at:   clocks("01:10", "01:10:01", "06:09:59", "06:10", "12:00", "16:59"),
			want: clocks("01:10", "01:10", "01:10", "06:10", "12:00", "12:00"),
		},
		"one was observed": {
			resets: clocks("12:00"),
			at:     clocks("01:10", "06:00", "06:30", "07:00", "11:59", "12:00", "16:59"),
			want:   clocks("01:10", "01:10", "06:30", "07:00", "07:00", "12:00", "12:00"),
		},
		"one begins within a guess": {
			resets: clocks("12:00"),
			at:     clocks("06:30", "07:30", "12:10"),
			want:   clocks("06:30", "07:00", "12:10"),
		},
		"one after the other": {
			resets: clocks("17:00", "12:00"),
			at:     clocks("11:59", "12:00", "16:59", "17:00"),
			want:   clocks("07:00", "12:00", "12:00", "17:00"),
		},
		"one was reset early": {
			resets: clocks("12:00", "15:00"),
			at:     clocks("09:59", "10:00", "14:59", "15:00"),
			want:   clocks("07:00", "10:00", "10:00", "15:00"),
		},
	} {
		blocks := pool.NewBlocks(c.resets)
		for i, at := range c.at {
			require.Equal(t, c.want[i], blocks.At(at), "%s: %v", name, at)
		}
	}
}

// A stretch that is whole has one block, wherever in it there was use.
func TestBlocksWhole(t *testing.T) {
	t.Parallel()
	const seed = 5
	rnd := rand.New(rand.NewPCG(seed, seed))
	wholes := 0
	for range 200 {
		var resets []time.Time
		for range rnd.IntN(4) {
			resets = append(resets, now.Add(time.Duration(rnd.IntN(48*60))*time.Minute))
		}
		blocks := pool.NewBlocks(resets)
		at := now
		for range 20 {
			at = at.Add(time.Duration(rnd.IntN(200)) * time.Minute)
			blocks.At(at)
			from := at.Add(time.Duration(rnd.IntN(30)) * time.Minute)
			to := from.Add(15 * time.Minute)
			start, whole := blocks.Whole(from, to)
			if !whole {
				continue
			}
			wholes++
			for at = from; at.Before(to); at = at.Add(time.Minute) {
				require.Equal(t, start, blocks.At(at))
			}
		}
	}
	require.Greater(t, wholes, 500)
}

func TestResetTime(t *testing.T) {
	t.Parallel()
	require.Equal(t, clock("12:00"), pool.ResetTime(clock("11:59:59.6")))
	require.Equal(t, clock("12:00"), pool.ResetTime(clock("12:00:00.4")))
}
