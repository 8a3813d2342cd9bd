package procid

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func lookUp() (here, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return here{}, fmt.Errorf("boot id: %w", err)
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return here{}, fmt.Errorf("pid namespace: %w", err)
	}
	return here{host: hostID(), bootID: strings.TrimSpace(string(boot)), pidNamespace: namespace}, nil
}

// hostID prefers the machine id: host names repeat, in containers above all. A container without one
// has at least a host name of its own.
func hostID() string {
	if id, err := os.ReadFile("/etc/machine-id"); err == nil && len(bytes.TrimSpace(id)) > 0 {
		return string(bytes.TrimSpace(id))
	}
	name, _ := os.Hostname() // best effort: "" still compares
	return name
}

// startTime reads field 22 of /proc/PID/stat, in clock ticks since boot. A zombie counts as gone:
// nothing runs in it any more. The error is fs.ErrNotExist where there is no such process.
func startTime(pid int) (int64, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, syscall.ESRCH) { // the process went while the file was open
		return 0, os.ErrNotExist
	}
	if err != nil {
		return 0, err
	}
	// The command in parentheses may hold anything, spaces and parentheses too: begin after the last.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, start = 0, 19 // field 3 is the first after the command
	if len(fields) <= start {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	if s := fields[state][0]; s == 'Z' || s == 'X' {
		return 0, os.ErrNotExist
	}
	return strconv.ParseInt(string(fields[start]), 10, 64)
}
