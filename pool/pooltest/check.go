package pooltest

import (
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var checkTests = suite{
	"AStoreInUseIsSound": aStoreInUseIsSound,
}

func aStoreInUseIsSound(h *harness) {
	h.add("work")
	h.add("gone")
	h.acquireOn("work")
	ended := h.acquireOn("gone")
	require.NoError(h, h.store.Release(h.ctx, ended.ID, pool.End{Reason: pool.EndedByExit}, h.now))
	require.NoError(h, h.store.RemoveSubscription(h.ctx, "gone", h.now))
	problems, err := h.store.Check(h.ctx)
	require.NoError(h, err)
	require.Empty(h, problems)
}
