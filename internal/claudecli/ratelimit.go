package claudecli

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// rateLimit is what a rate_limit_event tells (since 2.1.45).
type rateLimit struct {
	windows []pool.Window
	limit   Limit
}

// readRateLimit reads a rate_limit_info object of the stream, or the quotaLimits of a transcript.
//
// While paid use goes on (isUsingOverage), a window that is rejected does not close the subscription:
// it is told as allowed, with the overage window beside it.
func readRateLimit(info gjson.Result, source pool.WindowSource, now time.Time) rateLimit {
	r := rateLimitReader{source: source, now: now}
	r.paid = info.Get("isUsingOverage").Bool() || info.Get("overageInUse").Bool()
	claim := windowKind(info.Get("rateLimitType"))
	status := windowStatus(info.Get("status"))
	utilization, resets := info.Get("utilization"), resetTime(info.Get("resetsAt"))
	if status == pool.StatusRejected && !r.paid {
		if claim == "" {
			claim = UnknownWindow
		}
		r.limit = Limit{Kind: claim, ResetsAt: resets}
	}
	info.Get("unifiedWindows").ForEach(func(key, window gjson.Result) bool { // since 2.1.251
		kind := windowKind(key)
		if kind == "" || len(r.windows) >= maxWindows {
			return true
		}
		if kind == claim {
			utilization = window.Get("utilization") // the one place of it where it is no warning
			return true
		}
		r.add(kind, windowStatus(window.Get("status")), window.Get("utilization"), resetTime(window.Get("resetsAt")))
		return true
	})
	if claim != "" {
		r.add(claim, status, utilization, resets)
	}
	if r.paid && claim != pool.Overage {
		r.add(pool.Overage, windowStatus(info.Get("overageStatus")), gjson.Result{}, resetTime(info.Get("overageResetsAt")))
	}
	return r.rateLimit
}

type rateLimitReader struct {
	rateLimit
	source pool.WindowSource
	now    time.Time
	paid   bool
}

func (r *rateLimitReader) add(kind pool.WindowKind, status pool.WindowStatus, utilization gjson.Result, resets time.Time) {
	if r.paid && status == pool.StatusRejected {
		status = pool.StatusAllowed
	}
	r.windows = append(r.windows, pool.Window{
		Kind: kind, Status: status, Utilization: share(utilization), ResetsAt: resets, ObservedAt: r.now, Source: r.source,
	})
}

// maxWindows bounds what a damaged line can make us keep.
const maxWindows = 32

// share reads a utilization as a fraction, nil where there is none that makes sense.
func share(r gjson.Result) *float64 {
	if r.Type != gjson.Number || !(r.Num >= 0 && r.Num <= 1000) {
		return nil
	}
	return &r.Num
}

// windowKind reads the name of a window, "" where it can be none. Names that are not known are kept.
func windowKind(name gjson.Result) pool.WindowKind { return pool.WindowKind(shortWord(name)) }

// windowStatus reads a status; one that is not known says nothing.
func windowStatus(r gjson.Result) pool.WindowStatus {
	switch status := pool.WindowStatus(shortWord(r)); status {
	case pool.StatusAllowed, pool.StatusWarning, pool.StatusRejected:
		return status
	}
	return pool.StatusUnknown
}

func resetTime(r gjson.Result) time.Time {
	if r.Type != gjson.Number {
		return time.Time{}
	}
	return epochTime(r.Int())
}

// shortWord keeps a word of the CLI's, unless it is none.
func shortWord(r gjson.Result) string {
	s := words(r)
	if len(s) > 64 || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return ""
	}
	return s
}
