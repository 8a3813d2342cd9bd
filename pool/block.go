package pool

import (
	"slices"
	"sort"
	"time"
)

// BlockLength is how long a five-hour window lasts.
const BlockLength = 5 * time.Hour

// ResetTime is a five-hour window's reset time as it is kept for Blocks: observations of one window
// differ by fractions of a second.
func ResetTime(resetsAt time.Time) time.Time { return Moment(resetsAt).Round(time.Minute) }

// Blocks tells which five hours of one subscription a moment is in: those of the window that was
// observed, and where none was, five hours that begin with the first use outside of any.
type Blocks struct {
	resets []time.Time // of the observed windows, ascending
	start  time.Time   // of the latest block that was not observed
}

// NewBlocks returns the blocks of a subscription of which windows with these reset times were observed.
func NewBlocks(resets []time.Time) *Blocks {
	return &Blocks{resets: slices.SortedFunc(slices.Values(resets), time.Time.Compare)}
}

// At returns when the block of a moment with use began. The moments come in ascending order.
func (b *Blocks) At(at time.Time) time.Time {
	if start, observed := b.observed(at); observed {
		return start
	}
	if b.start.IsZero() || !at.Before(b.start.Add(BlockLength)) || b.latestStart(at).After(b.start) {
		b.start = at
	}
	return b.start
}

// Whole returns when the block began that a stretch of time is in as a whole, as far as At has come; false
// where it may be in several.
func (b *Blocks) Whole(from, to time.Time) (start time.Time, whole bool) {
	for _, shift := range []time.Duration{0, -BlockLength} {
		next := b.firstAfter(from.Add(-shift))
		if next < len(b.resets) && b.resets[next].Add(shift).Before(to) {
			return time.Time{}, false // a window ends or begins in between
		}
	}
	if start, observed := b.observed(from); observed {
		return start, true
	}
	whole = !b.start.IsZero() && !from.Before(b.start) && !to.After(b.start.Add(BlockLength)) &&
		!b.latestStart(from).After(b.start)
	return b.start, whole
}

// observed returns when the observed window of a moment began. Of two that overlap it is the later: a
// window that was reset early.
func (b *Blocks) observed(at time.Time) (start time.Time, found bool) {
	start = b.latestStart(at)
	return start, !start.IsZero() && at.Before(start.Add(BlockLength))
}

// latestStart is when the latest observed window began that a moment is not before; zero where none.
func (b *Blocks) latestStart(at time.Time) time.Time {
	i := b.firstAfter(at.Add(BlockLength))
	if i == 0 {
		return time.Time{}
	}
	return b.resets[i-1].Add(-BlockLength)
}

// firstAfter is the index of the first reset after a moment.
func (b *Blocks) firstAfter(at time.Time) int {
	return sort.Search(len(b.resets), func(i int) bool { return b.resets[i].After(at) })
}
