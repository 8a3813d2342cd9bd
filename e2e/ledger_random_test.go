//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

const (
	randomSteps   = 60
	randomWorkers = 3
)

// A day of three people on three subscriptions, in random order: afterwards the ledger equals the books.
//
// It is exact because of what is left out. A run is killed only while an answer is under way that never
// comes to its end, and once those before it are in the transcript: one that was served, but that the CLI
// had not yet written down when it was killed, is lost to everybody. A conversation is used on one
// subscription at a time: where it is on two at once nobody can tell whose a message is, and it is booked
// as unattributed. And no run without a transcript is in text format, which tells nothing at all.
func TestTheLedgerEqualsTheBooksAfterAnything(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) % 1_000_000
	if given := os.Getenv("CLAUDEPOOL_E2E_SEED"); given != "" {
		var err error
		seed, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("to draw these steps again: CLAUDEPOOL_E2E_SEED=%d", seed)

	day := &day{s: newMachine(t, append([]string{"limited-1", "limited-2", "limited-3"}, randomSubscriptions...)...)}
	t.Run("steps", func(t *testing.T) {
		for worker := range randomWorkers {
			t.Run(fmt.Sprint("worker ", worker), func(t *testing.T) {
				t.Parallel()
				day.work(t, seed)
			})
		}
	})
	for range 2 { // the second time changes nothing
		require.NoError(t, day.s.Manage(nil, "reclaim"))
		require.NoError(t, day.s.Manage(nil, "sync"))
		requireBooked(t, day.s)
	}
	requireAllReleased(t, day.s)
}

var randomSubscriptions = []string{"one", "two", "three"}

// day is what the workers share.
type day struct {
	s     *sandbox.Sandbox
	steps atomic.Int64
	// limits counts the subscriptions that have been used up.
	limits atomic.Int64

	mu sync.Mutex
	// conversations are those that can be gone on with, and that nobody is on.
	conversations []string
}

func (d *day) work(t *testing.T, seed uint64) {
	// --continue takes up the latest conversation of a directory, so each worker has one for that.
	own := filepath.Join(d.s.Work, strings.ReplaceAll(filepath.Base(t.Name()), " ", "-"))
	require.NoError(t, os.Mkdir(own, 0o700))
	for number := d.steps.Add(1); number <= randomSteps; number = d.steps.Add(1) {
		st := step{T: t, day: d, own: own, r: rand.New(rand.NewPCG(seed, uint64(number)))}
		kind := randomKinds[kindOf(seed, int(number)-1)]
		began := time.Now()
		kind.take(st)
		t.Logf("step %d: %s, %v", number, kind.name, time.Since(began).Round(time.Millisecond))
	}
}

// kindOf is the kind of the step: each comes once before any comes again.
func kindOf(seed uint64, number int) int {
	round := uint64(number / len(randomKinds))
	return rand.New(rand.NewPCG(seed, 1000+round)).Perm(len(randomKinds))[number%len(randomKinds)]
}

// step is one of the steps, with its own random numbers: what is drawn does not depend on the others.
type step struct {
	*testing.T
	*day
	own string
	r   *rand.Rand
}

var randomKinds = []struct {
	name string
	take func(st step)
}{
	{"fresh", func(st step) { st.keep(st.run(st.format(), "-p", "hello")) }},
	{"tool call", func(st step) {
		st.keep(st.run(st.format(), "-p", "[[bash:echo 1]][[text:done]]", "--allowedTools", "Bash"))
	}},
	{"named", func(st step) {
		id := fmt.Sprintf("%08x-1111-4111-8111-%012x", st.r.Uint32(), st.r.Uint32())
		st.run(st.format(), "-p", "[[text:first]]", "--session-id", id)
		st.release(id)
	}},
	{"resume", func(st step) { st.goOn("[[bash:echo 2]][[text:more]]", "--allowedTools", "Bash") }},
	{"resume", func(st step) { st.goOn("more") }},
	{"another model", func(st step) { st.goOn("more", "--model", st.oneOf("claude-opus-4-8", "claude-haiku-4-5")) }},
	{"fork", func(st step) {
		st.withConversation(func(id string) { st.keep(st.run(st.format(), "-p", "fork", "--resume", id, "--fork-session")) })
	}},
	{"continue", func(st step) {
		for range 2 {
			cmd := st.command(st.format(), "-p", "on and on", "--continue")
			cmd.Dir = st.own
			st.must(cmd)
		}
	}},
	{"subagent", func(st step) {
		st.keep(st.run(st.format(), "-p", "[[subagent:[[bash:echo sub]][[text:found]]]][[text:all]]", "--allowedTools", "Bash"))
	}},
	{"subagent in the background", func(st step) {
		st.keep(st.run(st.format(), "-p", "[[background:[[slow:300ms]][[text:found]]]][[text:started]]"))
	}},
	{"many turns", func(st step) {
		cmd := st.command(streamJSON, "-p", "--input-format", "stream-json")
		out := run(st.T, cmd, userLine("[[text:a]]")+userLine("[[bash:echo b]][[text:b]]")+userLine("c"))
		require.Zero(st, out.Status, "%s\n%s", out.Stdout, out.Stderr)
		st.keep(out)
	}},
	{"no transcript", func(st step) {
		st.run(st.told(), "-p", "[[bash:echo 1]][[text:gone]]", "--no-session-persistence", "--allowedTools", "Bash")
	}},
	{"partial messages", func(st step) { st.keep(st.run(streamJSON, "-p", "[[text:one two]]", "--include-partial-messages")) }},
	{"limit in a turn", step.meetLimit},
	{"killed, fresh", func(st step) { st.kill() }},
	{"killed, resumed", func(st step) { st.withConversation(func(id string) { st.kill("--resume", id) }) }},
	{"killed, resumed", func(st step) { st.withConversation(func(id string) { st.kill("--resume", id) }) }},
	{"two at once", func(st step) {
		st.withConversation(func(id string) {
			subscription := st.oneOf(randomSubscriptions...)
			var both []*exec.Cmd
			for _, prompt := range []string{"[[slow:500ms]][[text:a]]", "[[slow:300ms]][[text:b]]"} {
				cmd := st.s.Claude(limited(st.T), with(st.format(), "-p", prompt, "--resume", id)...)
				cmd.Env = append(cmd.Env, "CLAUDEPOOL_SUBSCRIPTION="+subscription)
				both = append(both, cmd)
			}
			atOnce(st.T, both...)
		})
	}},
	{"sync", func(st step) { require.NoError(st, st.s.Manage(nil, st.oneOf("sync", "reclaim", "status"))) }},
}

