package claudecli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func TestReadSessionFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]claudecli.SessionFile{
		`{"pid":7,"sessionId":"c","status":"busy"}`:  {Conversation: "c", State: pool.StateRunning},
		`{"sessionId":"c","status":"idle"}`:          {Conversation: "c", State: pool.StateIdle},
		`{"sessionId":"c"}`:                          {Conversation: "c"},
		`{"sessionId":"c","status":"something new"}`: {Conversation: "c"},
		`{"sessionId":7,"status":["idle"]}`:          {},
		`{"sessionId":"c","status":"idle"`:           {},
		``:                                           {},
	} {
		require.Equal(t, want, claudecli.ReadSessionFile([]byte(text)), text)
	}
}
