package pool_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestWaitingIsAsGoodAsTheRequest(t *testing.T) {
	t.Parallel()
	subs := []pool.Subscription{{Name: "a", Enabled: true}, {Name: "b", Enabled: true}}
	req := pool.Request{
		Names: []string{"a", "b"}, Tags: []string{"ci"}, Model: "opus", Conversation: "c", Tried: []string{"d"},
		Unfit: func(s pool.Subscription) string {
			if s.Name == "b" {
				return "its directory is missing"
			}
			return ""
		},
	}
	text, err := json.Marshal(pool.NewWaiting(req, subs))
	require.NoError(t, err)
	require.NotContains(t, string(text), "missing", "the words are of no use elsewhere")
	var kept pool.Waiting
	require.NoError(t, json.Unmarshal(text, &kept))

	got := kept.Request()
	require.Empty(t, got.Unfit(subs[0]))
	require.NotEmpty(t, got.Unfit(subs[1]))
	req.Unfit, got.Unfit = nil, nil
	require.Equal(t, req, got)

	plain, err := json.Marshal(pool.NewWaiting(pool.Request{}, subs))
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(plain))
}

// inTurn is where a request gets to behind others, "" where nowhere.
func inTurn(t *testing.T, req pool.Request, ahead []pool.Request, candidates ...pool.Candidate) string {
	t.Helper()
	before := append([]pool.Candidate(nil), candidates...)
	picked, verdicts, err := pool.DefaultPolicy().ChooseInTurn(req, ahead, candidates, now)
	require.Equal(t, before, candidates, "what is given is left alone")
	require.Len(t, verdicts, len(candidates))
	if err != nil {
		require.ErrorIs(t, err, pool.ErrExhausted)
	}
	return picked.Subscription.Name
}

func TestChooseInTurn(t *testing.T) {
	t.Parallel()
	room := func(name string, places int) pool.Candidate {
		c := candidate(name)
		c.Subscription.MaxSessions = places
		return c
	}
	anyone, onA, onB := pool.Request{}, pool.Request{Names: []string{"a"}}, pool.Request{Names: []string{"b"}}
	all := func(waiting ...pool.Request) []pool.Request { return waiting }

	require.Equal(t, "a", inTurn(t, anyone, nil, room("a", 1)))
	require.Equal(t, "", inTurn(t, anyone, all(anyone), room("a", 1)), "the one before gets it")
	require.Equal(t, "b", inTurn(t, anyone, all(onA), room("a", 1), room("b", 1)), "what is left")
	require.Equal(t, "b", inTurn(t, anyone, all(anyone), room("a", 1), room("b", 1)))
	require.Equal(t, "", inTurn(t, anyone, all(anyone, anyone), room("a", 1), room("b", 1)))
	require.Equal(t, "a", inTurn(t, anyone, all(anyone, anyone), room("a", 2), room("b", 1)))
	require.Equal(t, "", inTurn(t, onA, all(onA, onA), room("a", 2), room("b", 1)))
	require.Equal(t, "a", inTurn(t, onA, all(onB, onB, onB), room("a", 1), room("b", 1)), "who waits elsewhere is not in the way")
	require.Equal(t, "a", inTurn(t, anyone, all(anyone, anyone, anyone), room("a", 0)), "without a cap there is room for all")

	off := room("b", 1)
	off.Subscription.Enabled = false
	require.Equal(t, "a", inTurn(t, anyone, all(onB), room("a", 1), off), "nor who can't be served at all")
	require.Equal(t, "a", inTurn(t, pool.Request{Forced: "a"}, all(anyone), room("a", 1)), "who is on it already needs no turn")
}

// The conversation that is at home somewhere is that of the request, and says nothing of those before it.
func TestChooseInTurnIsAtHomeAlone(t *testing.T) {
	t.Parallel()
	a, b := candidate("a"), candidate("b")
	a.Subscription.MaxSessions, b.Subscription.MaxSessions = 2, 2
	a.Running, a.Home = 1, true
	require.Equal(t, "a", inTurn(t, pool.Request{}, []pool.Request{{}}, a, b), "the one before goes where it is emptier")
}
