package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var pruneTests = suite{
	"KeepsTheTotals":            pruneKeepsTheTotals,
	"MakesOneRowOfTheDetail":    pruneMakesOneRowOfTheDetail,
	"IsNeverBookedAgain":        pruneIsNeverBookedAgain,
	"KeepsWhatGoesOn":           pruneKeepsWhatGoesOn,
	"OfAConversationResumed":    pruneOfAConversationResumed,
	"OfUseOfNoConversation":     pruneOfUseOfNoConversation,
	"InsideAQuarterHour":        pruneInsideAQuarterHour,
	"ForgetsWhatIsGone":         pruneForgetsWhatIsGone,
	"NeverGoesBack":             pruneNeverGoesBack,
	"OfNothing":                 pruneOfNothing,
	"TakesTheFirstFiguresAsOld": pruneTakesTheFirstFiguresAsOld,
	"OfManyEntries":             pruneOfManyEntries,
	"OfSessionsWithoutEntries":  pruneOfSessionsWithoutEntries,
}

func (h *harness) prune(before time.Time, gone ...string) pool.PruneReport {
	h.Helper()
	report, err := h.store.Prune(h.ctx, pool.Prune{Before: before, Gone: gone})
	require.NoError(h, err)
	return report
}

// totals are all that a prune must not change.
func (h *harness) totals() (rows [][]pool.UsageRow) {
	h.Helper()
	for _, by := range [][]pool.Dimension{
		nil,
		{pool.BySubscription, pool.ByModel, pool.ByDay, pool.ByProject},
		{pool.ByWeek}, {pool.ByMonth}, {pool.ByHour}, {pool.ByTag, pool.ByModel}, {pool.ByProject},
	} {
		rows = append(rows, h.usage(pool.UsageQuery{By: by, Location: zone(h, "Asia/Kathmandu")}))
	}
	return rows
}

// history is a year of use: printed, read of transcripts, both, and nobody's.
func history(h *harness) {
	h.add("a", func(s *pool.Subscription) { s.Tags = []string{"x"} })
	h.add("b")
	h.restored("lost")
	f := h.file("/shared")
	for day := range 40 {
		h.pass(9*24*time.Hour + 7*time.Minute)
		conversation := fmt.Sprint("c", day)
		s := h.resume([]string{"a", "b"}[day%2], conversation)
		h.pass(time.Minute)
		f.book([]pool.Message{h.message(conversation, fmt.Sprint("m", day), 100), h.message("outside"+conversation, fmt.Sprint("o", day), 7)})
		h.print(s, conversation, 130, 50)
		h.book("lost", h.now, 3)
		h.pass(time.Minute)
		h.release(s.ID)
	}
}

func pruneKeepsTheTotals(h *harness) {
	history(h)
	want, week := h.totals(), h.candidate("a").Week
	sessions := len(h.sessions(true))
	for _, days := range []int{300, 200, 200, 90} {
		h.prune(h.now.AddDate(0, 0, -days))
		require.Equal(h, want, h.totals())
	}
	require.Equal(h, week, h.candidate("a").Week)
	require.Less(h, len(h.sessions(true)), sessions/2, "sessions that nothing refers to are gone")
}

func pruneMakesOneRowOfTheDetail(h *harness) {
	history(h)
	all := h.total(pool.UsageQuery{})
	report := h.prune(h.now.AddDate(0, 0, -90))
	require.Greater(h, report.Entries, int64(80))
	require.Greater(h, report.Sessions, int64(50))
	for _, by := range []pool.Dimension{pool.ByConversation, pool.BySession} {
		rows := h.by(by)
		require.Contains(h, rows, pool.Pruned)
		require.NotContains(h, rows, "c1")
		if by == pool.ByConversation {
			require.Equal(h, int64(130), rows["c39"])
			require.Equal(h, int64(7), rows["outsidec39"])
		}
		var sum int64
		for _, n := range rows {
			sum += n
		}
		require.Equal(h, all, sum)
	}
	recent := h.now.AddDate(0, 0, -90)
	rows := h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByConversation}, Since: recent})
	require.NotContains(h, rows, pool.Pruned)
	rows = h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByConversation}, Until: recent.Truncate(pool.PruneStep)})
	require.Contains(h, rows, pool.Pruned)
	require.Equal(h, all, h.total(pool.UsageQuery{Since: recent})+h.total(pool.UsageQuery{Until: recent}))
}

