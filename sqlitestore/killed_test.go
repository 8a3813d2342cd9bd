package sqlitestore_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"claudepool/sqlitestore"
)

// killedVar names the write that a child does, behind the path of its database: a trigger there calls die().
const killedVar = "SQLITESTORE_KILLED"

// TestKilledInTheMiddleLeavesNothing kills the process at each change of what several statements do: all of it is there
// afterwards, or nothing.
func TestKilledInTheMiddleLeavesNothing(t *testing.T) {
	t.Parallel()
	template := usedPool(t)
	for _, name := range []string{"move", "observe", "reclaim"} {
		for _, c := range changesOf(t, template, name) {
			t.Run(name+"/"+c.String(), func(t *testing.T) {
				t.Parallel()
				path := copyOf(t, template)
				db := raw(t, path)
				_, err := db.Exec(`PRAGMA journal_mode = WAL`)
				require.NoError(t, err)
				before := dump(t, db)
				c.trigger(t, db, `SELECT die()`)
				require.NoError(t, db.Close())
				requireKilled(t, path, name)
				db = raw(t, path)
				requireSameDump(t, before, dump(t, db), "killed at %s", c)
				_, err = db.Exec(`DROP TRIGGER staged`)
				require.NoError(t, err)
				require.NoError(t, db.Close())
				require.NoError(t, writes[name](t.Context(), open(t, path)), "it is done well afterwards")
			})
		}
	}
}

// requireKilled wants a child to be killed in a write.
func requireKilled(t *testing.T, path, name string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), killedVar+"="+name+":"+path)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, string(out))
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), string(out))
}

// killedChild is what a child does that a trigger kills; is tells whether the process is one.
func killedChild() (is bool, err error) {
	name, path, is := strings.Cut(os.Getenv(killedVar), ":")
	if !is {
		return false, nil
	}
	sqlite.MustRegisterScalarFunction("die", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return nil, errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errors.New("still alive"))
	})
	ctx := context.Background()
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Options{})
	if err != nil {
		return true, err
	}
	return true, errors.Join(writes[name](ctx, s), s.Close())
}
