package main

import "slices"

// mostThresholds is how many there may be: each is an event of its own.
const mostThresholds = 10

// eventSettings say what events tell of; see docs/events.md.
var eventSettings = []declaration{{
	key: "thresholds", form: numbersForm, low: 0, high: 10,
	words: "the shares of a window or weekly budget that an event tells of, once each; none where it is empty",
	set: func(s *settings, g given) error {
		s.Thresholds = append([]float64{}, slices.Compact(slices.Sorted(slices.Values(g.numbers())))...) // not nil: that is the default
		isShare := func(x float64) bool { return x > 0 && x <= 10 }                                      // NaN is not
		if len(s.Thresholds) > mostThresholds || slices.ContainsFunc(s.Thresholds, func(x float64) bool { return !isShare(x) }) {
			return g.refused("a list of at most 10 shares, each above 0 and up to 10, as in [0.8, 0.95]")
		}
		return nil
	},
	show: func(s settings) any { return s.Thresholds },
}}
