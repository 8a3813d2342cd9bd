package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	_ "modernc.org/sqlite"
)

// sandbox is a home directory of its own with a pool in it, and ways to run a child there.
type sandbox struct {
	home string
	// wrapper is a link named claude to the program under measurement.
	wrapper string
	program string
	env     []string
}

// newSandbox makes a pool of subscriptions that take maxSessions sessions each; 0 caps nothing.
func (b *bench) newSandbox(subscriptions, maxSessions int) (*sandbox, error) {
	home, err := os.MkdirTemp(b.scratch, "home-")
	if err != nil {
		return nil, err
	}
	s := &sandbox{home: home, wrapper: filepath.Join(home, "bin", "claude"), program: b.program}
	s.env = []string{
		"HOME=" + home,
		"XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"XDG_STATE_HOME=" + filepath.Join(home, ".local", "state"),
		"XDG_DATA_HOME=" + filepath.Join(home, ".local", "share"),
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"TERM=xterm-256color",
		"SHELL=/bin/sh",
		"LANG=C.UTF-8",
		"CLAUDEPOOL_MAINTAIN=off", // no process beside those that are measured
	}
	if err := os.MkdirAll(filepath.Dir(s.wrapper), 0o700); err != nil {
		return nil, err
	}
	if err := os.Symlink(b.program, s.wrapper); err != nil {
		return nil, err
	}
	if _, err := s.manage("init"); err != nil {
		return nil, err
	}
	for i := range subscriptions {
		name := "s" + strconv.Itoa(i+1)
		dir := filepath.Join(home, "subscriptions", name)
		if err := os.MkdirAll(filepath.Join(dir, "projects"), 0o700); err != nil { // a CLI that has run has one
			return nil, err
		}
		args := []string{"add", name, "--no-ramp-up", "--config-dir", dir}
		if maxSessions > 0 {
			args = append(args, "--max-sessions", strconv.Itoa(maxSessions))
		}
		if _, err := s.manage(args...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// manage runs a claudepool command and returns its standard output.
func (s *sandbox) manage(args ...string) ([]byte, error) {
	cmd := exec.Command(s.program, args...)
	cmd.Env, cmd.Dir = s.env, s.home
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("claudepool %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return out, nil
}

// child is a program that stands in for the real CLI.
type child struct {
	path string
	env  []string
}

// trueChild is the smallest program there is: it exits at once.
func trueChild() (child, error) {
	path, err := exec.LookPath("true")
	return child{path: path}, err
}

// contestant is a way to run a child with arguments.
type contestant struct {
	name    string
	command func(c child, args ...string) *exec.Cmd
}

func (s *sandbox) claudepool() contestant {
	return contestant{"claudepool", func(c child, args ...string) *exec.Cmd {
		cmd := s.alone().command(c, args...)
		cmd.Path, cmd.Args[0] = s.wrapper, "claude"
		cmd.Env = append(cmd.Env, "CLAUDEPOOL_CLAUDE="+c.path)
		return cmd
	}}
}

func (s *sandbox) alone() contestant {
	return contestant{"child alone", func(c child, args ...string) *exec.Cmd {
		cmd := exec.Command(c.path, args...)
		cmd.Env = append(append([]string{}, s.env...), c.env...)
		cmd.Dir = s.home
		return cmd
	}}
}

// script runs the child under script(1), which takes a command line on Linux and arguments on macOS.
func (s *sandbox) script() (contestant, bool) {
	path, err := exec.LookPath("script")
	if err != nil {
		return contestant{}, false
	}
	return contestant{"script", func(c child, args ...string) *exec.Cmd {
		cmd := s.alone().command(c, args...)
		cmd.Path = path
		if runtime.GOOS == "darwin" {
			cmd.Args = append([]string{"script", "-q", "/dev/null", c.path}, args...)
		} else {
			// The arguments of the children need no quoting.
			cmd.Args = []string{"script", "-q", "-c", "exec " + strings.Join(append([]string{c.path}, args...), " "), "/dev/null"}
		}
		return cmd
	}}, true
}

// contestants are all that this machine has, ours first.
func (s *sandbox) contestants() []contestant {
	all := []contestant{s.claudepool(), s.alone()}
	if script, found := s.script(); found {
		all = append(all, script)
	}
	return all
}

// query does something with the pool's database that no command does.
func (s *sandbox) query(f func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.home, ".local/state/claudepool/pool.db")+"?_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer db.Close()
	return f(db)
}
