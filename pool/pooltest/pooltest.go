// Package pooltest is the conformance suite of pool.Store: every store must pass it.
package pooltest

import (
	"testing"

	"claudepool/pool"
)

// suite is the tests of one theme, by name.
type suite map[string]func(*harness)

// Run holds the stores that open returns, each a new and empty one that open closes at the end of the
// test, against the contract of every method.
func Run(t *testing.T, open func(t *testing.T) pool.Store) {
	for theme, tests := range map[string]suite{
		"Subscriptions": subscriptionTests,
		"Removal":       removalTests,
		"Update":        updateTests,
		"Acquire":       acquireTests,
		"Choice":        choiceTests,
		"Home":          homeTests,
		"Conversations": conversationTests,
		"States":        stateTests,
		"Tasks":         taskTests,
		"Queue":         queueTests,
		"Release":       releaseTests,
		"Reclaim":       reclaimTests,
		"Observe":       observeTests,
		"Windows":       windowTests,
		"Cooldown":      cooldownTests,
		"Standing":      standingTests,
		"Signals":       signalTests,
		"Restore":       restoreTests,
		"Sessions":      sessionTests,
		"Transcripts":   transcriptTests,
		"Forks":         forkTests,
		"Order":         orderTests,
		"Usage":         usageTests,
		"Days":          dayTests,
		"Dimensions":    dimensionTests,
		"Prune":         pruneTests,
		"Week":          weekTests,
		"Context":       contextTests,
		"Check":         checkTests,
		"Deliveries":    deliveryTests,
		"Events":        eventTests,
		"EventPrune":    eventPruneTests,
		"Shortages":     shortageTests,
		"Archive":       archiveTests,
		"Random":        randomTests,
		"Hostile":       hostileTests(),
		"Keys":          keyTests,
	} {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			tests.run(t, open)
		})
	}
}

func (s suite) run(t *testing.T, open func(t *testing.T) pool.Store) {
	for name, test := range s {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, open(t))
			h.another = func() pool.Store { return open(t) }
			test(h)
		})
	}
}
