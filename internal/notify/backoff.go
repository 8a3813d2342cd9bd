package notify

import "time"

// After a failed try the next one waits for leastWait, and three times as long each time, up to mostWait. With as
// many attempts as there are by default, a channel may be down for two hours before anything is dead.
const (
	leastWait = time.Second
	mostWait  = time.Hour
)

// backOff is how long to wait after so many tries, from half of it to all, by a random number from 0 to 1: what failed
// together is not tried together.
func backOff(tries int, random float64) time.Duration {
	wait := leastWait
	for range tries - 1 {
		wait = min(3*wait, mostWait)
	}
	return wait/2 + time.Duration(random*float64(wait/2))
}
