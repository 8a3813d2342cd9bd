package wrapper

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// ownBinary is the file of this process, even where an update has replaced it on disk.
func ownBinary() (string, error) { return "/proc/self/exe", nil }

func killWithParent(sys *syscall.SysProcAttr) { sys.Pdeathsig = syscall.SIGKILL }

// isStopped tells whether a process is stopped right now: the report of a stop can be older than a
// SIGCONT that has come since.
func isStopped(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, fields, _ := bytes.Cut(stat[max(0, bytes.LastIndexByte(stat, ')')):], []byte(" "))
	return bytes.HasPrefix(fields, []byte("T"))
}
