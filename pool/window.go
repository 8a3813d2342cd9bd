package pool

import (
	"strings"
	"time"
)

// WindowKind names a usage-limit window. Kinds not listed here are kept as they come.
type WindowKind string

const (
	FiveHour                WindowKind = "five_hour"
	SevenDay                WindowKind = "seven_day"
	SevenDayOpus            WindowKind = "seven_day_opus"
	SevenDaySonnet          WindowKind = "seven_day_sonnet"
	SevenDayOverageIncluded WindowKind = "seven_day_overage_included"
	Overage                 WindowKind = "overage"
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

// FromStream: a rate_limit_event of the stream-json output.
const FromStream WindowSource = "stream"

// FromResult: the result object of the json or stream-json output.
const FromResult WindowSource = "result"

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
}

// UnknownResetCloses is how long a rejected window without a reset time closes its subscription.
const UnknownResetCloses = time.Hour

// ClosedUntil returns when the window lets the model through again, and false where it does not
// close the subscription for it at now. An empty model stands for any.
func (w Window) ClosedUntil(model string, now time.Time) (time.Time, bool) {
	if w.Status != StatusRejected || !w.appliesTo(model) {
		return time.Time{}, false
	}
	until := w.ResetsAt
	if until.IsZero() {
		until = w.ObservedAt.Add(UnknownResetCloses)
	}
	return until, until.After(now)
}

func (w Window) appliesTo(model string) bool {
	model = strings.ToLower(model)
	switch w.Kind {
	case SevenDayOpus:
		return model == "" || strings.Contains(model, "opus")
	case SevenDaySonnet:
		return model == "" || strings.Contains(model, "sonnet")
	default:
		return true
	}
}
