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
// While paid use goes on (isUsingOverage, since 2.1.45; overageInUse) answers come although the window is
// rejected, and no limit is met. Both are told: the window as it is, and beside it that of paid use, of the
// same moment. An overageStatus of rejected without that is how an account without paid use always looks
// (2.1.330), and is not told.
func readRateLimit(info gjson.Result, source pool.WindowSource, now time.Time) rateLimit {
	r := rateLimitReader{source: source, now: now}
	paid := info.Get("isUsingOverage").Bool() || info.Get("overageInUse").Bool()
	claim := windowKind(info.Get("rateLimitType"))
	status := windowStatus(info.Get("status"))
	utilization, resets := info.Get("utilization"), resetTime(info.Get("resetsAt"))
	// Without a window it is none of the plan: so 2.1.330 tells that the server is throttling.
	if status == pool.StatusRejected && !paid && claim != "" {
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
	if paid && claim != pool.Overage {
		r.add(pool.Overage, paidStatus(info), gjson.Result{}, resetTime(info.Get("overageResetsAt")))
	}
	return r.rateLimit
}

type rateLimitReader struct {
	rateLimit
	source pool.WindowSource
	now    time.Time
}

// paidStatus is the status of paid use that goes on.
func paidStatus(info gjson.Result) pool.WindowStatus {
	if status := windowStatus(info.Get("overageStatus")); status != pool.StatusUnknown {
		return status
	}
	return pool.StatusAllowed
}

func (r *rateLimitReader) add(kind pool.WindowKind, status pool.WindowStatus, utilization gjson.Result, resets time.Time) {
	r.windows = append(r.windows, pool.Window{
		Kind: kind, Status: status, Utilization: share(utilization), ResetsAt: resets, ObservedAt: r.now, Source: r.source,
	})
}

// maxWindows bounds what a damaged line can make us keep.
const maxWindows = 32

// share reads a utilization as a fraction, nil where there is none that makes sense.
func share(r gjson.Result) *float64 {
	return shareOf(r, 1)
}

// shareOf reads a utilization that is whole at full.
func shareOf(r gjson.Result, full float64) *float64 {
	used := r.Num / full
	if r.Type != gjson.Number || !(used >= 0 && used <= 1000) {
		return nil
	}
	return &used
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
