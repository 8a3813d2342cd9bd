package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// memoryBar is how much of the program may ever be in memory at once, in MiB.
const memoryBar = 30

// measureMemory runs children with a lot of output, and looks at the peak of the wrapper when all of
// it has come through. Only Linux tells a peak that starts with the program.
func measureMemory(b *bench) ([]row, error) {
	if runtime.GOOS != "linux" {
		fmt.Fprintln(os.Stderr, "memory is measured on Linux only")
		return nil, nil
	}
	s, err := b.newSandbox(2, 0) // of one there is no failover, and nothing to hold back for it
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, m := range []struct {
		what, role string
		size       int
		args       []string
		// held is set where all of the output comes at the end, on its way from a file.
		held bool
	}{
		{"memory, 1 GB of stream-json", "stream-then-wait", 1 << 30, streamArgs, false},
		{"memory, a line of 500 MB", "line-then-wait", 500 << 20, streamArgs, false},
		{"memory, 500 MB in json", "line-then-wait", 500 << 20, []string{"-p", "--output-format", "json", "hi"}, true},
		{"memory, 500 MB in text", "line-then-wait", 500 << 20, []string{"-p", "hi"}, false},
		{"memory, 1 GB on a terminal", "screen-then-wait", 1 << 30, nil, false},
	} {
		size := b.scale(m.size)
		cmd := s.claudepool().command(b.actor(m.role, size), m.args...)
		peaks, err := peaksAfter(cmd, size, m.args == nil, m.held)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", m.what, err)
		}
		most := slices.Max(peaks)
		rows = append(rows, row{what: m.what, bar: fmt.Sprintf("≤ %d MiB", memoryBar),
			measured: fmt.Sprintf("%.1f MiB", most), ok: most <= memoryBar, claudepool: processes(peaks)})
	}
	return rows, nil
}

func processes(peaks []float64) string {
	var each []string
	for _, p := range peaks {
		each = append(each, fmt.Sprintf("%.1f", p))
	}
	return fmt.Sprintf("MiB in each process: %s", strings.Join(each, ", "))
}

// peaksAfter runs a command until size bytes have come, returns the peak of each of its processes
// in MiB, and lets it end. Of one whose output is held its child has ended before anything comes; there
// half of it is enough, while the rest waits to be read.
func peaksAfter(cmd *exec.Cmd, size int, terminal, held bool) (peaks []float64, err error) {
	out, in, err := startOn(cmd, terminal)
	if err != nil {
		return nil, err
	}
	if held {
		size /= 2
		_ = in.Close() // for which the child waits
	}
	total := 0
	readErr := readAll(out, func(p []byte) {
		before := total
		if total += len(p); before >= size || total < size {
			return
		}
		if peaks, err = peaksOf(cmd.Process.Pid); !held {
			_, writeErr := in.Write([]byte("\n")) // a terminal in its usual mode passes on whole lines
			err = errors.Join(err, writeErr)
		}
	})
	if err = errors.Join(err, readErr, cmd.Wait()); err == nil && len(peaks) == 0 {
		err = fmt.Errorf("%s ended early, after %d bytes", cmd, total)
	}
	return peaks, err
}

// startOn starts a command on a pty or on pipes.
func startOn(cmd *exec.Cmd, terminal bool) (out io.Reader, in io.WriteCloser, err error) {
	if terminal {
		master, err := startOnPTY(cmd)
		return master, master, err
	}
	if out, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	if in, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	return out, in, cmd.Start()
}

// peaksOf returns the peaks of a process and of its descendants that run the same program.
func peaksOf(root int) ([]float64, error) {
	program, err := os.Readlink(procFile(root, "exe"))
	if err != nil {
		return nil, err
	}
	var peaks []float64
	for _, pid := range append([]int{root}, descendants(root)...) {
		if exe, err := os.Readlink(procFile(pid, "exe")); err != nil || exe != program {
			continue
		}
		peak, err := peakOf(pid)
		if err != nil {
			return nil, err
		}
		peaks = append(peaks, peak)
	}
	return peaks, nil
}

func procFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

func descendants(pid int) []int {
	var found []int
	lists, _ := filepath.Glob(procFile(pid, "task/*/children")) // errs only for a bad pattern
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				found = append(append(found, child), descendants(child)...)
			}
		}
	}
	return found
}

// peakOf returns the greatest resident size that a process ever had, in MiB.
func peakOf(pid int) (float64, error) {
	status, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if kib, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			n, err := strconv.ParseFloat(strings.Fields(kib)[0], 64)
			return n / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d tells no peak", pid)
}
