package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// kept is a home with a pool, a real CLI that ends with 7, and a channel to a server.
type kept struct {
	*testing.T
	home string
	// arrived has the requests to the server; each is answered once something is sent on answer.
	arrived chan *http.Request
	answer  chan int
}

func newKept(t *testing.T) *kept {
	t.Helper()
	k := &kept{t, t.TempDir(), make(chan *http.Request, 100), make(chan int, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that a client is gone
		k.arrived <- r
		select {
		case status := <-k.answer:
			w.WriteHeader(status)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	k.write(".claude/settings.json", "{}")
	k.write("bin/claude", "#!/bin/sh\nexit 7\n")
	require.NoError(t, os.Chmod(filepath.Join(k.home, "bin/claude"), 0o755))
	k.write(".config/claudepool/config.toml", fmt.Sprintf("[[channel]]\nname = \"hook\"\ntype = \"webhook\"\nurl = %q\ntimeout = \"20s\"\n", server.URL))
	k.must("init", "--yes", "--no-shim")
	t.Cleanup(func() { // before the home is removed
		if pid := k.started(); pid > 0 {
			k.ended(pid)
		}
	})
	return k
}

func (k *kept) write(name, text string) {
	k.Helper()
	path := filepath.Join(k.home, name)
	require.NoError(k, os.MkdirAll(filepath.Dir(path), 0o700))
	syscall.ForkLock.RLock() // a child of another test would hold the file open, and a script that is can't be run
	defer syscall.ForkLock.RUnlock()
	require.NoError(k, os.WriteFile(path, []byte(text), 0o600))
}

// command runs the program by a name, without upkeep of its own.
func (k *kept) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Args, cmd.Dir = append([]string{name}, args...), k.home
	cmd.Env = []string{"HOME=" + k.home, "PATH=" + k.home + "/bin:/usr/bin:/bin", "TZ=UTC", "TERM=dumb", "SHELL=/bin/sh", "CLAUDEPOOL_MAINTAIN=off", "GORACE=" + noRaceSleep}
	return cmd
}

// detaching is the same where upkeep is on.
func (k *kept) detaching(name string, args ...string) *exec.Cmd {
	cmd := k.command(name, args...)
	cmd.Env[len(cmd.Env)-1] = "CLAUDEPOOL_MAINTAIN=on"
	return cmd
}

func (k *kept) must(args ...string) string {
	k.Helper()
	out, err := k.command("claudepool", args...).CombinedOutput()
	require.NoError(k, err, string(out))
	return string(out)
}

// exhaust causes an event: a run that asks for what there is not.
func (k *kept) exhaust(cmd *exec.Cmd) {
	k.Helper()
	cmd.Env = append(cmd.Env, "CLAUDEPOOL_TAGS=none")
	err := cmd.Run()
	var exit *exec.ExitError
	require.ErrorAs(k, err, &exit)
	require.Equal(k, exitTemporary, exit.ExitCode())
}

func (k *kept) store(f func(*sqlitestore.Store)) {
	k.Helper()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(k.home, ".local/state/claudepool/pool.db"), sqlitestore.Options{})
	require.NoError(k, err)
	f(store)
	require.NoError(k, store.Close())
}

// task is what the store has of a task, nil where it never began.
func (k *kept) task(name string) (task *pool.Task) {
	k.Helper()
	k.store(func(s *sqlitestore.Store) {
		all, err := s.Tasks(context.Background())
		require.NoError(k, err)
		if i := slices.IndexFunc(all, func(t pool.Task) bool { return t.Name == name }); i >= 0 {
			task = &all[i]
		}
	})
	return task
}

// ranAt lets a task seem to have run then.
func (k *kept) ranAt(name string, at time.Time) {
	k.Helper()
	self, err := procid.Self()
	require.NoError(k, err)
	k.store(func(s *sqlitestore.Store) {
		began, err := s.BeginTask(context.Background(), name, 0, self, procid.Probe, at)
		require.NoError(k, err)
		require.True(k, began)
		require.NoError(k, s.EndTask(context.Background(), name, self, "", "", at))
	})
}

// request waits for one, and returns it before it is answered.
func (k *kept) request() *http.Request {
	k.Helper()
	select {
	case r := <-k.arrived:
		return r
	case <-time.After(20 * time.Second):
		require.Fail(k, "nothing was delivered")
	}
	return nil
}

// started is the process that looked after the pool last, 0 for none.
func (k *kept) started() int {
	k.Helper()
	var report struct{ PID int }
	if task := k.task(taskStart); task != nil {
		require.NoError(k, json.Unmarshal([]byte(task.Report), &report))
	}
	return report.PID
}

// ended waits until a process is gone, or only waits to be collected by whoever that is up to.
func (k *kept) ended(pid int) {
	k.Helper()
	require.Eventually(k, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(stat), ") Z ")
	}, 20*time.Second, 10*time.Millisecond)
}

// loop starts `maintain --loop` while an event waits, and returns once the server has been asked.
func (k *kept) loop() *exec.Cmd {
	k.Helper()
	k.exhaust(k.command("claude", "-p", "hi"))
	cmd := k.command("claudepool", "maintain", "--loop", "1s")
	require.NoError(k, cmd.Start())
	k.Cleanup(func() { _ = cmd.Process.Kill() })
	k.request()
	return cmd
}
