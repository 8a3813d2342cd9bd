package harness

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// NeedsProc skips a test that must look at processes where there is no /proc.
func NeedsProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc")
	}
}

// State is a process's state: R, S, T, … and "" where it has ended, waited for or not.
func State(pid int) string {
	state, _ := stat(pid)
	return state
}

// Parent is the process's parent, 0 where it has ended.
func Parent(pid int) int {
	_, parent := stat(pid)
	return parent
}

func stat(pid int) (state string, parent int) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	after := content[bytes.LastIndexByte(content, ')')+1:]
	if _, err := fmt.Sscan(string(after), &state, &parent); err != nil || state == "Z" || state == "X" {
		return "", 0
	}
	return state, parent
}

// Left are the processes that are left of a run: all that have its directory in their environment.
func (r *Run) Left() []int {
	var left []int
	environs, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well formed
	for _, path := range environs {
		environ, err := os.ReadFile(path)
		pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
		if err == nil && slices.Contains(strings.Split(string(environ), "\x00"), "FAKECLAUDE_DIR="+r.Dir) && State(pid) != "" {
			left = append(left, pid)
		}
	}
	return left
}

// NothingLeft waits until every process of the run has ended.
func (r *Run) NothingLeft(t *testing.T) {
	t.Helper()
	Eventually(t, func() bool { return len(r.Left()) == 0 }, func() string {
		var left []string
		for _, pid := range r.Left() {
			command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			left = append(left, fmt.Sprintf("%d %s %q", pid, State(pid), command))
		}
		return r.Way.Name + ": these are left: " + strings.Join(left, ", ")
	})
}

// ChildTowards is the child of ancestor that pid is, or descends from; 0 where it does not.
func ChildTowards(ancestor, pid int) int {
	for pid != 0 && Parent(pid) != ancestor {
		pid = Parent(pid)
	}
	return pid
}
