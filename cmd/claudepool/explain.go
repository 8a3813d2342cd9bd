package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"claudepool/pool"
)

type explainCommand struct {
	Name  string `arg:"" optional:"" help:"Show only this subscription."`
	Model string `placeholder:"M" help:"As for a run with this model."`
	JSON  bool   `name:"json" help:"Print one JSON document."`
}

func (c explainCommand) Run(a *app) error {
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		if c.Name != "" {
			sub, err := findSubscription(ctx, store, c.Name)
			if err != nil {
				return err
			}
			c.Name = sub.Name
		}
		e, err := c.explain(ctx, a, store)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(e.document())
		}
		if len(e.Candidates) == 0 {
			a.warn(emptyPool)
			return nil
		}
		a.printf("%s", e.text(a))
		return nil
	})
}

// explained is what a launch here and now would find.
type explained struct {
	pool.Explanation
	request  pool.Request
	strategy pool.Strategy
	// leftAlone is the config directory that the user has set by hand, where the pool has no part in a run.
	leftAlone string
	// only is the one subscription to show, "" for all.
	only string
}

// explain asks as a launch of `claude` would here and now.
func (c explainCommand) explain(ctx context.Context, a *app, store pool.Store) (explained, error) {
	var args []string
	if c.Model != "" {
		args = []string{"--model", c.Model}
	}
	l := newLaunch(a, "claude", args, a.settings.Names)
	e := explained{strategy: a.settings.Policy.Strategy, only: c.Name}
	var err error
	if e.request, err = l.request(); err != nil {
		return e, err
	}
	e.request.Forced, err = l.alreadyOn(ctx, store)
	switch {
	case errors.Is(err, errLeftAlone):
		e.leftAlone, _ = a.env.Get(configDirVar)
	case err != nil:
		return e, err
	}
	candidates, err := store.Candidates(ctx, a.now())
	if err != nil {
		return e, err
	}
	if err := pool.CheckNames(e.request, candidates); err != nil {
		_, err = l.wholeNames(ctx, store, e.request.Names, err)
		return e, err
	}
	e.Explanation = a.settings.Policy.Explain(e.request, candidates, a.now())
	return e, nil
}

// shown are the candidates to show.
func (e explained) shown() []pool.Explained {
	return slices.DeleteFunc(slices.Clone(e.Candidates), func(c pool.Explained) bool {
		return e.only != "" && c.Candidate.Subscription.Name != e.only
	})
}

// modelOn is the model that a run would use on a subscription, "" where nothing says so.
func (e explained) modelOn(s pool.Subscription) string {
	if e.request.Model != "" || e.request.ModelOn == nil {
		return e.request.Model
	}
	return e.request.ModelOn(s)
}

// explainRow is a subscription in the document. BehindBy is null for the picked one, and where it may not be
// picked at all.
type explainRow struct {
	Name        string       `json:"name"`
	Picked      bool         `json:"picked"`
	State       string       `json:"state"`
	Reason      string       `json:"reason"`
	FreeAt      any          `json:"free_at"`
	BehindBy    *string      `json:"behind_by"`
	BehindWords *string      `json:"behind_words"`
	Model       *string      `json:"model"`
	Health      float64      `json:"health"`
	HealthParts []healthPart `json:"health_parts"`
}

type healthPart struct {
	Name   string  `json:"name"`
	Points float64 `json:"points"`
	Words  string  `json:"words"`
}

func healthParts(h pool.Health) []healthPart {
	parts := []healthPart{}
	for _, p := range h.Parts {
		parts = append(parts, healthPart{p.Name, tenth(p.Points), p.Words})
	}
	return parts
}

func (e explained) document() object {
	rows := []explainRow{}
	for _, c := range e.shown() {
		rows = append(rows, explainRow{
			Name: c.Candidate.Subscription.Name, Picked: c.Candidate.Subscription.Name == e.Picked,
			State: string(c.Verdict.Code), Reason: c.Verdict.Reason, FreeAt: timeOrNull(c.Verdict.FreeAt),
			BehindBy: orNull(c.Behind.By), BehindWords: orNull(c.Behind.Words),
			Model:  orNull(e.modelOn(c.Candidate.Subscription)),
			Health: tenth(c.Health.Score), HealthParts: healthParts(c.Health),
		})
	}
	return object{
		{"picked", orNull(e.Picked)}, {"strategy", e.strategy}, {"model", orNull(e.request.Model)},
		{"names", append([]string{}, e.request.Names...)}, {"tags", append([]string{}, e.request.Tags...)},
		{"nested_on", orNull(e.request.Forced)}, {"left_alone", orNull(e.leftAlone)},
		{"free_at", timeOrNull(e.FreeAt)}, {"subscriptions", rows},
	}
}

// text is the explanation for people.
func (e explained) text(a *app) string {
	text := plain(e.headline(a)) + "\n"
	for _, c := range e.shown() {
		s := c.Candidate.Subscription
		text += fmt.Sprintf("\n%s: %s\n", s.Name, plain(e.verdictOf(c, a)))
		if remedy := a.remedy(c.Verdict.Code, s); remedy != "" {
			text += fmt.Sprintf("  %s\n", plain(remedy))
		}
		text += plain(e.healthOf(c)) + "\n"
		for _, part := range c.Health.Parts {
			text += fmt.Sprintf("  %s  %s\n", pointsWords(part.Points), part.Words)
		}
	}
	return text
}
