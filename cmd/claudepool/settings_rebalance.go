package main

import (
	"math"
	"time"
)

// defaultRebalanceEvery is how often conversations are moved unless the config file says otherwise.
const defaultRebalanceEvery = 15 * time.Minute

// mostGapUSD is the largest gap that makes sense, in US dollars.
const mostGapUSD = 1e6

// rebalanceSettings say when conversations are moved to a subscription that is used less; see docs/choice.md.
var rebalanceSettings = []declaration{
	{
		key: "rebalance", form: textForm,
		words: "how often idle conversations are moved to a subscription that is used less, as in 15m; 0 for never",
		set:   func(s *settings, g given) (err error) { s.RebalanceEvery, err = parseEvery(g); return err },
		show:  func(s settings) any { return spanText(s.RebalanceEvery) },
	}, {
		key: "rebalance_gap", form: numberForm, low: 0, high: 1,
		words: "by how much of its week the one must be used more than the other, as a share",
		set: func(s *settings, g given) error {
			return setGap(&s.Rebalance.Gap, g, 1, "a share of the week, as in 0.3")
		},
		show: func(s settings) any { return s.Rebalance.Gap },
	}, {
		key: "rebalance_gap_usd", form: numberForm, low: 0, high: mostGapUSD,
		words: "the same in US dollars of the last seven days, where no share is known",
		set: func(s *settings, g given) error {
			return setGap(&s.Rebalance.GapUSD, g, mostGapUSD, "an amount of US dollars, as in 20")
		},
		show: func(s settings) any { return s.Rebalance.GapUSD },
	}, {
		key: "rebalance_moves", form: wholeForm, low: 1, high: 100,
		words: "how many conversations are moved at once at most",
		set: func(s *settings, g given) error {
			if s.Rebalance.Moves = g.whole(); s.Rebalance.Moves < 1 || s.Rebalance.Moves > 100 {
				return g.refused("a number from 1 to 100")
			}
			return nil
		},
		show: func(s settings) any { return s.Rebalance.Moves },
	},
}

// leastRebalanceEvery keeps one cycle from being in the way of the next.
const leastRebalanceEvery = time.Minute

func parseEvery(g given) (time.Duration, error) {
	switch text := g.text(); text {
	case "":
		return defaultRebalanceEvery, nil
	case "0":
		return 0, nil
	default:
		every, ok := parseAgo(text)
		if !ok || every != 0 && every < leastRebalanceEvery {
			return 0, g.refused("a time of a minute or more, as in 15m; 0 for never")
		}
		return every, nil
	}
}

func setGap(gap *float64, g given, most float64, want string) error {
	if *gap = g.number(); math.IsNaN(*gap) || *gap < 0 || *gap > most {
		return g.refused(want)
	}
	return nil
}
