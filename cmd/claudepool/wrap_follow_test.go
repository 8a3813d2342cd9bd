package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func TestOnlyWhatIsNewIsObserved(t *testing.T) {
	t.Parallel()
	file := func(conversation string, state pool.SessionState) claudecli.SessionFile {
		return claudecli.SessionFile{Conversation: conversation, State: state}
	}
	for _, c := range []struct {
		before, now claudecli.SessionFile
		want        pool.Observation
	}{
		{file("", ""), file("a", pool.StateIdle), pool.Observation{Conversation: "a", State: pool.StateIdle}},
		{file("a", pool.StateIdle), file("a", pool.StateIdle), pool.Observation{}},
		{file("a", pool.StateIdle), file("a", pool.StateRunning), pool.Observation{State: pool.StateRunning}},
		{file("a", pool.StateIdle), file("b", pool.StateIdle), pool.Observation{Conversation: "b"}},
		{file("a", pool.StateIdle), file("a", ""), pool.Observation{}},
	} {
		require.Equal(t, c.want, sinceNoted(c.before, c.now))
	}
}
