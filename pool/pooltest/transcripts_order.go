package pooltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var orderTests = suite{
	"OfBookingDoesNotMatter1": func(h *harness) { bookingInAnyOrder(h, rand.Uint64()) },
	"OfBookingDoesNotMatter2": func(h *harness) { bookingInAnyOrder(h, 3) },
}

// bookingInAnyOrder books the same day again and again, each time on conversations of their own and in
// another order, and wants the same ledger: what standard output tells, what is read of two transcripts,
// and which conversation a session is on can each come first.
func bookingInAnyOrder(h *harness, seed uint64) {
	h.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, seed))
	h.add("a")
	h.add("b")
	var want []pool.UsageRow
	for n := range 30 {
		got := newDay(h, n).book(rnd)
		if n == 0 {
			want = got
			require.Equal(h, []int64{41, 121}, []int64{want[0].Tokens.Input, want[1].Tokens.Input})
		}
		require.Equal(h, want, got, "day %d", n)
	}
}

// day is a conversation of 10 and 30 on subscription a, of which the CLI says 41, and its fork on
// subscription b with 20 and 100 of its own, of which it says 121.
type day struct {
	*harness
	project, parent, fork string
	of                    []pool.Session
	files                 []*growing
	lines                 func(conversation string) []pool.Message
}

func newDay(h *harness, n int) *day {
	d := &day{harness: h, project: fmt.Sprint("/day/", n), parent: fmt.Sprint("p", n), fork: fmt.Sprint("f", n)}
	message := func(conversation, id string, input int64) pool.Message {
		m := h.message(conversation, fmt.Sprint(id, "/", n), input)
		m.Project = d.project
		return m
	}
	d.of = append(d.of, h.acquire(pool.Request{Names: []string{"a"}, CWD: d.project}))
	h.pass(time.Minute)
	copied := []pool.Message{message("", "1", 10), message("", "2", 25), message("", "2", 30)}
	h.pass(time.Minute)
	h.release(d.of[0].ID)
	h.pass(time.Minute)
	d.of = append(d.of, h.acquire(pool.Request{Names: []string{"b"}, CWD: d.project, Conversation: d.fork}))
	h.pass(time.Minute)
	own := []pool.Message{message("", "3", 20), message("", "4", 100)}
	h.pass(time.Minute)
	h.release(d.of[1].ID)
	h.pass(time.Hour)
	d.lines = func(conversation string) []pool.Message {
		lines := slices.Clone(copied)
		if conversation == d.fork {
			lines = slices.Concat(copied, own)
		}
		for i := range lines {
			lines[i].Conversation = conversation
		}
		return lines
	}
	return d
}

// book books all of the day in an order that keeps only to that of each source, and returns the ledger.
func (d *day) book(rnd *rand.Rand) []pool.UsageRow {
	sources := [][]func(){
		{func() {
			d.observe(d.of[0].ID, pool.Observation{At: d.of[0].StartedAt.Add(time.Second), Conversation: d.parent})
		}},
		{d.printed(0, d.parent, 10, 12), d.printed(0, d.parent, 31, 44)},
		{d.printed(1, d.fork, 121, 300)},
		d.transcript(rnd, d.parent, 41, 56),
		d.transcript(rnd, d.fork, 162, 356),
	}
	for len(sources) > 0 {
		i := rnd.IntN(len(sources))
		sources[i][0]()
		if sources[i] = sources[i][1:]; len(sources[i]) == 0 {
			sources = slices.Delete(sources, i, i+1)
		}
	}
	for _, f := range d.files { // the next sync
		f.grow(nil, true)
	}
	rows := d.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByProject, pool.BySubscription}})
	rows = slices.DeleteFunc(rows, func(r pool.UsageRow) bool { return r.Keys[0] != d.project || r.Usage == pool.Usage{} })
	for i := range rows {
		rows[i].Keys = rows[i].Keys[1:]
	}
	return rows
}

func (d *day) printed(of int, conversation string, input int64, cost pool.NanoUSD) func() {
	return func() { d.print(d.of[of], conversation, input, cost) }
}

// transcript is a transcript that grows by random pieces, with the CLI's figures at its end.
func (d *day) transcript(rnd *rand.Rand, conversation string, input int64, cost pool.NanoUSD) (pieces []func()) {
	lines := d.lines(conversation)
	stated := first(d.stated(conversation, input, cost))
	stated.At, stated.Project = lines[len(lines)-1].At, d.project
	d.files = append(d.files, &growing{harness: d.harness, path: "/" + conversation, stated: stated})
	f := d.files[len(d.files)-1]
	for len(lines) > 0 {
		piece := lines[:1+rnd.IntN(len(lines))]
		lines = lines[len(piece):]
		ended := len(lines) == 0 && rnd.IntN(2) == 0
		pieces = append(pieces, func() { f.grow(piece, ended) })
	}
	return append(pieces, func() { f.grow(nil, true) })
}

// growing is a transcript that is read from wherever the store says that it was read to.
type growing struct {
	*harness
	path   string
	lines  []pool.Message
	stated pool.Stated
	// ended is set once the figures are in it.
	ended bool
}

func (g *growing) grow(lines []pool.Message, ended bool) {
	g.Helper()
	g.lines = append(g.lines, lines...)
	g.ended = g.ended || ended
	known := g.checkpoints()[g.path]
	next := pool.Checkpoint{Path: g.path, Identity: "i", Offset: int64(len(g.lines)), Figures: known.Figures}
	piece := pool.Transcript{Before: known, Checkpoint: next, Messages: g.lines[known.Offset:]}
	if g.ended && known.Figures == "" {
		piece.Stated, piece.Checkpoint.Figures = []pool.Stated{g.stated}, "stated"
	}
	require.NoError(g, g.store.BookTranscript(g.ctx, piece))
}

// aPieceIsBookedOnce: many processes read the same transcripts at once.
func aPieceIsBookedOnce(h *harness, stores []pool.Store) {
	h.add("a")
	s := h.resume("a", "c")
	h.print(s, "c", 10, 10)
	pieces := make([]pool.Transcript, 6)
	f := h.file("/1")
	for i := range pieces {
		pieces[i] = f.piece([]pool.Message{h.message("c", fmt.Sprint(i), 2)}, h.stated("c", 3, 4))
		f.read = pieces[i].Checkpoint
	}
	var c counter
	var mu sync.Mutex
	at := map[int]int{}
	atOnce(stores, 40, func(n int, store pool.Store) {
		for range len(pieces) { // each goes on from what it finds
			known, err := store.Checkpoints(h.ctx, "")
			c.count(answer("checkpoints", nil, err))
			i := int(known["/1"].Offset / 100)
			if i == len(pieces) {
				break
			}
			c.count(answer("book", nil, store.BookTranscript(h.ctx, pieces[i])))
			mu.Lock()
			at[i]++
			mu.Unlock()
		}
	})
	require.Len(h, c.n, 2, "no errors: %v", c.n)
	require.Len(h, at, len(pieces))
	require.Equal(h, pieces[len(pieces)-1].Checkpoint, h.checkpoints()["/1"])
	require.Equal(h, int64(18), h.sum().Tokens.Input)
	require.Equal(h, int64(18), h.candidate("a").Week.Tokens.Input)
}
