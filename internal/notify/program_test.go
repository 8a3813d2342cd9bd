package notify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// script makes a program of a shell script, and returns its path.
func script(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
	return path
}

func commandOf(argv ...string) Settings {
	return Settings{Name: "c", Kind: Command, Command: argv, Timeout: 5 * time.Second}
}

func TestACommandGetsTheEvent(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	program := script(t, "p", `{ echo "$CLAUDEPOOL_EVENT $CLAUDEPOOL_EVENT_ID $MINE $1"; cat; } >"$OUT"`)
	e := event(pool.Subscription{}, 1)
	require.NoError(t, try(t, commandOf(program, "$HOME; a b"), variables{"OUT": out, "MINE": "mine", "PATH": os.Getenv("PATH")}, e))
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	payload, err := json.Marshal(e)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("store-trouble %s mine $HOME; a b\n%s\n", e.ID, payload), string(got))
}

func TestACommandThatDoesNotReadIsDone(t *testing.T) {
	t.Parallel()
	e := pool.StoreTroubleEvent(strings.Repeat("x", 1<<20), noon) // more than a pipe holds
	require.NoError(t, try(t, commandOf(script(t, "p", "exit 0")), nil, e))
}

func TestWhyACommandFailed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"echo no such user >&2; exit 3":            "p ended with exit status 3: no such user",
		"printf 'a\\033[31m\\001b\\n\\nc'; exit 1": "p ended with exit status 1: a[31mb c",
		"exit 1":                                 "p ended with exit status 1",
		"kill -9 $$":                             "p ended with signal: killed",
		"yes aaaaaaaaa | head -c 100000; exit 1": "p ended with exit status 1: " + strings.Repeat("aaaaaaaaa ", 20)[:mostTold-1] + "…",
		"sleep 100 & echo $! >\"$OUT\"; echo x; sleep 9": "it took longer than 900ms",
	} {
		out := filepath.Join(t.TempDir(), "pid")
		s := commandOf(script(t, "p", text))
		if strings.Contains(text, "sleep") {
			s.Timeout = 900 * time.Millisecond
		}
		require.Equal(t, want, why(t, try(t, s, variables{"OUT": out, "PATH": os.Getenv("PATH")}, event(pool.Subscription{}, 1))))
		if s.Timeout < time.Second {
			requireGone(t, out)
		}
	}
	require.Equal(t, "nothing can't be run: no such file or directory", why(t, try(t, commandOf("/no/nothing"), nil, event(pool.Subscription{}, 1))))
	require.Equal(t, "nothing is not on PATH", why(t, try(t, commandOf("nothing"), variables{"PATH": ".:/bin"}, event(pool.Subscription{}, 1))))
}

// requireGone waits for the process to end whose id is in a file: it was in the group.
func requireGone(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // nobody may have waited for it
		return err == nil && strings.Contains(string(stat), ") Z ")
	}, 5*time.Second, 5*time.Millisecond)
}

func TestWhatACommandLeavesBehindHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "pid")
	began := time.Now()
	require.NoError(t, try(t, commandOf(script(t, "p", `sleep 20 & echo $! >"$OUT"`)), variables{"OUT": out, "PATH": os.Getenv("PATH")}, event(pool.Subscription{}, 1)))
	require.Less(t, time.Since(began), 4*time.Second)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL), "it goes on")
}

func TestTheDesktopShowsTheText(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	for _, name := range []string{"notify-send", "osascript"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nprintf '<%s>' \"$@\" >\"$OUT\"\n"), 0o700))
	}
	e := pool.StoreTroubleEvent("-u & <b>\"$(id)\" `id`\n\\ "+strings.Repeat("é", 1000), noon)
	text := "the store could not be used: -u & <b>\"$(id)\" `id` \\ "
	text += strings.Repeat("é", mostShown-1-len(text)) + "…"
	for system, want := range map[string]string{
		"linux": "<--app-name=claudepool><--urgency=critical><--><claudepool store-trouble><" +
			strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text) + ">",
		"darwin": "<-e><on run argv><-e><display notification (item 2 of argv) with title (item 1 of argv)><-e><end run><claudepool store-trouble><" + text + ">",
	} {
		d := desktop{variables{"PATH": dir + ":/bin:/usr/bin", "OUT": out}.caller(), system}
		require.NoError(t, d.Deliver(t.Context(), Message{Event: e}))
		got, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	d := desktop{variables{"PATH": t.TempDir()}.caller(), "linux"}
	require.Equal(t, "notify-send is not on PATH", why(t, d.Deliver(t.Context(), Message{Event: e})))
}

func TestALogIsLinesOfJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "events.jsonl")
	s := Settings{Name: "l", Kind: Log, File: path, LogSize: 1000, Timeout: time.Second}
	var want []string
	for n := range 4 {
		e := event(pool.Subscription{}, n)
		require.NoError(t, try(t, s, nil, e))
		want = append(want, e.ID)
	}
	require.Equal(t, want, logged(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	for n := range 4 {
		require.NoError(t, try(t, s, nil, event(pool.Subscription{}, 10+n)))
	}
	require.Less(t, len(logged(t, path)), 8)
	require.FileExists(t, path+".1")
}

func TestALogThatCanNotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for path, want := range map[string]string{
		filepath.Join(file, "log"): "the log can't be written: not a directory",
		dir:                        "the log is no file",
		pipe:                       "the log is no file",
	} {
		s := Settings{Name: "l", Kind: Log, File: path, LogSize: 1000, Timeout: time.Second}
		require.Equal(t, want, why(t, try(t, s, nil, event(pool.Subscription{}, 1))))
	}
}

// logged are the ids of the events in a log.
func logged(t *testing.T, path string) (ids []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var e pool.Event
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		ids = append(ids, e.ID)
	}
	return ids
}
