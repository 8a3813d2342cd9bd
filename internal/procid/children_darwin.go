package procid

import "golang.org/x/sys/unix"

// Children are the processes whose parent a process is, as far as they can be seen.
func Children(pid int) (children []int) {
	all, _ := unix.SysctlKinfoProcSlice("kern.proc.all") // none where it can't be read
	for _, p := range all {
		if int(p.Eproc.Ppid) == pid {
			children = append(children, int(p.Proc.P_pid))
		}
	}
	return children
}
