package spool

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestLook(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	require.Empty(t, New(dir).Look(probe(pool.Dead), noon))
	require.NoError(t, write(dir, "over", 1))
	w, err := New(dir).Create(session("running"), "")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "odd.jsonl"), []byte("rubbish\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "old.jsonl.damaged"), nil, 0o600))
	in := func(name string) []string { return []string{filepath.Join(dir, name)} }
	require.Equal(t, Found{
		Waiting: in("over.jsonl"), Written: in("running.jsonl"), Damaged: append(in("odd.jsonl"), in("old.jsonl.damaged")...),
	}, New(dir).Look(probe(pool.Alive), noon))
	require.NoError(t, w.End(pool.End{Reason: pool.EndedByExit}, noon))
	require.Len(t, New(dir).Look(probe(pool.Alive), noon).Waiting, 2)
}
