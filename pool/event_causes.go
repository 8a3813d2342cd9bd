package pool

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultThresholds are the shares of a window or budget that an event tells of.
var DefaultThresholds = []float64{0.80, 0.95}

// Budget stands for the weekly budget where a window is named.
const Budget WindowKind = "budget"

// alertsWithin is how long ago a thing may have been observed for an event to tell of it: transcripts tell of months.
const alertsWithin = time.Hour

// Alert returns what there is to tell of a window that was just observed, and notes on it what was told. Stores call it
// with all windows of the subscription as they are then, and the present. Each threshold is told once in a stretch of a
// window, and none below one that was told. What the other events have to tell is told by their cause once.
func (w *Window) Alert(s Subscription, windows []Window, thresholds []float64, now time.Time) (events []Event) {
	at := w.ObservedAt
	if now.Sub(at) > alertsWithin {
		return nil
	}
	stretch := fmt.Sprintf("%d/%s/%d", s.ID, w.Kind, w.Since.UnixMilli())
	until, closed := w.ClosedUntil("", at)
	covered := closed && w.coveredByOverage(windows)
	if covered {
		events = append(events, overageEvent(s, *w, stretch))
	}
	if closed && !(covered && s.AllowOverage) {
		events = append(events, limitEvent(s, *w, until, stretch))
		w.Told = max(w.Told, 1)
	}
	used, known := w.Used(at)
	if level := passed(thresholds, used); known && level > w.Told {
		w.Told = level
		events = append(events, thresholdEvent(s, *w, level, used, stretch))
	}
	return events
}

func limitEvent(s Subscription, w Window, until time.Time, stretch string) Event {
	text := fmt.Sprintf("%s is at its %s limit", s.Name, windowWords(w.Kind))
	if !until.IsZero() {
		text += ", until " + eventTime(until)
	}
	return newEvent(EventLimit, s, w.ObservedAt, stretch, text, EventDetails{Window: w.Kind, ResetsAt: w.ResetsAt, FreeAt: until})
}

func overageEvent(s Subscription, w Window, stretch string) Event {
	text := fmt.Sprintf("%s is in paid use beyond its %s window", s.Name, windowWords(w.Kind))
	return newEvent(EventOverage, s, w.ObservedAt, stretch, text, EventDetails{Window: w.Kind, ResetsAt: w.ResetsAt})
}

func thresholdEvent(s Subscription, w Window, level, used float64, stretch string) Event {
	text := fmt.Sprintf("%s has used %s of its %s window", s.Name, percent(used), windowWords(w.Kind))
	return newEvent(EventThreshold, s, w.ObservedAt, stretch+"/"+share(level), text,
		EventDetails{Window: w.Kind, Threshold: level, Used: &used, ResetsAt: w.ResetsAt})
}

// BudgetAlert returns the event of a weekly budget that a booking has passed, and the share that has been told of then.
// before and week are what the week held without the booking and with it. told is what had been told of; it falls with
// what is used, so that a week later it is told again. A budget that was changed is another one.
func BudgetAlert(s Subscription, before, week Usage, told float64, thresholds []float64, at time.Time) ([]Event, float64) {
	if s.WeeklyBudget <= 0 {
		return nil, 0
	}
	used := budgetShare(s, week)
	level := passed(thresholds, used)
	if level <= min(finite(told), passed(thresholds, budgetShare(s, before))) {
		return nil, level
	}
	text := fmt.Sprintf("%s has used %s of its weekly budget of $%.2f", s.Name, percent(used), s.WeeklyBudget.Dollars())
	cause := fmt.Sprintf("%d/%s/%d/%d/%s", s.ID, Budget, s.WeeklyBudget, UTCDay(at), share(level))
	return []Event{newEvent(EventThreshold, s, at, cause, text, EventDetails{Window: Budget, Threshold: level, Used: &used})}, level
}

func budgetShare(s Subscription, week Usage) float64 {
	return float64(max(week.Cost, 0)) / float64(s.WeeklyBudget)
}

