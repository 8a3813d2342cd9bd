package pooltest

import (
	"fmt"
	"maps"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// file is a transcript as it is read bit by bit.
type file struct {
	*harness
	path, owner string
	read        pool.Checkpoint
}

func (h *harness) file(path string) *file {
	return &file{harness: h, path: path, read: pool.Checkpoint{}}
}

// piece is what is read next of the file.
func (f *file) piece(messages []pool.Message, stated ...pool.Stated) pool.Transcript {
	next := pool.Checkpoint{Path: f.path, Identity: "i", Offset: f.read.Offset + 100, Figures: "{}"}
	return pool.Transcript{Before: f.read, Checkpoint: next, Owner: f.owner, Messages: messages, Stated: stated, ReadAt: f.now}
}

func (f *file) book(messages []pool.Message, stated ...pool.Stated) {
	f.Helper()
	piece := f.piece(messages, stated...)
	require.NoError(f, f.store.BookTranscript(f.ctx, piece))
	f.read = piece.Checkpoint
}

// message is one of now, of that many tokens of input and twice as many nanodollars.
func (h *harness) message(conversation, id string, input int64) pool.Message {
	return pool.Message{
		ID: id, At: h.now, Conversation: conversation, Model: "m", Project: "/there",
		Tokens: pool.Tokens{Input: input}, Cost: pool.NanoUSD(2 * input), CostSource: pool.CostEstimated,
	}
}

func (h *harness) stated(conversation string, input int64, cost pool.NanoUSD) pool.Stated {
	return pool.Stated{
		At: h.now, Conversation: conversation, Model: "m", Project: "/there", Tokens: pool.Tokens{Input: input}, Cost: cost,
	}
}

// print books what standard output tells.
func (h *harness) print(s pool.Session, conversation string, input int64, cost pool.NanoUSD) {
	h.Helper()
	h.entries++
	h.observe(s.ID, pool.Observation{At: h.now, Entries: []pool.Entry{{
		ID: fmt.Sprint("p", h.entries), At: h.now, Conversation: conversation, Model: "m",
		Tokens: pool.Tokens{Input: input}, Cost: cost, CostSource: pool.CostFromCLI,
	}}})
}

// resume is a session on a subscription that goes on with a conversation.
func (h *harness) resume(subscription, conversation string) pool.Session {
	h.Helper()
	return h.acquire(pool.Request{Names: []string{subscription}, Conversation: conversation, CWD: "/here"})
}

func (h *harness) bySubscription() map[string]int64 {
	h.Helper()
	sums := h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}})
	maps.DeleteFunc(sums, func(_ string, n int64) bool { return n == 0 })
	return sums
}

// sum is the whole ledger, without the part of the cost that is estimated.
func (h *harness) sum() pool.Usage {
	h.Helper()
	sum := h.usage(pool.UsageQuery{})[0].Usage
	sum.CostEstimated = 0
	return sum
}

func (h *harness) checkpoints() map[string]pool.Checkpoint {
	h.Helper()
	checkpoints, err := h.store.Checkpoints(h.ctx, "")
	require.NoError(h, err)
	return checkpoints
}