func (st step) oneOf(words ...string) string { return words[st.r.IntN(len(words))] }

func (st step) format() []string { return [][]string{nil, asJSON, streamJSON}[st.r.IntN(3)] }

// told is a format that tells figures.
func (st step) told() []string { return [][]string{asJSON, streamJSON}[st.r.IntN(2)] }

// command is `claude ARGS` on one of the subscriptions.
func (st step) command(format []string, args ...string) *exec.Cmd {
	cmd := st.s.Claude(limited(st.T), with(format, args...)...)
	cmd.Env = append(cmd.Env, "CLAUDEPOOL_SUBSCRIPTION="+st.oneOf(randomSubscriptions...))
	return cmd
}

func (st step) must(cmd *exec.Cmd) output {
	st.Helper()
	out := run(st.T, cmd, "")
	require.Zero(st, out.Status, "%q\n%s\n%s", cmd.Args, out.Stdout, out.Stderr)
	return out
}

func (st step) run(format []string, args ...string) output {
	st.Helper()
	return st.must(st.command(format, args...))
}

// keep lets others go on with the conversation of a run, if it told one.
func (st step) keep(out output) {
	lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
	var last struct {
		SessionID string `json:"session_id"`
	}
	if json.Unmarshal([]byte(lines[len(lines)-1]), &last) == nil && last.SessionID != "" {
		st.release(last.SessionID)
	}
}

func (d *day) release(conversation string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conversations = append(d.conversations, conversation)
}

// withConversation goes on with a conversation that nobody else is on; there may have to be a new one.
func (st step) withConversation(use func(id string)) {
	st.mu.Lock()
	var id string
	if n := len(st.conversations); n > 0 {
		i := st.r.IntN(n)
		id = st.conversations[i]
		st.conversations = append(st.conversations[:i:i], st.conversations[i+1:]...)
	}
	st.mu.Unlock()
	if id == "" {
		id = conversation(st.T, st.run(asJSON, "-p", "first"))
	}
	use(id)
	st.release(id)
}

func (st step) goOn(prompt string, args ...string) {
	st.withConversation(func(id string) { st.run(st.format(), append([]string{"-p", prompt, "--resume", id}, args...)...) })
}

// meetLimit meets a limit with the result of a tool, on a subscription that nobody needs any more.
func (st step) meetLimit() {
	n := st.limits.Add(1)
	if n > 3 {
		st.keep(st.run(st.format(), "-p", "[[warn:five_hour]]")) // paid use would close one that is needed
		return
	}
	cmd := st.s.Claude(limited(st.T), with(st.format(), "-p", "[[bash:echo 1]][[limit:five_hour]]", "--allowedTools", "Bash")...)
	cmd.Env = append(cmd.Env, fmt.Sprint("CLAUDEPOOL_SUBSCRIPTION=limited-", n))
	require.Equal(st, 1, run(st.T, cmd, "").Status)
}

// kill kills a wrapper with -9 at a random moment: of its start, or while an answer is under way after a
// tool call. The answer that it waits for does not come before.
func (st step) kill(args ...string) {
	word := fmt.Sprintf("never-%d", st.r.Uint64())
	prompt, called := "[[slow:300s]][[text:"+word+"]]", st.r.IntN(3) > 0
	if called {
		prompt = "[[bash:echo " + word + "]]" + prompt
	}
	cmd := st.command(st.format(), append([]string{"-p", prompt, "--allowedTools", "Bash"}, args...)...)
	require.NoError(st, cmd.Start())
	if called {
		eventually(st.T, func() bool { return st.waits(word) }, func() string { return "no answer is under way" })
	}
	time.Sleep(time.Duration(st.r.IntN(1000)) * time.Millisecond) // this is the random moment
	require.NoError(st, cmd.Process.Kill())
	require.Error(st, cmd.Wait())
}

// waits tells whether the answer is under way that says the word, and the one before it in the transcript.
func (st step) waits(word string) bool {
	called := 0
	for _, r := range st.s.API.Requests() {
		if r.Tool != "" && strings.Contains(r.Prompt, word) {
			called = r.Number
		}
		if r.Said == word && r.Outcome == "" {
			return inTranscript(st.T, st.s, called)
		}
	}
	return false
}

func requireAllReleased(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	sessions, err := s.Sessions()
	require.NoError(t, err)
	for _, session := range sessions {
		require.NotNil(t, session.EndedAt, "%+v", session)
	}
}
