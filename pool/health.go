package pool

import (
	"fmt"
	"time"
)

// Health is a subscription's score, with the reasons for each point.
type Health struct {
	// Score is 0 to 100.
	Score float64
	// Points are the parts summed up, which may be beyond both ends of the score.
	Points float64
	Parts  []HealthPart
}

// HealthPart is one reason, in points and words.
type HealthPart struct {
	// Name is start, week, five_hour, sessions, burn or idle.
	Name   string
	Points float64
	Words  string
}

// Health scores a candidate for a model, "" where that is not known. It is defined for every input.
func (p Policy) Health(c Candidate, model string, now time.Time) Health {
	week, fiveHour := p.weekUse(c, model, now), p.fiveHourUse(c, now)
	points := p.points(c, week.share, fiveHour.share)
	idle := "in use"
	if c.Running <= 0 {
		idle = "idle"
	}
	h := Health{Points: points.sum(), Parts: []HealthPart{
		{"start", points.start, "what everyone starts with"},
		{"week", points.week, week.words()},
		{"five_hour", points.fiveHour, fiveHour.words()},
		{"sessions", points.sessions, fmt.Sprintf("%d sessions running", max(c.Running, 0))},
		{"burn", points.burn, fmt.Sprintf("$%.2f in the last hour", burnOf(c))},
		{"idle", points.idle, idle},
	}}
	h.Score = min(max(h.Points, 0), 100)
	return h
}

// points are the parts of health without their words, which a choice among many does not need.
type points struct{ start, week, fiveHour, sessions, burn, idle float64 }

func (p Policy) points(c Candidate, week, fiveHour float64) points {
	w := p.Weights
	sum := points{
		start:    bounded(w.Start),
		week:     bounded(-w.Week * week),
		fiveHour: bounded(-w.FiveHour * fiveHour),
		sessions: bounded(-w.Session * float64(max(c.Running, 0))),
		burn:     bounded(-w.Burn * max(burnOf(c)-finite(w.BurnFree), 0)),
	}
	if c.Running <= 0 {
		sum.idle = bounded(w.Idle)
	}
	return sum
}

func (p points) sum() float64 { return p.start + p.week + p.fiveHour + p.sessions + p.burn + p.idle }

// burnOf is what the candidate used in the last hour, in US dollars.
func burnOf(c Candidate) float64 { return max(c.HourCost, 0).Dollars() }

// maxPoints bounds a part, so that an absurd weight can't hide all others.
const maxPoints = 1e6

func bounded(points float64) float64 {
	if points == 0 {
		return 0 // a zero can have a sign, which nobody wants to read
	}
	return min(max(finite(points), -maxPoints), maxPoints)
}
