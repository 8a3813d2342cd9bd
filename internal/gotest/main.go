// Command gotest runs `go test -json` with its arguments and prints what a person wants to know:
// a line for each package, the output of what failed, every skip with its reason, and the counts.
//
//	go run ./internal/gotest [-no-skips] [go test's flags] [packages]
//
// Plain `go test` hides skips; with -no-skips they are failures, which is what continuous
// integration wants: there, a test that can't run has not passed.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	noSkips := len(args) > 0 && args[0] == "-no-skips"
	if noSkips {
		args = args[1:]
	}
	// go test gets the same Ctrl-C from the terminal; its last words are to be read first.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)

	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		return 1
	}
	report := newReport(os.Stdout)
	readErr := report.read(out)
	err = cmd.Wait()
	report.finish()

	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	case errors.Join(err, readErr) != nil:
		fmt.Fprintln(os.Stderr, "gotest:", errors.Join(err, readErr))
		return 1
	case noSkips && len(report.skips) > 0:
		fmt.Println("FAIL: nothing may be skipped here")
		return 1
	}
	return 0
}
