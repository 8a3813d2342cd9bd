package harness

import (
	"testing"
	"time"
)

// Deadline is how long anything may take that a test waits for. Nothing takes a tenth of it.
const Deadline = 20 * time.Second

const lookEvery = 2 * time.Millisecond

// Eventually waits until happened is true; else it fails with complaint.
func Eventually(t *testing.T, happened func() bool, complaint func() string) {
	t.Helper()
	eventually(t, lookEvery, happened, complaint)
}

func eventually(t *testing.T, every time.Duration, happened func() bool, complaint func() string) {
	t.Helper()
	deadline := time.NewTimer(Deadline)
	defer deadline.Stop()
	look := time.NewTicker(every)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-deadline.C:
			if happened() {
				return
			}
			t.Fatal(complaint())
		}
	}
}
