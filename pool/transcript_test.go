package pool

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// minute is a moment; 0 is the zero time.
func minute(n float64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC).Add(time.Duration(n * float64(time.Minute)))
}

func stay(session, subscription int64, since, until float64) Visit {
	return Visit{Session: session, SubscriptionID: subscription, Since: minute(since), Until: minute(until)}
}

func fromStart(v Visit) Visit {
	v.FromStart = true
	return v
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	const second = 1.0 / 60
	for name, c := range map[string]struct {
		visits []Visit
		at     float64
		want   int64 // 0: nobody can tell
	}{
		"nobody was there":              {nil, 1, 0},
		"the one that was there":        {[]Visit{stay(1, 1, 10, 20), stay(2, 2, 30, 40)}, 35, 2},
		"at its first moment":           {[]Visit{stay(1, 1, 10, 20)}, 10, 1},
		"at its last":                   {[]Visit{stay(1, 1, 10, 20)}, 20, 1},
		"still there":                   {[]Visit{stay(1, 1, 10, 0)}, 1000, 1},
		"between two":                   {[]Visit{stay(1, 1, 10, 20), stay(2, 2, 30, 40)}, 25, 0},
		"just after":                    {[]Visit{stay(1, 1, 10, 20)}, 20 + second, 1},
		"just before it was noticed":    {[]Visit{stay(1, 1, 10, 20)}, 10 - second, 1},
		"but never before its session":  {[]Visit{fromStart(stay(1, 1, 10, 20))}, 10 - second, 0},
		"long after":                    {[]Visit{stay(1, 1, 10, 20)}, 20 + 3*second, 0},
		"exact comes before near":       {[]Visit{stay(1, 1, 10, 20), stay(2, 2, 20+second/2, 30)}, 20 + second, 2},
		"near to two subscriptions":     {[]Visit{stay(1, 1, 10, 20), stay(2, 2, 20+2*second, 30)}, 20 + second, 0},
		"two subscriptions at once":     {[]Visit{stay(1, 1, 10, 20), stay(2, 2, 15, 25)}, 17, 0},
		"one subscription twice":        {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 15, 25)}, 17, 1},
		"the earliest, in any order":    {[]Visit{stay(2, 1, 15, 25), stay(1, 1, 10, 20)}, 17, 1},
		"one of no subscription beside": {[]Visit{stay(1, 1, 10, 20), stay(2, 0, 15, 25)}, 17, 0},
	} {
		visit, found := Attribute(c.visits, minute(c.at))
		require.Equal(t, c.want != 0, found, name)
		if found {
			require.Equal(t, c.want, visit.Session, name)
		}
	}
}

func TestClusterOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		visits  []Visit
		session int64
		want    []int64
	}{
		"never there":               {[]Visit{stay(1, 1, 10, 20)}, 7, []int64{7}},
		"alone":                     {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 30, 40)}, 2, []int64{2}},
		"one after the other":       {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 20, 40)}, 2, []int64{2}},
		"the first of the two":      {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 20, 40)}, 1, []int64{1}},
		"at once":                   {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 15, 40)}, 2, []int64{1, 2}},
		"the later one too":         {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 15, 40)}, 1, []int64{1, 2}},
		"by way of a third":         {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 15, 40), stay(3, 1, 30, 50)}, 1, []int64{1, 2, 3}},
		"a long one holds the rest": {[]Visit{stay(1, 1, 10, 90), stay(2, 1, 15, 20), stay(3, 1, 30, 50)}, 3, []int64{1, 2, 3}},
		"one is still there":        {[]Visit{stay(1, 1, 10, 0), stay(2, 1, 30, 40)}, 2, []int64{1, 2}},
		"but not before it came":    {[]Visit{stay(1, 1, 10, 20), stay(2, 1, 30, 0)}, 2, []int64{2}},
		"another subscription":      {[]Visit{stay(1, 1, 10, 0), stay(2, 2, 15, 40), stay(3, 1, 30, 40)}, 3, []int64{1, 3}},
		"is a cluster of its own":   {[]Visit{stay(1, 1, 10, 0), stay(2, 2, 15, 40), stay(3, 1, 30, 40)}, 2, []int64{2}},
	} {
		require.Equal(t, c.want, ClusterOf(c.visits, c.session), name)
	}
}

func TestBoundedMessage(t *testing.T) {
	t.Parallel()
	m := Message{ID: "m", Tokens: Tokens{Input: -1, CacheCreation: 5, CacheCreation1h: 9}, Cost: -3}.Bounded()
	require.Equal(t, Message{ID: "m", Tokens: Tokens{CacheCreation: 5, CacheCreation1h: 5}}, m)
}
