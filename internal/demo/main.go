// Command demo shows what claudepool is for, with the real CLI and without a login: a pool of three
// subscriptions, runs one at a time and ten at once, a wrapper killed with -9, and at the end the ledger
// beside the books of the loopback API that served all of it. It fails where they differ.
//
//	make demo
//
// It stands in the repository's root and needs bin/claudepool. Everything that it starts runs in a
// temporary directory with an environment made from nothing, and is gone when it ends.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"claudepool/internal/sandbox"
)

// timeLimit bounds the whole demo.
const timeLimit = 3 * time.Minute

func main() { os.Exit(run()) }

func run() int {
	began := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	if err := show(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	fmt.Printf("\nall equal, %.0f s\n", time.Since(began).Seconds())
	return 0
}

// show makes the machine, runs the demo on it, and takes it away.
func show(ctx context.Context) (err error) {
	program, err := filepath.Abs("bin/claudepool")
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("%w; build it: make build", err)
	}
	realCLI, err := findCLI(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "claudepool-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // in the temporary directory anyway
	machine, err := sandbox.New(dir, realCLI)
	if err != nil {
		return err
	}
	defer machine.Close()
	say("a loopback API that keeps books of every token: %s", machine.API.URL)
	return (&demo{Sandbox: machine, program: program}).all(ctx)
}

// findCLI returns the real CLI, which is installed first where it is missing.
func findCLI(ctx context.Context) (string, error) {
	install := exec.CommandContext(ctx, "scripts/install-claude")
	install.Stderr = os.Stderr
	out, err := install.Output()
	if err != nil {
		return "", fmt.Errorf("scripts/install-claude: %w", err)
	}
	path := strings.TrimSpace(string(out))
	version, err := sandbox.Version(ctx, path)
	if err != nil {
		return "", err
	}
	say("the real CLI: %s, %s", version, path)
	return path, nil
}

// say tells a step in one line.
func say(format string, args ...any) { fmt.Printf("-- "+format+"\n", args...) }

// typed shows a command as a user types it, with a comment if there is one.
func typed(comment string, words ...string) {
	line := "$"
	for _, word := range words {
		if strings.ContainsAny(word, " []*$&;|<>()") {
			word = "'" + word + "'"
		}
		line += " " + word
	}
	if comment != "" {
		line += "  # " + comment
	}
	fmt.Println(line)
}
