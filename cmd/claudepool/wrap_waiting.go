package main

import (
	"slices"

	"claudepool/pool"
)

// addObservation adds an observation to those that wait. Windows that say the same of a later time take the
// place of the earlier ones, so that what waits is bounded, however often the CLI tells them.
func addObservation(waiting []pool.Observation, o pool.Observation) []pool.Observation {
	if len(waiting) == 0 || !onlyWindows(o) || !onlyWindows(waiting[len(waiting)-1]) {
		return append(waiting, o)
	}
	last := &waiting[len(waiting)-1]
	last.At = o.At
	last.Windows = slices.DeleteFunc(slices.Clone(last.Windows), func(old pool.Window) bool {
		return slices.ContainsFunc(o.Windows, func(w pool.Window) bool {
			return w.Kind == old.Kind && w.Status == old.Status && w.ResetsAt.Equal(old.ResetsAt)
		})
	})
	last.Windows = append(last.Windows, o.Windows...)
	return waiting
}

func onlyWindows(o pool.Observation) bool {
	return o.Conversation == "" && len(o.Entries) == 0 && o.Met == "" && o.Outcome == pool.NoOutcome && o.State == ""
}
