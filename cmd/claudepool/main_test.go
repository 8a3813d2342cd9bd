package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"claudepool/wrapper"
)

// What is built with the race detector sleeps for a second before it ends, unless it is told not to (go1.26): with the
// thousands of processes of these tests that would be most of the time.
const noRaceSleep = "atexit_sleep_ms=0"

// TestMain makes the test binary the command, under both of its names, so that the scripts of
// testdata/script run what is built.
func TestMain(m *testing.M) {
	if code, isHelper := wrapper.HelperMain(os.Args); isHelper {
		os.Exit(code)
	}
	command := func() { os.Exit(run(os.Args)) }
	testscript.Main(m, map[string]func(){"claudepool": command, "claude": command})
}

// TestScripts runs every script on a machine of its own: a home, a real CLI if the script brings one as
// bin/claude, and a caller's environment that has nothing else in it.
func TestScripts(t *testing.T) {
	p := scriptParams(func(*testscript.Env) error { return nil })
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// scriptParams are how scripts run; more is set up last.
func scriptParams(more func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			commands := filepath.SplitList(env.Getenv("PATH"))[0] // where the test binary is, by both names
			for name, value := range map[string]string{
				"HOME":  filepath.Join(env.WorkDir, "home"),
				"PATH":  commands + ":" + filepath.Join(env.WorkDir, "bin") + ":/usr/bin:/bin",
				"SHELL": "/bin/bash", "TZ": "UTC", "CLAUDEPOOL_MAINTAIN": "off", "GORACE": noRaceSleep, "PROGRAM": filepath.Join(commands, "claudepool"),
				"STATE": filepath.Join(env.WorkDir, "home/.local/state/claudepool"),
				"DATA":  filepath.Join(env.WorkDir, "home/.local/share/claudepool"),
			} {
				env.Setenv(name, value)
			}
			if err := os.MkdirAll(env.Getenv("HOME"), 0o700); err != nil {
				return err
			}
			return more(env)
		},
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": exitStatus, "await": await, "waiters": waiters, "cooldown": cooldown, "silent": silent, "webhook": webhook,
		},
	}
}

// exitStatus is `status N COMMAND…`: the command ends with exactly that status.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s ended with status %d, not %d", args[1], got, want)
	}
}
