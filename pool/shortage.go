package pool

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Shortage is that the pool is exhausted for what some run asked for. Stores keep one for each Request.Scope, from the
// first run that found no room until there is room again.
type Shortage struct {
	Scope string
	Since time.Time
	// LastAt is when a run was last turned away.
	LastAt time.Time
	// Waiting is what was asked for last.
	Waiting Waiting
}

const (
	// ShortageNoted is how often a lasting shortage is noted again: those who wait ask all the time.
	ShortageNoted = 10 * time.Second
	// ShortageQuiet is how long nobody must have been turned away before room that there is counts as recovered:
	// a pool that is just full would else be exhausted and recovered with each run.
	ShortageQuiet = time.Minute
	// ShortageForgotten is how long nobody must have asked for a shortage without room to be forgotten, without a
	// word: what it is of may have been removed.
	ShortageForgotten = 7 * 24 * time.Hour
)

// ExhaustedEvent is that of a shortage which begins with what Acquire said.
func ExhaustedEvent(s Shortage, refused error) Event {
	details := EventDetails{Names: s.Waiting.Names, RequestedTags: s.Waiting.Tags, Since: s.Since}
	text := "no subscription may be picked" + askedWords(s.Waiting)
	var exhausted *ExhaustedError
	if errors.As(refused, &exhausted) {
		details.FreeAt, details.Reason = firstFree(exhausted.Told), reasons(exhausted.Told)
		if !details.FreeAt.IsZero() {
			text += ", until " + eventTime(details.FreeAt)
		}
	}
	return newEvent(EventExhausted, Subscription{}, s.Since, fmt.Sprintf("%s/%d", s.Scope, s.Since.UnixMilli()), text, details)
}

// RecoveredEvent is that of a shortage which is over.
func RecoveredEvent(s Shortage, now time.Time) Event {
	return newEvent(EventRecovered, Subscription{}, now, fmt.Sprintf("%s/%d", s.Scope, s.Since.UnixMilli()),
		"there is room again"+askedWords(s.Waiting),
		EventDetails{Names: s.Waiting.Names, RequestedTags: s.Waiting.Tags, Since: s.Since})
}

// IsOver tells whether a shortage has been quiet for long enough to be over once there is room. A clock that was set back
// makes it quiet.
func (s Shortage) IsOver(now time.Time) bool { return now.Sub(s.LastAt).Abs() >= ShortageQuiet }

// IsNews tells whether being turned away at now is to be noted again.
func (s Shortage) IsNews(now time.Time) bool { return now.Sub(s.LastAt).Abs() >= ShortageNoted }

// IsForgotten tells whether nobody has asked for what it is of for so long that nobody will.
func (s Shortage) IsForgotten(now time.Time) bool { return now.Sub(s.LastAt) >= ShortageForgotten }

// HasRoom tells whether the run that was turned away last would find room now.
func (s Shortage) HasRoom(p Policy, candidates []Candidate, now time.Time) bool {
	request := s.Waiting.Request()
	request.Tried = nil // what it met is in the windows
	_, _, err := p.Choose(request, candidates, now)
	return err == nil
}

// askedWords say which runs it is about, "" for all.
func askedWords(w Waiting) (words string) {
	if len(w.Names) > 0 {
		words += " on " + strings.Join(w.Names, ", ")
	}
	if len(w.Tags) > 0 {
		words += " with the tags " + strings.Join(w.Tags, ", ")
	}
	if words != "" {
		words = " for runs" + words
	}
	return words
}

// maxReasons bounds the reasons in an event.
const maxReasons = 20

// reasons are the verdicts in words.
func reasons(verdicts []Verdict) string {
	var words []string
	for _, v := range verdicts {
		if v.Code == NotAskedFor {
			continue
		}
		if len(words) == maxReasons {
			words = append(words, "…")
			break
		}
		words = append(words, v.Subscription+": "+v.Reason)
	}
	return strings.Join(words, "; ")
}