// passed is the highest threshold that is not above the share, 0 where there is none. A threshold that is no
// share of anything is passed by nobody.
func passed(thresholds []float64, used float64) float64 {
	highest := 0.0
	for _, t := range thresholds {
		if t > highest && t <= used && !math.IsInf(t, 0) { // NaN is neither
			highest = t
		}
	}
	return highest
}

// Alert returns the event of a login that does not work any more, where it did before.
func (s Standing) Alert(before Standing, sub Subscription, now time.Time) []Event {
	if s.Login == LoginWorks || s.Login == before.Login || now.Sub(s.HeardAt) > alertsWithin {
		return nil
	}
	text, reason := sub.Name+" is signed out", "the API does not accept its login"
	if s.Login == LoginRefused {
		text, reason = "the API refuses the login of "+sub.Name, "the account may not use the CLI, or its organization is disabled"
	}
	cause := fmt.Sprintf("%d/%d", sub.ID, s.HeardAt.UnixMilli())
	return []Event{newEvent(EventSignedOut, sub, s.HeardAt, cause, text, EventDetails{Reason: reason})}
}

// FailoverEvent returns that of a session which goes on for another that met a limit, where that was on another subscription:
// one that waited for its own to have room again did not go elsewhere.
func FailoverEvent(s Session, sub Subscription, from Session) []Event {
	if from.SubscriptionID == 0 || from.SubscriptionID == s.SubscriptionID {
		return nil
	}
	text := fmt.Sprintf("a run went on with %s, after %s met a limit", sub.Name, from.Subscription)
	return []Event{newEvent(EventFailover, sub, s.StartedAt, s.ID, text, EventDetails{
		Window: from.Met, Session: s.ID, Conversation: s.Conversation, Project: s.CWD, From: from.Subscription, To: sub.Name,
	})}
}

// ReclaimedEvent is that of a session which was ended because its process was gone. sub is the zero Subscription
// where the session could not be attributed.
func ReclaimedEvent(s Session, sub Subscription) Event {
	text := "a session was ended, because its process was gone"
	if sub.Name != "" {
		text = fmt.Sprintf("a session of %s was ended, because its process was gone", sub.Name)
	}
	return newEvent(EventReclaimed, sub, s.EndedAt, s.ID, text, EventDetails{
		Session: s.ID, Conversation: s.Conversation, Project: s.CWD, Since: s.StartedAt,
	})
}

// LoginExpiringEvent tells that a login ends soon; once for each end.
func LoginExpiringEvent(sub Subscription, expires, now time.Time) Event {
	text := fmt.Sprintf("the login of %s ends at %s", sub.Name, eventTime(expires))
	return newEvent(EventLoginExpiring, sub, now, fmt.Sprintf("%d/%d", sub.ID, expires.Unix()/3600), text, EventDetails{ExpiresAt: Moment(expires)})
}

// StoreTroubleEvent tells that the store could not be used at a time, or is damaged; once an hour for each reason.
func StoreTroubleEvent(reason string, at time.Time) Event {
	return newEvent(EventStoreTrouble, Subscription{}, at, fmt.Sprintf("%s/%d", reason, at.Unix()/3600),
		"the store could not be used: "+reason, EventDetails{Reason: reason})
}

// TestEvent is made up to try a channel.
func TestEvent(channel string, now time.Time) Event {
	return newEvent(EventTest, Subscription{}, now, channel, "this is a test of the channel "+channel, EventDetails{})
}

// share writes a share as the name of a cause has it.
func share(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// eventTime is a moment as the text of an event has it: in UTC, for who reads it may be anywhere.
func eventTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// Scope names what a run asked for, as far as being exhausted goes: "" is any subscription.
func (r Request) Scope() string {
	names, tags := slices.Sorted(slices.Values(r.Names)), slices.Sorted(slices.Values(r.Tags))
	if len(names)+len(tags) == 0 {
		return ""
	}
	return strings.Join(names, ",") + "/" + strings.Join(tags, ",")
}

// LatestObserved is when the latest of windows was observed, zero for none: the present of who brings nothing else.
func LatestObserved(windows []Window) (at time.Time) {
	for _, w := range windows {
		at = later(at, w.ObservedAt)
	}
	return at
}
