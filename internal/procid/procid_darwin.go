package procid

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func lookUp() (here, error) {
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return here{}, fmt.Errorf("boot id: %w", err)
	}
	host, err := unix.Sysctl("kern.uuid") // of the hardware
	if err != nil {
		host, _ = os.Hostname() // best effort: "" still compares
	}
	return here{host: host, bootID: boot}, nil // macOS has no pid namespaces
}

// startTime asks the kernel when a process started, in microseconds since 1970. A zombie counts as
// gone. The error is fs.ErrNotExist where there is no such process.
func startTime(pid int) (int64, error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err == unix.EIO { // what x/sys makes of an empty answer
		return 0, os.ErrNotExist
	}
	if err != nil {
		return 0, err
	}
	const zombie = 5 // SZOMB of <sys/proc.h>
	if info.Proc.P_stat == zombie || int(info.Proc.P_pid) != pid {
		return 0, os.ErrNotExist
	}
	start := info.Proc.P_starttime
	return start.Sec*1_000_000 + int64(start.Usec), nil
}
