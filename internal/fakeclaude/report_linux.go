package fakeclaude

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const readTermios = unix.TCGETS

func isControlling(fd, session int) bool {
	owner, err := unix.IoctlGetInt(fd, unix.TIOCGSID)
	return err == nil && owner == session
}

// groupIsOrphaned looks for a parent that could continue the group: in its session, outside of it.
func groupIsOrphaned(group, session int) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, path := range stats {
		_, parent, g, _ := readStat(path)
		if g != group {
			continue
		}
		_, _, parentGroup, parentSession := readStat(fmt.Sprintf("/proc/%d/stat", parent))
		if parentGroup != group && parentSession == session {
			return false
		}
	}
	return true
}

// readStat returns zeros for a process that is gone.
func readStat(path string) (state string, parent, group, session int) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", 0, 0, 0
	}
	_, after, _ := strings.Cut(string(content), ") ") // names with a parenthesis are not ours
	_, _ = fmt.Sscan(after, &state, &parent, &group, &session)
	return state, parent, group, session
}

// inheritedFiles leaves out what Go's runtime opened for itself, which is closed on exec.
func inheritedFiles() []int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	var open []int
	for _, e := range entries {
		fd, _ := strconv.Atoi(e.Name())
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if fd > 2 && err == nil && flags&unix.FD_CLOEXEC == 0 {
			open = append(open, fd)
		}
	}
	slices.Sort(open)
	return open
}
