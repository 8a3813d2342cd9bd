package main

import (
	"math"
	"math/rand/v2"

	"claudepool/pool"
)

// job is a piece of work: a session that makes requests until it is done.
type job struct {
	// start is in minutes from the beginning.
	start int
	// every is how many minutes are between its requests.
	every int
	// costs are those of its requests.
	costs []pool.NanoUSD
}

const (
	minutesPerDay  = 24 * 60
	minutesPerWeek = 7 * minutesPerDay
)

// demand makes the work of some weeks, the earliest first: bursts in the office hours of busy and of quiet
// days, a little at weekends, and a batch of CI in some nights. load 1 asks for about as much as the plans
// allow beside the use outside of the pool.
func demand(rnd *rand.Rand, weeks int, load float64) []job {
	starting := make([][]job, weeks*minutesPerWeek)
	add := func(j job) {
		if j.start < len(starting) {
			starting[j.start] = append(starting[j.start], j)
		}
	}
	for day := range weeks * 7 {
		midnight := day * minutesPerDay
		office(rnd, midnight, load*busy(rnd, day), add)
		if rnd.IntN(5) < 2 {
			night(rnd, midnight, load, add)
		}
	}
	var jobs []job
	for _, at := range starting {
		jobs = append(jobs, at...)
	}
	return jobs
}

// busy is how busy a day is, 1 for a usual weekday. Day 0 is a Monday.
func busy(rnd *rand.Rand, day int) float64 {
	factor := []float64{0.4, 0.7, 1, 1, 1.3, 1.8}[rnd.IntN(6)]
	if day%7 >= 5 {
		return factor * 0.15
	}
	return factor
}

// office makes the bursts between 9 and 18 o'clock: one to six sessions within ten minutes.
func office(rnd *rand.Rand, midnight int, factor float64, add func(job)) {
	const begin, end, burstsADay = 9 * 60, 18 * 60, 17
	for minute := begin; minute < end; minute++ {
		if rnd.Float64() >= factor*burstsADay/(end-begin) {
			continue
		}
		for range 1 + rnd.IntN(6) {
			add(job{
				start: midnight + minute + rnd.IntN(10), every: 1 + rnd.IntN(4),
				costs: costs(rnd, heavyTailed(rnd, 6, 400)),
			})
		}
	}
}

// night makes a batch of short sessions that start from 2 o'clock on.
func night(rnd *rand.Rand, midnight int, factor float64, add func(job)) {
	const begin = 2 * 60
	for range int(factor * float64(8+rnd.IntN(18))) {
		add(job{start: midnight + begin + rnd.IntN(30), every: 1, costs: costs(rnd, 5+rnd.IntN(11))})
	}
}

// heavyTailed draws from a Pareto distribution, cut off: half of the draws are below 1.8 times the least, and
// one in a hundred is beyond 40 times.
func heavyTailed(rnd *rand.Rand, least, most int) int {
	const shape = 1.25
	return int(min(float64(least)*math.Pow(1-rnd.Float64(), -1/shape), float64(most)))
}

// costs draws what requests cost: 5 to 24 cents.
func costs(rnd *rand.Rand, requests int) []pool.NanoUSD {
	drawn := make([]pool.NanoUSD, requests)
	for i := range drawn {
		drawn[i] = cents(5 + rnd.IntN(20))
	}
	return drawn
}

func cents(n int) pool.NanoUSD { return pool.USD(1) / 100 * pool.NanoUSD(n) }

// outsideUse is what a person uses of an account beside the pool, by minute: one or two stretches of 20 to
// 90 minutes a day, each at any time from 8 to 22 o'clock.
func outsideUse(rnd *rand.Rand, weeks int) map[int]pool.NanoUSD {
	used := map[int]pool.NanoUSD{}
	for day := range weeks * 7 {
		for range 1 + rnd.IntN(2) {
			begin := day*minutesPerDay + 8*60 + rnd.IntN(14*60)
			end := begin + 20 + rnd.IntN(71)
			for minute := begin; minute < end; minute += 2 {
				used[minute] = cents(10 + rnd.IntN(31))
			}
		}
	}
	return used
}
