package main

import (
	"fmt"
	"math"
	"strings"

	"claudepool/pool"
)

// headline says which subscription a run would be on.
func (e explained) headline(a *app) string {
	switch {
	case e.leftAlone != "":
		return fmt.Sprintf("a run here is left alone, as %s is set to %s, which is no subscription's; without that: %s",
			configDirVar, e.leftAlone, e.choice(a))
	case e.request.Forced != "":
		return fmt.Sprintf("a run here goes on with %s, which this environment is on", e.request.Forced)
	}
	return e.choice(a)
}

func (e explained) choice(a *app) string {
	by := e.conditions()
	switch {
	case e.Picked != "":
		return fmt.Sprintf("%s would be picked now, by %s", e.Picked, by)
	case e.FreeAt.IsZero():
		return fmt.Sprintf("no subscription may be picked now, by %s", by)
	}
	return fmt.Sprintf("no subscription may be picked now, by %s; the first one frees up at %s, in %s",
		by, localTime(e.FreeAt, a.now()), span(e.FreeAt.Sub(a.now())))
}

// conditions name the strategy and what was asked for.
func (e explained) conditions() string {
	words := []string{"strategy " + string(e.strategy)}
	for _, condition := range []struct{ name, value string }{
		{"model", e.request.Model}, {"pinned to", strings.Join(e.request.Names, ",")}, {"tags", strings.Join(e.request.Tags, ",")},
	} {
		if condition.value != "" {
			words = append(words, condition.name+" "+condition.value)
		}
	}
	return strings.Join(words, ", ")
}

// verdictOf says of one subscription whether it would be picked, and else why not.
func (e explained) verdictOf(c pool.Explained, a *app) string {
	switch {
	case c.Candidate.Subscription.Name == e.Picked:
		return "picked; " + c.Verdict.Reason
	case c.Verdict.Code == pool.Available:
		return fmt.Sprintf("may be picked, but %s comes first: %s", e.Picked, c.Behind.Words)
	}
	state := stateWords(c.Verdict, a.now())
	if !c.Verdict.FreeAt.IsZero() {
		state += ", in " + span(c.Verdict.FreeAt.Sub(a.now()))
	}
	if why := verdictWords(c.Verdict); why != "" {
		state += ": " + why
	}
	return state
}

// healthOf names the model where its settings say it: what all ask for stands in the headline.
func (e explained) healthOf(c pool.Explained) string {
	words := fmt.Sprintf("  health %.0f", c.Health.Score)
	if model := e.modelOn(c.Candidate.Subscription); e.request.Model == "" && model != "" {
		words += ", with model " + model
	}
	return words
}

// pointsWords shows points of health with their sign.
func pointsWords(points float64) string {
	if points = tenth(points); points == 0 {
		return "   0.0"
	}
	return fmt.Sprintf("%+6.1f", points)
}

// tenth rounds to one decimal, more than which health is never known to.
func tenth(points float64) float64 { return math.Round(points*10) / 10 }
