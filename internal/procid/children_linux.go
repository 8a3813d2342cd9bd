package procid

import (
	"bytes"
	"os"
	"strconv"
)

// Children are the processes whose parent a process is, as far as they can be seen.
func Children(pid int) (children []int) {
	entries, _ := os.ReadDir("/proc") // none where it can't be read
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has ended meanwhile
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // see startTime
		if len(fields) > 1 && string(fields[1]) == strconv.Itoa(pid) {
			children = append(children, child)
		}
	}
	return children
}
