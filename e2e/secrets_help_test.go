//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// withEnv is the command with more in its environment.
func withEnv(cmd *exec.Cmd, env []string) *exec.Cmd {
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// breakDatabase makes the database one that can't be read.
func breakDatabase(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	path := filepath.Join(s.Home, ".local", "state", "claudepool", "pool.db")
	require.FileExists(t, path)
	for _, aside := range []string{"-wal", "-shm"} {
		_ = os.Remove(path + aside) // may not be there
	}
	require.NoError(t, os.WriteFile(path, []byte("this is no database, and was one"), 0o600))
}

// spooled are the files that wait in the spool.
func spooled(t *testing.T, s *sandbox.Sandbox) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.Home, ".local", "state", "claudepool", "pool.db.spool", "*"))
	require.NoError(t, err)
	return found
}
