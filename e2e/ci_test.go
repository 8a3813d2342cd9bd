//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// runRecord is what CLAUDEPOOL_REPORT gets, as far as the tests look at it.
type runRecord struct {
	Subscription   string
	ConversationID string `json:"conversation_id"`
	Failovers      int
	ExitStatus     int `json:"exit_status"`
	Error          string
	Input          int64   `json:"input_tokens"`
	Output         int64   `json:"output_tokens"`
	CacheCreation  int64   `json:"cache_creation_tokens"`
	CacheRead      int64   `json:"cache_read_tokens"`
	CostUSD        float64 `json:"cost_usd"`
	Sessions       []struct{ Subscription, Met string }
}

// newJob is a machine like that of a CI service: the example of the documentation lies in the working directory,
// the tokens that it names are in the environment, and there is no pool.
func newJob(t *testing.T) (s *sandbox.Sandbox, env []string) {
	t.Helper()
	s = newBareMachine(t)
	require.NoError(t, os.Symlink(program, filepath.Join(s.Home, "bin", "claudepool")))
	for _, name := range []string{"ci.sh", "claudepool.toml"} {
		text, err := os.ReadFile(filepath.Join("..", "docs", "examples", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(s.Work, name), text, 0o755))
	}
	return s, append(s.Env(), "CLAUDE_TOKEN_1="+sandbox.Token("ci-1"), "CLAUDE_TOKEN_2="+sandbox.Token("ci-2"), "CLAUDE_API_KEY=")
}

// ciScript runs the example script with a prompt.
func ciScript(t *testing.T, s *sandbox.Sandbox, env []string, prompt string) (output, runRecord) {
	t.Helper()
	cmd := exec.CommandContext(limited(t), "./ci.sh", prompt)
	cmd.Dir, cmd.Env = s.Work, slices.Clone(env)
	out := run(t, cmd, "")
	return out, readRecord(t, filepath.Join(s.Work, "claude-run.json"))
}

func readRecord(t *testing.T, path string) (record runRecord) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &record), string(text))
	return record
}

// requireServed holds the figures of a record against the API's books.
func requireServed(t *testing.T, served pool.Tokens, record runRecord) {
	t.Helper()
	require.Equal(t, []int64{served.Input, served.Output, served.CacheCreation, served.CacheRead},
		[]int64{record.Input, record.Output, record.CacheCreation, record.CacheRead})
	require.Positive(t, record.CostUSD)
}

// The shell script of the documentation, in a job that has nothing but the file and the tokens.
func TestTheExampleForCIRuns(t *testing.T) {
	t.Parallel()
	s, env := newJob(t)
	s.API.Script(sandbox.Token("ci-1"), fakeapi.Limit("five_hour"))

	out, record := ciScript(t, s, env, "[[text:the answer]]")
	require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	require.Equal(t, "answer: claude-answer.json, record: claude-run.json\n", out.Stdout)
	require.Regexp(t, `^claudepool: ran on ci-2: \d+ tokens, \$\d+\.\d{4}, 1 failover, exit status 0\n$`, out.Stderr)
	answer, err := os.ReadFile(filepath.Join(s.Work, "claude-answer.json"))
	require.NoError(t, err)
	require.Equal(t, "the answer", decode(t, string(answer))["result"])
	requireAsked(t, s, "ci-1 ci-2")
	require.NoDirExists(t, filepath.Join(s.Home, ".local"), "all is in the project")

	require.Equal(t, "ci-2", record.Subscription)
	require.Equal(t, 1, record.Failovers)
	require.Equal(t, decode(t, string(answer))["session_id"], record.ConversationID)
	require.Equal(t, "ci-1", record.Sessions[0].Subscription)
	require.Equal(t, "five_hour", record.Sessions[0].Met)
	require.Len(t, record.Sessions, 2)
	requireServed(t, s.API.Requests()[1].Tokens, record)

	// The state that a cache keeps: the next job knows who is at its limit.
	_, record = ciScript(t, s, env, "hello")
	require.Zero(t, record.Failovers)
	requireAsked(t, s, "ci-1 ci-2 ci-2")
}

// A run in text tells no figures itself: the record has those of its transcript.
func TestTheRecordOfARunInText(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	out := run(t, withEnv(s.Claude(limited(t), "-p", "hello"), []string{"CLAUDEPOOL_REPORT=report.json"}), "")
	require.Zero(t, out.Status, out.Stderr)
	record := readRecord(t, filepath.Join(s.Work, "report.json"))
	require.Equal(t, "only", record.Subscription)
	require.NotEmpty(t, record.ConversationID)
	requireServed(t, s.API.Requests()[0].Tokens, record)
}

// With all at their limit, and nothing to wait for, the job ends with 75 and says so.
func TestTheExampleForCIEndsWith75(t *testing.T) {
	t.Parallel()
	s, env := newJob(t)
	for _, name := range []string{"ci-1", "ci-2"} {
		s.API.Script(sandbox.Token(name), fakeapi.Limit("five_hour"))
	}
	env = append(env, "CLAUDEPOOL_WAIT=0")
	out, record := ciScript(t, s, env, "hello")
	require.Equal(t, 1, out.Status, "the first job gets the limit that it met: %s", out.Stderr)
	require.Equal(t, 1, record.ExitStatus)

	out, record = ciScript(t, s, env, "hello")
	require.Equal(t, 75, out.Status, out.Stderr)
	require.Contains(t, out.Stderr, "every subscription is at its limit: try again later\n")
	require.Equal(t, 75, record.ExitStatus)
	require.NotEmpty(t, record.Error)
	requireAsked(t, s, "ci-1 ci-2")
}

// Jobs that start at once on an empty cache make one pool.
func TestJobsThatStartAtOnceMakeOnePool(t *testing.T) {
	t.Parallel()
	s, env := newJob(t)
	const jobs = 20
	cmds, printed := make([]*exec.Cmd, jobs), make([]strings.Builder, jobs)
	for i := range cmds {
		cmds[i] = exec.CommandContext(limited(t), program, "list", "--json")
		cmds[i].Dir, cmds[i].Env = s.Work, append(slices.Clone(env), "CI=true")
		cmds[i].Stdout, cmds[i].Stderr = &printed[i], &printed[i]
		require.NoError(t, cmds[i].Start())
	}
	for i, cmd := range cmds {
		require.NoError(t, cmd.Wait(), printed[i].String())
		var list struct{ Subscriptions []struct{ Name string } }
		require.NoError(t, json.Unmarshal([]byte(printed[i].String()), &list), printed[i].String())
		require.Len(t, list.Subscriptions, 3)
	}
}
