package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"claudepool/internal/fakeclaude"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Run is one start of a program.
type Run struct {
	Way Way
	// Dir is shared with the stand-in: its report, marks and log of signals.
	Dir string
	// Terminal is nil where the run has none.
	Terminal *Terminal
	PID      int
	process  *os.Process
	stdout   stream
	stderr   stream
	input    *os.File
	endInput sync.Once
	// ours are descriptors that the child has got and the test closes.
	ours   []*os.File
	ended  chan struct{}
	status Status
	jobs   bool
}

// Status is how a run ended: an exit code, or the signal's name as in "TERM".
type Status struct {
	Code   int
	Signal string
}

// Start starts a run; whatever is left of it is killed when the test ends.
func (g *Ground) Start(t *testing.T, way Way, p Plan) *Run {
	t.Helper()
	r := &Run{Way: way, Dir: g.share(t), Terminal: p.Terminal, ended: make(chan struct{}), jobs: p.Jobs}
	if r.Terminal == nil && p.needsTerminal() {
		r.Terminal = NewTerminal(t)
	}
	env := append(g.Environ(), fakeclaude.DirVar+"="+r.Dir, fakeclaude.ScriptVar+"="+p.Script)
	argv := p.argv(way.Path)
	attr := &os.ProcAttr{Dir: g.Project, Env: append(env, p.Env...), Files: r.files(t, p), Sys: &syscall.SysProcAttr{Setsid: !p.SameSession, Setpgid: p.SameSession, Credential: p.User}}
	if r.Terminal != nil {
		attr.Files = r.withTerminal(attr.Files)
		attr.Sys.Setctty, attr.Sys.Ctty = true, index(attr.Files, r.Terminal.Slave)
	}
	process, err := os.StartProcess(argv[0], argv, attr)
	require.NoError(t, err)
	r.process, r.PID = process, process.Pid
	for _, f := range r.ours {
		_ = f.Close()
	}
	if r.Terminal != nil {
		r.Terminal.release()
	}
	if !p.HoldOutput {
		r.stdout.start()
	}
	r.stderr.start()
	go r.reap()
	t.Cleanup(r.Kill)
	return r
}

// withTerminal adds the terminal as the last descriptor where none of the others is it.
func (r *Run) withTerminal(files []*os.File) []*os.File {
	if index(files, r.Terminal.Slave) < 0 {
		files = append(files, r.Terminal.Slave)
	}
	return files
}

func index(files []*os.File, f *os.File) int {
	for i := range files {
		if files[i] == f {
			return i
		}
	}
	return -1
}

func (r *Run) reap() {
	defer close(r.ended)
	state, err := r.process.Wait()
	if err != nil {
		return
	}
	ws := state.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		r.status = Status{Signal: strings.TrimPrefix(unix.SignalName(ws.Signal()), "SIG")}
		return
	}
	r.status = Status{Code: ws.ExitStatus()}
}

// Wait waits for the end and for the end of its output, and returns how it ended.
func (r *Run) Wait(t *testing.T) Status {
	t.Helper()
	status := r.WaitExit(t)
	r.waitFor(t, r.stdout.done, "standard output did not end")
	r.waitFor(t, r.stderr.done, "standard error did not end")
	if r.Terminal != nil {
		r.waitFor(t, r.Terminal.ended, "somebody still has the terminal open")
	}
	return status
}

// WaitExit waits for the end of the process only.
func (r *Run) WaitExit(t *testing.T) Status {
	t.Helper()
	r.waitFor(t, r.ended, "it did not end")
	if !r.jobs {
		return r.status
	}
	code, err := strconv.Atoi(strings.TrimSpace(string(r.File("status"))))
	require.NoError(t, err, "the shell wrote no status, it ended with %v", r.status)
	return Status{Code: code}
}

func (r *Run) waitFor(t *testing.T, end <-chan struct{}, complaint string) {
	t.Helper()
	if end == nil {
		return
	}
	select {
	case <-end:
	case <-time.After(Deadline):
		t.Fatalf("%s: %s\n%s", r.Way.Name, complaint, r.Describe())
	}
}

// Ended tells whether the process has ended.
func (r *Run) Ended() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// Describe shows what there is of a run, for messages.
func (r *Run) Describe() string {
	text := "stderr: " + strconv.Quote(string(clip(r.Stderr()))) + "\nstdout: " + strconv.Quote(string(clip(r.Stdout())))
	if r.Terminal != nil {
		text += "\nterminal: " + strconv.Quote(string(clip(r.Terminal.Seen())))
	}
	if failed := r.File("failed"); failed != nil {
		text += "\nthe script failed: " + string(failed)
	}
	return text
}

func clip(b []byte) []byte {
	const most = 2000
	return b[max(0, len(b)-most):]
}

// Kill ends what is left of the process.
func (r *Run) Kill() {
	if !r.Ended() {
		_ = r.process.Kill() // it may have ended just now
	}
	<-r.ended
}

// Signal sends a signal to the process alone, SignalGroup to its whole process group.
func (r *Run) Signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(r.PID, s))
}

// SignalGroup sends a signal to the whole process group of the run.
func (r *Run) SignalGroup(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(-r.PID, s))
}

// EndInput ends a piped standard input.
func (r *Run) EndInput() {
	if r.input != nil {
		r.endInput.Do(func() { _ = r.input.Close() })
	}
}

func (r *Run) path(name string) string { return filepath.Join(r.Dir, name) }

// File returns what the stand-in wrote under a name, nil where it did not.
func (r *Run) File(name string) []byte {
	content, err := os.ReadFile(r.path(name))
	if err != nil {
		return nil
	}
	return content
}

// Marked waits for a mark and returns the pid of the stand-in that made it.
func (r *Run) Marked(t *testing.T, name string) int {
	t.Helper()
	Eventually(t, func() bool { return r.File(name) != nil }, func() string {
		return r.Way.Name + ": no mark " + name + "\n" + r.Describe()
	})
	pid, err := strconv.Atoi(strings.TrimSpace(string(r.File(name))))
	require.NoError(t, err)
	return pid
}

// Tell lets an `await NAME` go on.
func (r *Run) Tell(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.WriteFile(r.path(name), nil, 0o600))
}

// Signals are the signals that the stand-in has logged, in order.
func (r *Run) Signals() []string { return strings.Fields(string(r.File("signals"))) }

// GotSignals waits until the stand-in has logged n signals.
func (r *Run) GotSignals(t *testing.T, n int) {
	t.Helper()
	Eventually(t, func() bool { return len(r.Signals()) >= n }, func() string {
		return r.Way.Name + ": only these signals came: " + strings.Join(r.Signals(), " ") + "\n" + r.Describe()
	})
}

// Report is what the stand-in saw.
func (r *Run) Report(t *testing.T) fakeclaude.Report {
	t.Helper()
	Eventually(t, func() bool { return r.File("report.json") != nil }, func() string {
		return r.Way.Name + ": no report\n" + r.Describe()
	})
	var report fakeclaude.Report
	require.NoError(t, json.Unmarshal(r.File("report.json"), &report))
	return report
}
