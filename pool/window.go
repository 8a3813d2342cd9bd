package pool

import (
	"math"
	"slices"
	"strings"
	"time"
)

// WindowKind names a usage-limit window. Kinds not listed here are kept as they come.
type WindowKind string

const (
	FiveHour       WindowKind = "five_hour"
	SevenDay       WindowKind = "seven_day"
	SevenDayOpus   WindowKind = "seven_day_opus"
	SevenDaySonnet WindowKind = "seven_day_sonnet"
	// SevenDayOverageIncluded is what a plan includes of a model that else is paid use; the CLI calls it
	// the Fable limit (2.1.330).
	SevenDayOverageIncluded WindowKind = "seven_day_overage_included"
	// Overage is paid use beyond the plan.
	Overage WindowKind = "overage"
)

// WindowStatus is the server's word on a window.
type WindowStatus string

const (
	StatusUnknown  WindowStatus = ""
	StatusAllowed  WindowStatus = "allowed"
	StatusWarning  WindowStatus = "allowed_warning"
	StatusRejected WindowStatus = "rejected"
)

// WindowSource says where an observation of a window came from.
type WindowSource string

const (
	// FromStream: a rate_limit_event of the stream-json output.
	FromStream WindowSource = "stream"
	// FromResult: the result object of the json or stream-json output.
	FromResult WindowSource = "result"
	// FromText: the sentence that stands for an answer in text output.
	FromText WindowSource = "text"
	// FromTranscript: an error line of a transcript.
	FromTranscript WindowSource = "transcript"
	// FromStatusLine: what the CLI tells its status line.
	FromStatusLine WindowSource = "statusline"
)

// Window is a usage-limit window of a subscription as it was last observed.
type Window struct {
	Kind   WindowKind   `json:"kind"`
	Status WindowStatus `json:"status"`
	// Utilization is the used share, 0 to 1 and beyond where the server says so; nil where unknown.
	Utilization *float64 `json:"utilization"`
	// ResetsAt is when the window starts anew; zero where unknown.
	ResetsAt   time.Time    `json:"resets_at"`
	ObservedAt time.Time    `json:"observed_at"`
	Source     WindowSource `json:"source"`
	// Since is when this stretch of it, up to its reset, was first observed. Stores keep it; see Over.
	Since time.Time `json:"-"`
	// Told is the highest threshold that an event has told of in this stretch; see Alert.
	Told float64 `json:"-"`
}

// Bounded returns the window as stores book it: in whole milliseconds, and without what can only come from damaged output. A
// share that is no finite number is not known, and neither is a reset that no calendar has.
func (w Window) Bounded() Window {
	w.ObservedAt, w.ResetsAt = Moment(w.ObservedAt), Moment(w.ResetsAt)
	if !w.ObservedAt.IsZero() {
		w.ObservedAt = Entry{At: w.ObservedAt}.Bounded().At
	}
	if w.ResetsAt.Before(earliest) || w.ResetsAt.After(latest) {
		w.ResetsAt = time.Time{}
	}
	if w.Utilization != nil {
		share := *w.Utilization + 0 // a zero can have a sign, which nobody wants to read
		if w.Utilization = &share; math.IsNaN(share) || math.IsInf(share, 0) {
			w.Utilization = nil
		}
	}
	return w
}

// UnknownResetCloses is how long a rejected window without a reset time closes its subscription.
const UnknownResetCloses = time.Hour

// OverageCloses is how long a rejected overage window closes its subscription at most. It resets with the month,
// but what it is needed for, a window of the plan that is full, resets before.
const OverageCloses = 5 * time.Hour

// ClosedUntil returns when the window lets the model through again, and false where it does not
// close the subscription for it at now. An empty model stands for any.
func (w Window) ClosedUntil(model string, now time.Time) (time.Time, bool) {
	if w.Status != StatusRejected || !w.AppliesTo(model) {
		return time.Time{}, false
	}
	until := w.ResetsAt
	if until.IsZero() {
		until = w.ObservedAt.Add(UnknownResetCloses)
	}
	if most := w.ObservedAt.Add(OverageCloses); w.Kind == Overage && until.After(most) {
		until = most
	}
	return until, until.After(now)
}

// families are the families of models that a window can be of, by the end of its kind.
var families = []struct{ end, family string }{
	{"_opus", "opus"}, {"_sonnet", "sonnet"}, {"_haiku", "haiku"}, {"_fable", "fable"},
	{"_overage_included", "fable"},
}

// AppliesTo tells whether use of the model counts in the window: most count for every model, those of a
// family of models for its own. An empty model stands for any. So do the CLI's words for several: opusplan
// is Opus and Sonnet.
func (w Window) AppliesTo(model string) bool {
	family := w.family()
	if family == "" {
		return true
	}
	model = strings.ToLower(model)
	both := family == "sonnet" && strings.Contains(model, "opusplan")
	return both || !namesFamily(model) || strings.Contains(model, family)
}

