package wrapper

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
)

func TestTheGuardStopsTheProcessThatWasStartedAsTheCLI(t *testing.T) {
	t.Parallel()
	parent := os.Getppid()
	start := procid.StartTime(parent)
	for value, want := range map[string]error{
		fmt.Sprintf("%d:%d:1", parent, start):   ErrRecursion,
		fmt.Sprintf("%d:%d:1", parent, start+1): nil, // another process that had that number
		fmt.Sprintf("%d:%d:1", parent+1, start): nil, // a run nested deeper
		fmt.Sprintf("1:0:%d", maxDepth):         ErrRecursion,
		fmt.Sprintf("1:0:%d", maxDepth-1):       nil,
		"":                                      nil,
		"x:y:z":                                 nil,
		"1:2":                                   nil,
		"1:2:3:4":                               nil,
		fmt.Sprintf("%d:%d:1:", parent, start):  nil,
		"99999999999999999999:99999999999999999:1": nil,
	} {
		require.ErrorIs(t, CheckGuard(value), want, value)
	}
}

func TestWithGuardCountsAndIsThereOnce(t *testing.T) {
	t.Parallel()
	pid := os.Getpid()
	env := []string{"A=1", GuardVar + "=7:8:4", "no equals sign", GuardVar + "X=kept", GuardVar + "=7:8:5"}
	guarded := withGuard(env, pid)
	require.Equal(t, []string{"A=1", "no equals sign", GuardVar + "X=kept", fmt.Sprintf("%s=%d:%d:6", GuardVar, pid, procid.StartTime(pid))}, guarded)
	require.Equal(t, "A=1", env[0])
	require.Len(t, withGuard(nil, pid), 1)
}
