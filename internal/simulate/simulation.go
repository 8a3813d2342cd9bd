package main

import (
	"math/rand/v2"
	"time"

	"claudepool/pool"
)

// simulation is one pool with one policy, from its first minute on.
type simulation struct {
	policy  pool.Policy
	members []*member
	running []*session
	result  result
}

// session is a job that runs on a member.
type session struct {
	job
	on *member
	// done counts its requests that were answered, next is the minute of the next one.
	done, next int
	// tried are the subscriptions whose limit it has met.
	tried []string
}

// monday is when everything begins. Any Monday does.
var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// clock is a minute of the simulation as a time.
func clock(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }

const (
	// warmUp is the week before the fortnight that is measured: no pool begins with empty windows.
	warmUp   = 1
	measured = 2
)

// simulate runs a policy through the work that a seed stands for, which does not depend on the policy.
func simulate(policy pool.Policy, seed uint64, load float64) result {
	s := newSimulation(policy, plans)
	jobs := demand(rand.New(rand.NewPCG(seed, 1)), warmUp+measured, load)
	outside := outsideUse(rand.New(rand.NewPCG(seed, 2)), warmUp+measured)
	const begin, end = warmUp * minutesPerWeek, (warmUp + measured) * minutesPerWeek
	jobs = s.run(0, begin, jobs, outside)
	s.forget()
	s.run(begin, end, jobs, outside)
	return s.finish(end)
}

func newSimulation(policy pool.Policy, plans []plan) *simulation {
	s := &simulation{policy: policy}
	for _, p := range plans {
		s.members = append(s.members, newMember(p, monday))
	}
	return s
}

// run lives through the minutes from begin to before end, and returns the jobs that have not begun.
func (s *simulation) run(begin, end int, jobs []job, outside map[int]pool.NanoUSD) []job {
	for minute := begin; minute < end; minute++ {
		now := clock(minute)
		s.useOutside(outside[minute], now)
		for len(jobs) > 0 && jobs[0].start == minute {
			s.start(jobs[0], now)
			jobs = jobs[1:]
		}
		s.step(minute, now)
	}
	return jobs
}

// useOutside is use that the pool does not see. What is turned down there is no matter of the pool's.
func (s *simulation) useOutside(cost pool.NanoUSD, now time.Time) {
	for _, m := range s.members {
		if m.outside && cost > 0 {
			m.serve(cost, now)
		}
	}
}

// start launches a job where the policy says.
func (s *simulation) start(j job, now time.Time) {
	started := &session{job: j, next: j.start}
	s.result.sessions++
	if s.place(started, now) {
		s.running = append(s.running, started)
	}
}

// place puts a session on the subscription that the policy picks; where there is none the rest of its work
// is refused.
func (s *simulation) place(to *session, now time.Time) bool {
	candidates := make([]pool.Candidate, len(s.members))
	for i, m := range s.members {
		candidates[i] = m.candidate(now)
	}
	picked, _, err := s.policy.Choose(pool.Request{Tried: to.tried}, candidates, now)
	if err != nil {
		s.result.refuse(to.costs[to.done:])
		return false
	}
	for _, m := range s.members {
		if m.name == picked.Subscription.Name {
			m.running++
			m.lastStarted = now
			to.on = m
		}
	}
	return true
}

// step makes the requests that are due, and takes away the sessions that have ended.
func (s *simulation) step(minute int, now time.Time) {
	still := s.running[:0]
	for _, r := range s.running {
		if minute < r.next || s.request(r, minute, now) {
			still = append(still, r)
		}
	}
	s.running = still
}

// request makes one request and tells whether the session goes on. One that meets a limit is made again
// at once where the policy says.
func (s *simulation) request(r *session, minute int, now time.Time) (goesOn bool) {
	cost := r.costs[r.done]
	for r.on.ask(cost, now) != "" {
		r.on.running--
		r.tried = append(r.tried, r.on.name)
		if !s.place(r, now) {
			return false
		}
		s.result.failovers++
	}
	s.result.serve(cost)
	r.done++
	r.next = minute + r.every
	if r.done == len(r.costs) {
		r.on.running--
		return false
	}
	return true
}
