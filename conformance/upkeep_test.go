package conformance

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// A run at whose end a process is started that delivers an event, to a server that never answers, is as any other: for its
// terminal, for who reads its output to the end, for the shell that has it as a job.
func TestUpkeepIsNotSeen(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	plans := map[string]harness.Plan{
		"a job": {Jobs: true, Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal},
	}
	for situation, p := range stdios {
		plans[situation] = p
	}
	for situation, p := range plans {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			server := hangingChannel(t, g)
			event := g.Start(t, g.Wrapped(), harness.Plan{Env: []string{"CLAUDEPOOL_TAGS=none"}})
			require.Equal(t, harness.Status{Code: 75}, event.Wait(t))

			g.Maintain, p.Script = "on", "report\nout hello\nexit 7"
			direct, wrapped := g.Do(t, g.Direct(), p), g.Do(t, g.Wrapped(), p)
			require.Equal(t, harness.Status{Code: 7}, wrapped.Status)
			require.Empty(t, harness.Differences(direct, wrapped))
			require.NoError(t, server.SetDeadline(time.Now().Add(20*time.Second)))
			connection, err := server.Accept() // it has been started, and goes on
			require.NoError(t, err)
			require.NoError(t, connection.Close())
			g.Maintain = "off"
			noneRunning(t, g)
		})
	}
}

// hangingChannel sets up a channel to a server that takes connections and says nothing.
func hangingChannel(t *testing.T, g *harness.Ground) *net.TCPListener {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	config := fmt.Sprintf("[[channel]]\nname = \"hangs\"\ntype = \"webhook\"\nurl = \"http://%s/\"\n", server.Addr())
	dir := g.MakeDir(t, filepath.Join("config", "claudepool"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.toml"), []byte(config), 0o600))
	return server.(*net.TCPListener)
}