// family is the family of models that the window is of, "" where it is of all.
func (w Window) family() string {
	for _, f := range families {
		if strings.HasSuffix(string(w.Kind), f.end) {
			return f.family
		}
	}
	return ""
}

func (w Window) isOfFamily() bool { return w.family() != "" }

// namesFamily tells whether a model's name says of what family it is. "default", "best", "" and names of
// another provider do not.
func namesFamily(model string) bool {
	for _, family := range []string{"opus", "sonnet", "haiku", "fable", "claude-"} {
		if strings.Contains(model, family) {
			return true
		}
	}
	return false
}

// Used is the observed share, false where none was observed that makes sense, or where the window has
// started anew since.
func (w Window) Used(now time.Time) (float64, bool) {
	if w.Utilization == nil || math.IsNaN(*w.Utilization) || w.StartedAnew(now) {
		return 0, false
	}
	return min(max(*w.Utilization, 0), 1), true
}

// StartedAnew tells whether the window has reset since it was observed. One whose reset is not known has,
// once it was observed longer ago than a window lasts: else nobody would ever take it for open again.
func (w Window) StartedAnew(now time.Time) bool {
	if w.ResetsAt.IsZero() {
		return now.Sub(w.ObservedAt) >= w.Kind.period()
	}
	return !w.ResetsAt.After(now)
}

// period is how long a window lasts. One that is not known is taken for a weekly one.
func (k WindowKind) period() time.Duration {
	if k == FiveHour {
		return 5 * time.Hour
	}
	return 7 * 24 * time.Hour
}

// coveredByOverage tells whether paid use went on, or could, when the window was observed as rejected.
// The status line tells that a window is full, and not whether paid use goes on.
func (w Window) coveredByOverage(windows []Window) bool {
	return w.Kind != Overage && slices.ContainsFunc(windows, func(o Window) bool {
		paid := o.Kind == Overage && (o.Status == StatusAllowed || o.Status == StatusWarning)
		return paid && (w.Source == FromStatusLine || !o.ObservedAt.Before(w.ObservedAt))
	})
}

// sameReset is how far two sources may be apart that speak of one reset: sentences tell minutes.
const sameReset = time.Minute

// Over is what is known of a window once it has been seen again: w, with what that does not tell of the
// same stretch of time from known. What was seen before known was, or says nothing else, changes nothing but how
// exact the reset is, and when it was seen.
func (w Window) Over(known Window) Window {
	w.Since, w.Told = w.ObservedAt, 0
	if w.continues(known) {
		w.Since, w.Told = known.Since, known.Told
	}
	if w.ResetsAt.IsZero() && !known.StartedAnew(w.ObservedAt) {
		w.ResetsAt = known.ResetsAt
	}
	apart := w.ResetsAt.Sub(known.ResetsAt).Abs()
	same := apart < sameReset && !w.ResetsAt.IsZero() // a figure without a reset would be kept for ever
	older := w.ObservedAt.Before(known.ObservedAt)
	switch {
	case older && same:
		known.ResetsAt = laterReset(known, w)
		return known
	case older:
		return known
	case !same:
		return w
	case w.Source == FromStatusLine && w.tellsLess(known):
		return known
	case w.Utilization == nil && (w.Status == StatusUnknown || w.Status == known.Status):
		known.ObservedAt = w.ObservedAt
		return known.with(w)
	}
	return w.with(known)
}

// continues tells whether a window is in the stretch of time that it was known in. Where one of the two has no
// reset, it is as long as that may last.
func (w Window) continues(known Window) bool {
	if w.ResetsAt.IsZero() || known.ResetsAt.IsZero() {
		return !known.StartedAnew(w.ObservedAt)
	}
	return w.ResetsAt.Sub(known.ResetsAt).Abs() < sameReset
}

// tellsLess tells whether a window would be emptier, or open again, than it was known to be in the same stretch
// of time: that is old news. The status line of a session that idles repeats what it heard last.
func (w Window) tellsLess(known Window) bool {
	emptier := w.Utilization != nil && known.Utilization != nil && *w.Utilization < *known.Utilization
	return emptier || known.Status == StatusRejected && w.Status != StatusRejected
}

// with adds what another observation of the same stretch of time tells.
func (w Window) with(other Window) Window {
	if w.Utilization == nil {
		w.Utilization = other.Utilization
	}
	if w.Status == StatusUnknown {
		w.Status = other.Status
	}
	w.ResetsAt = laterReset(w, other)
	return w
}

// laterReset: of two that speak of one reset the later one is more exact, for who tells minutes leaves the
// seconds out.
func laterReset(a, b Window) time.Time { return later(a.ResetsAt, b.ResetsAt) }
