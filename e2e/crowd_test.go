//go:build e2e

package e2e

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTenAtOnceOnThreeSubscriptions(t *testing.T) {
	t.Parallel()
	s := newMachine(t, "work", "personal", "ci-1")
	formats := [][]string{{"--output-format", "json"}, streamJSON}
	outputs := make([]output, 10)
	var crowd sync.WaitGroup
	for i := range outputs {
		cmd := s.Claude(limited(t), with(formats[i%2], "-p", "[[bash:echo here]][[text:done]]", "--allowedTools", "Bash")...)
		crowd.Go(func() { outputs[i] = run(t, cmd, "") })
	}
	crowd.Wait()
	for _, out := range outputs {
		require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
		require.Contains(t, out.Stdout, `"result":"done"`)
	}
	requireBooked(t, s)
	shares := map[string]int{}
	for _, session := range requireReleased(t, s, len(outputs)) {
		shares[session.Subscription]++
	}
	require.Len(t, shares, 3, "%v", shares)
}
