package wrapper

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"claudepool/internal/procid"
)

// GuardVar is the variable that keeps claudepool from starting itself in place of the real CLI. Its
// value is PID:START:DEPTH: the parent of the real CLI, when that process started, and how many
// wrappers stand above.
const GuardVar = "CLAUDEPOOL_GUARD"

// maxDepth is how many wrappers may stand above one another. The CLI can run itself, and that run
// another one; a script that takes itself for the CLI never stops.
const maxDepth = 12

// ErrRecursion: what was started as the real CLI is claudepool again.
var ErrRecursion = errors.New("the real CLI leads back to claudepool")

// CheckGuard returns ErrRecursion if this process was started as the real CLI, given the value of
// GuardVar.
func CheckGuard(value string) error {
	pid, start, depth := parseGuard(value)
	if pid == os.Getppid() && procid.StartTime(pid) == start {
		return ErrRecursion
	}
	if depth >= maxDepth {
		return fmt.Errorf("%w: %d wrappers stand above this one", ErrRecursion, depth)
	}
	return nil
}

// withGuard returns env with the guard for a real CLI whose parent is pid.
func withGuard(env []string, pid int) []string {
	depth := 0
	guarded := make([]string, 0, len(env)+1)
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, GuardVar+"="); ok {
			_, _, depth = parseGuard(value)
			continue
		}
		guarded = append(guarded, entry)
	}
	return append(guarded, fmt.Sprintf("%s=%d:%d:%d", GuardVar, pid, procid.StartTime(pid), depth+1))
}

// parseGuard returns zeros for whatever is malformed: the worst that follows is a missed recursion.
func parseGuard(value string) (pid int, start int64, depth int) {
	parts := strings.Split(value, ":")
	if len(parts) != 3 {
		return 0, 0, 0
	}
	pid, _ = strconv.Atoi(parts[0])
	start, _ = strconv.ParseInt(parts[1], 10, 64)
	depth, _ = strconv.Atoi(parts[2])
	return pid, start, depth
}
