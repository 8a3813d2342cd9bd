//go:build e2e

// Package e2e holds the tests of the built claudepool with the real CLI, against a loopback API.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the claudepool under test, realCLI the CLI behind it.
var program, realCLI string

func TestMain(m *testing.M) {
	realCLI = os.Getenv("CLAUDEPOOL_E2E_CLAUDE")
	if realCLI == "" {
		fmt.Fprintln(os.Stderr, "e2e: CLAUDEPOOL_E2E_CLAUDE does not name the real CLI; run `make e2e`, which installs it and sets this")
		os.Exit(1)
	}
	os.Exit(withProgram(m.Run))
}

// withProgram builds claudepool for the time of the tests.
func withProgram(run func() int) int {
	dir, err := os.MkdirTemp("", "claudepool-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "claudepool")
	build := exec.Command("go", "build", "-o", program, "claudepool/cmd/claudepool")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: build claudepool:", err)
		return 1
	}
	return run()
}
