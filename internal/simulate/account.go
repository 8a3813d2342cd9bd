package main

import (
	"time"

	"claudepool/pool"
)

// account is the server's side of a plan: the truth, which the pool sees only in answers.
type account struct {
	plan
	fiveHourly, weekly limit
	// served is what it has done, in the pool and outside.
	served pool.NanoUSD
}

// limit is a window as the server keeps it.
type limit struct {
	kind         pool.WindowKind
	budget, used pool.NanoUSD
	// resets is when it starts anew; not after now where none has started.
	resets time.Time
	// left is the sum of the shares that were left unused at the resets, of which there were ended.
	left  float64
	ended int
}

const (
	week     = 7 * 24 * time.Hour
	fiveHour = 5 * time.Hour
	// mark is what five-hour windows begin on: real reset times are on ten-minute marks.
	mark = 10 * time.Minute
)

func newAccount(p plan, begin time.Time) *account {
	return &account{
		plan:       p,
		fiveHourly: limit{kind: pool.FiveHour, budget: p.fiveHour},
		weekly:     limit{kind: pool.SevenDay, budget: p.week, resets: begin.Add(p.weekResets)},
	}
}

// serve answers a request and counts its cost, or turns it down and names the window whose limit it met.
// As with the real one, the request that passes a limit is still served.
func (a *account) serve(cost pool.NanoUSD, now time.Time) (met pool.WindowKind) {
	a.pass(now)
	switch {
	case a.weekly.full():
		return pool.SevenDay
	case a.fiveHourly.full():
		return pool.FiveHour
	}
	if a.fiveHourly.resets.IsZero() {
		a.fiveHourly.resets = now.Truncate(mark).Add(fiveHour)
	}
	a.fiveHourly.used += cost
	a.weekly.used += cost
	a.served += cost
	return ""
}

// pass starts the windows anew whose time is over: a week at once, five hours with the next use.
func (a *account) pass(now time.Time) {
	for !a.weekly.resets.After(now) {
		a.weekly.end()
		a.weekly.resets = a.weekly.resets.Add(week)
	}
	if resets := a.fiveHourly.resets; !resets.IsZero() && !resets.After(now) {
		a.fiveHourly.end()
		a.fiveHourly.resets = time.Time{}
	}
}

// windows is what an answer tells of them; met is the one whose limit it turned the request down for.
func (a *account) windows(met pool.WindowKind, now time.Time) []pool.Window {
	told := make([]pool.Window, 0, 2)
	for _, l := range []*limit{&a.fiveHourly, &a.weekly} {
		if !l.resets.IsZero() {
			told = append(told, l.window(met, now))
		}
	}
	return told
}

func (l *limit) full() bool { return l.used >= l.budget }

func (l *limit) share() float64 { return min(float64(l.used)/float64(l.budget), 1) }

func (l *limit) end() {
	l.left += 1 - l.share()
	l.ended++
	l.used = 0
}

func (l *limit) window(met pool.WindowKind, now time.Time) pool.Window {
	share, status := l.share(), pool.StatusAllowed
	if l.kind == met {
		status = pool.StatusRejected
	}
	return pool.Window{
		Kind: l.kind, Status: status, Utilization: &share, ResetsAt: l.resets, ObservedAt: now, Source: pool.FromStream,
	}
}