// pruneIsNeverBookedAgain: neither from the output, nor from the transcript, its copy or its checkpoint
// anew, nor from a spool.
func pruneIsNeverBookedAgain(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	messages := []pool.Message{h.message("c", "1", 5), h.message("c", "2", 6)}
	stated := h.stated("c", 12, 20)
	stated.First = true
	h.file("/1").book(messages, stated)
	printed := pool.Observation{At: h.now, Entries: []pool.Entry{{ID: "p", At: h.now, Conversation: "d", Tokens: pool.Tokens{Input: 9}}}}
	h.observe(s.ID, printed)
	h.release(s.ID)
	h.pass(100 * 24 * time.Hour)
	want := h.totals()
	h.prune(h.now.AddDate(0, 0, -90))
	require.Equal(h, want, h.totals())
	require.Empty(h, h.sessions(true))

	h.file("/2").book(messages, stated)
	later := h.file("/3")
	later.book(append([]pool.Message{h.message("fork", "3", 100)}, messages...)) // the first is new
	require.Equal(h, int64(12+9+100), h.total(pool.UsageQuery{}))
	s.Subscription, s.EndedAt, s.End = "a", h.now, pool.End{Reason: pool.EndedByExit}
	require.NoError(h, h.store.Restore(h.ctx, s, []pool.Observation{printed}))
	require.Equal(h, int64(12+9+100), h.total(pool.UsageQuery{}))
}

// pruneKeepsWhatGoesOn: of a conversation that has something new nothing is pruned, so that what the CLI
// tells of all of it still has its other side.
func pruneKeepsWhatGoesOn(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 5)})
	h.print(s, "c", 8, 0)
	h.pass(100 * 24 * time.Hour)
	f.book([]pool.Message{h.message("c", "2", 10)})
	h.pass(24 * time.Hour)
	require.Zero(h, h.prune(h.now.AddDate(0, 0, -90)))
	require.Equal(h, map[string]int64{"c": 18 - 3}, h.by(pool.ByConversation))
	h.print(s, "c", 10, 0)
	require.Equal(h, map[string]int64{"c": 18}, h.by(pool.ByConversation))
	require.Equal(h, s.ID, h.session(s.ID).ID)
}

// pruneOfAConversationResumed: what comes after a prune has tallies of its own.
func pruneOfAConversationResumed(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 5), h.message("outside", "2", 30)})
	h.print(s, "c", 8, 0)
	h.release(s.ID)
	h.pass(100 * 24 * time.Hour)
	h.prune(h.now.AddDate(0, 0, -90))
	again := h.resume("a", "c")
	h.pass(time.Minute)
	f.book([]pool.Message{h.message("c", "3", 100), h.message("outside", "4", 1000)})
	h.print(again, "c", 150, 0)
	require.Equal(h, map[string]int64{pool.Pruned: 38, "c": 150, "outside": 1000}, h.by(pool.ByConversation))
}

func pruneOfUseOfNoConversation(h *harness) {
	h.add("a")
	old := h.acquireOn("a")
	h.book(old.ID, h.now, 5)
	h.release(old.ID)
	h.pass(100 * 24 * time.Hour)
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 7)
	h.prune(h.now.AddDate(0, 0, -90))
	require.Equal(h, map[string]int64{pool.Pruned: 5, s.ID: 7}, h.by(pool.BySession))
	require.Equal(h, map[string]int64{pool.Pruned: 5, "": 7}, h.by(pool.ByConversation))
}

