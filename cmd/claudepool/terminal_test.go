package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// What can't be brought about in a script is told here: every error of a store, word for word.
func TestStoreErrorsAreTold(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		hint   string
	}{
		{pool.ErrNoPool, 78, "make a pool: claudepool init"},
		{pool.ErrAmbiguous, 1, "give more of the id; the whole ids: claudepool sessions --all"},
		{pool.ErrBusy, 75, "try again; who has it open: fuser '/a b/pool.db'"},
		{pool.ErrFull, 75, "make room on the disk of '/a b/pool.db' and try again"},
		{pool.ErrCorrupt, 78, "put it aside and begin anew: mv '/a b/pool.db' '/a b/pool.db'.corrupt && rm -f '/a b/pool.db'-wal '/a b/pool.db'-shm && claudepool init"},
		{pool.ErrNewerSchema, 78, "install the claudepool that made it, or use another database: export CLAUDEPOOL_DB=PATH"},
	} {
		var complaints bytes.Buffer
		a := &app{stderr: &complaints, now: time.Now, settings: settings{Database: "/a b/pool.db"}}
		require.Equal(t, c.status, a.fail(fmt.Errorf("do it: %w", c.err)))
		require.Equal(t, fmt.Sprintf("claudepool: do it: %v\nclaudepool: %s\n", c.err, c.hint), complaints.String())
	}
}

// Where a session that ends or a run that is tried elsewhere could free the pool, nobody is told to mend anything.
func TestExhaustedHint(t *testing.T) {
	t.Parallel()
	a := &app{now: func() time.Time { return noon }, settings: settings{Database: t.TempDir() + "/none.db"}}
	verdicts := func(codes ...pool.VerdictCode) *pool.ExhaustedError {
		e := &pool.ExhaustedError{}
		for _, code := range codes {
			e.Verdicts = append(e.Verdicts, pool.Verdict{Subscription: "work", Code: code})
		}
		return e
	}
	for _, e := range []*pool.ExhaustedError{
		verdicts(pool.Disabled, pool.Full), verdicts(pool.OverBudget), verdicts(pool.AlreadyTried, pool.NotAskedFor),
		verdicts(pool.Disabled), // which can't be looked up
	} {
		require.Equal(t, "see why: claudepool explain", a.hintFor(e), "%+v", e)
	}
}
