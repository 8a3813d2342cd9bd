//go:build e2e

package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/conformance/harness"
	"claudepool/internal/sandbox"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// channelConfig is a webhook whose address, signature and header are secrets.
const channelConfig = `[[channel]]
name = "hook"
type = "webhook"
url_from = "HOOK_URL"
secret_from = "HOOK_SECRET"
headers_from = { Authorization = "HOOK_TOKEN" }
`

const hookSecret, hookToken, hookPath = "secret-of-the-hook", "token-of-the-hook", "/path-of-the-hook"

// hook is a server that events are sent to.
type hook struct {
	mu   sync.Mutex
	got  []arrival
	down bool
	// asked, where set, is called before each answer.
	asked func()
}

// arrival is an event as it came, with what it came in.
type arrival struct {
	pool.Event
	Header http.Header
	Body   []byte
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h.mu.Lock()
	down, asked := h.down, h.asked
	h.mu.Unlock()
	if down || err != nil || r.URL.Path != hookPath {
		panic(http.ErrAbortHandler) // the connection ends, as where nobody listens
	}
	if asked != nil {
		asked()
	}
	var event pool.Event
	_ = json.Unmarshal(body, &event) // what is none is seen by its fields
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, arrival{event, r.Header, body})
}

// is makes the server be down or up, and calls asked before each answer.
func (h *hook) is(down bool, asked func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down, h.asked = down, asked
}

func (h *hook) arrivals() []arrival {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]arrival{}, h.got...)
}

// kinds are those of all that has arrived, in order.
func (h *hook) kinds() string {
	var kinds []string
	for _, a := range h.arrivals() {
		kinds = append(kinds, string(a.Kind))
	}
	return strings.Join(kinds, " ")
}

// expect waits until these kinds have arrived, and no others.
func (h *hook) expect(t *testing.T, kinds string) {
	t.Helper()
	eventually(t, func() bool { return len(h.kinds()) >= len(kinds) }, func() string {
		return "arrived only: " + h.kinds()
	})
	require.Equal(t, kinds, h.kinds())
}

// requireSigned checks a signature as docs/notify.md says to.
func requireSigned(t *testing.T, a arrival) {
	t.Helper()
	at, sum, found := strings.Cut(strings.TrimPrefix(a.Header.Get("Claudepool-Signature"), "t="), ",v1=")
	require.True(t, found, "%v", a.Header)
	mac := hmac.New(sha256.New, []byte(hookSecret))
	_, _ = mac.Write([]byte(at + "." + string(a.Body))) // never fails
	require.Equal(t, hex.EncodeToString(mac.Sum(nil)), sum)
}

// told is a machine whose events are delivered to a hook, by the process that its runs start.
type told struct {
	*sandbox.Sandbox
	hook *hook
	env  []string
}

func newTold(t *testing.T, subscriptions ...string) *told {
	t.Helper()
	harness.NeedsProc(t)
	m := &told{Sandbox: newMachine(t, subscriptions...), hook: &hook{}}
	server := httptest.NewUnstartedServer(m.hook)
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	m.env = append(addChannel(t, m.Sandbox, server.URL), "CLAUDEPOOL_MAINTAIN=on", "CLAUDEPOOL_LOG=debug")
	t.Cleanup(func() { m.alone(t) }) // nothing outlives the test
	return m
}

// addChannel sets up a channel to a server, and returns the variables that it needs.
func addChannel(t *testing.T, s *sandbox.Sandbox, server string) []string {
	t.Helper()
	config := filepath.Join(s.Home, ".config", "claudepool", "config.toml")
	require.NoError(t, os.MkdirAll(filepath.Dir(config), 0o700))
	require.NoError(t, os.WriteFile(config, []byte(channelConfig), 0o600))
	return []string{"HOOK_URL=" + server + hookPath, "HOOK_SECRET=" + hookSecret, "HOOK_TOKEN=" + hookToken}
}

// claude is `claude ARGS` where upkeep is on.
func (m *told) claude(ctx context.Context, args ...string) *exec.Cmd {
	return withEnv(m.Claude(ctx, args...), m.env)
}

// run runs `claude ARGS`, which must end with that status.
func (m *told) run(t *testing.T, status int, args ...string) output {
	t.Helper()
	out := run(t, m.claude(limited(t), args...), "")
	require.Equal(t, status, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	return out
}

// claudepool runs `claudepool ARGS`, which must end with that status.
func (m *told) claudepool(t *testing.T, status int, args ...string) output {
	t.Helper()
	out := run(t, withEnv(m.Claudepool(limited(t), args...), m.env), "")
	require.Equal(t, status, out.Status, "%v: %s\n%s", args, out.Stdout, out.Stderr)
	return out
}

// upkeep are the processes that runs on this machine have started beside them.
func (m *told) upkeep() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, dir := range all {
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // it may have ended
		if !strings.HasPrefix(string(line), "claudepool\x00maintain\x00--detached") {
			continue
		}
		env, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && strings.Contains(string(env), "HOME="+m.Home+"\x00") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// alone waits until the upkeep has ended by itself.
func (m *told) alone(t *testing.T) {
	t.Helper()
	eventually(t, func() bool { return len(m.upkeep()) == 0 }, func() string {
		return fmt.Sprint("the upkeep does not end: ", m.upkeep())
	})
}

// events are all that the pool has, the earliest first.
func (m *told) events(t *testing.T) (events []pool.Event) {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), databaseOf(m.Sandbox), sqlitestore.Options{ReadOnly: true})
	require.NoError(t, err)
	latest, err := store.Events(t.Context(), pool.EventQuery{})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	for i := range latest {
		events = append(events, latest[len(latest)-1-i])
	}
	return events
}

func databaseOf(s *sandbox.Sandbox) string {
	return filepath.Join(s.Home, ".local", "state", "claudepool", "pool.db")
}

// later changes the database as time would.
func later(t *testing.T, s *sandbox.Sandbox, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+databaseOf(s)+"?mode=rw&_busy_timeout=5000")
	require.NoError(t, err)
	_, err = db.Exec(statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}