// pruneInsideAQuarterHour: what was pruned has the time of its quarter hour's beginning.
func pruneInsideAQuarterHour(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now.Add(3*time.Minute), 1)
	h.book(s.ID, h.now.Add(14*time.Minute), 2)
	h.release(s.ID)
	h.prune(h.now.Add(time.Hour))
	for _, by := range [][]pool.Dimension{nil, {pool.ByConversation}, {pool.ByBlock}} {
		sum := func(since, until time.Duration) (n int64) {
			for _, row := range h.usage(pool.UsageQuery{By: by, Since: h.now.Add(since), Until: h.now.Add(until)}) {
				n += row.Tokens.Input
			}
			return n
		}
		require.Equal(h, int64(3), sum(0, time.Millisecond))
		require.Zero(h, sum(time.Millisecond, time.Hour))
		require.Zero(h, sum(-time.Hour, 0))
	}
	require.Equal(h, map[string]int64{"2026-11-24T12:00:00Z": 3}, h.by(pool.ByBlock))
}

func pruneForgetsWhatIsGone(h *harness) {
	h.add("a")
	old, recent := h.file("/old"), h.file("/recent")
	old.book([]pool.Message{h.message("c", "1", 5)})
	h.pass(100 * 24 * time.Hour)
	recent.book([]pool.Message{h.message("d", "2", 5)})
	require.Zero(h, h.prune(h.now.AddDate(0, 0, -90)).Checkpoints)
	require.Len(h, h.checkpoints(), 2)
	require.Equal(h, int64(1), h.prune(h.now.AddDate(0, 0, -90), "/old", "/recent", "/other").Checkpoints)
	require.Equal(h, map[string]pool.Checkpoint{"/recent": recent.read}, h.checkpoints(), "it may come back, with what was not pruned")
}

func pruneNeverGoesBack(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.prune(h.now)
	h.prune(h.now.AddDate(0, 0, -90))
	h.prune(time.Time{})
	h.book(s.ID, h.now.Add(-time.Millisecond), 5)
	h.book(s.ID, h.now, 7)
	require.Equal(h, int64(7), h.total(pool.UsageQuery{}))
}

func pruneOfNothing(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 5)
	require.Zero(h, h.prune(time.Time{}))
	require.Zero(h, h.prune(h.now.AddDate(0, 0, -1), "/gone"))
	require.Equal(h, map[string]int64{s.ID: 5}, h.by(pool.BySession))
}

// pruneTakesTheFirstFiguresAsOld: of a transcript that is read anew, messages of which were pruned, the
// first figures are of these too.
func pruneTakesTheFirstFiguresAsOld(h *harness) {
	h.add("a")
	old := h.message("c", "1", 5)
	h.file("/1").book([]pool.Message{old})
	h.pass(100 * 24 * time.Hour)
	h.prune(h.now.AddDate(0, 0, -90))
	first, second := h.stated("c", 15, 0), h.stated("c", 7, 0)
	first.First = true
	f := h.file("/2")
	f.book([]pool.Message{old, h.message("c", "2", 10)}, first)
	require.Equal(h, int64(15), h.total(pool.UsageQuery{}))
	f.book([]pool.Message{h.message("c", "3", 5)}, second) // figures of 7 for two messages of 15
	require.Equal(h, int64(20), h.total(pool.UsageQuery{}))
}

// pruneOfManyEntries: more than a store does in one transaction.
func pruneOfManyEntries(h *harness) {
	h.add("a")
	f := h.file("/1")
	var messages []pool.Message
	for i := range 2500 {
		messages = append(messages, h.message(fmt.Sprint("c", i%3), fmt.Sprint("m", i), 1))
	}
	f.book(messages)
	h.pass(100 * 24 * time.Hour)
	require.Equal(h, int64(len(messages)), h.prune(h.now.AddDate(0, 0, -90)).Entries)
	require.Equal(h, map[string]int64{pool.Pruned: int64(len(messages))}, h.by(pool.ByConversation))
	require.Empty(h, h.sessions(true))
}

func pruneOfSessionsWithoutEntries(h *harness) {
	h.add("a")
	idle := h.acquireOn("a")
	h.release(idle.ID)
	s := h.acquireOn("a")
	h.pass(100 * 24 * time.Hour)
	h.book(s.ID, h.now, 5) // the first entry, as idle is the first session
	require.Equal(h, pool.PruneReport{Sessions: 1}, h.prune(h.now.AddDate(0, 0, -90)))
	require.Len(h, h.sessions(true), 1)
}
