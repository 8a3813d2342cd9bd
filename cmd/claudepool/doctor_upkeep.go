package main

import (
	"context"
	"maps"
	"slices"

	"claudepool/internal/notify"
)

// checkUpkeep finds what the pool could not do by itself, and a pool that nothing looks after.
func (d *doctor) checkUpkeep(ctx context.Context) (found []finding) {
	if d.store == nil {
		return nil
	}
	troubles, err := d.upkeepTroubles(ctx, d.store)
	if err != nil {
		return []finding{problem(d.hintFor(err), "the upkeep can't be looked at: %v", err)}
	}
	for _, t := range troubles {
		found = append(found, warning(t.hint, "%s", t.words))
	}
	since, err := d.upkeepSince(ctx, d.store, d.subscriptions)
	if err == nil && !since.IsZero() {
		hint := "to do it now: claudepool maintain"
		if !d.settings.Maintenance.Detached {
			hint = "to have it done after a run: maintain = \"on\", with: claudepool config edit"
		}
		found = append(found, warning(hint, "nothing has looked after the pool since %s", localTime(since, d.now())))
	}
	return orWell(found, "the pool is looked after")
}

// checkChannels finds channels that lack what they need of the environment.
func (d *doctor) checkChannels(context.Context) (found []finding) {
	channels := d.settings.channels()
	if len(channels) == 0 {
		return nil
	}
	for _, c := range channels {
		for _, variable := range channelVariables(c) {
			if value, _ := d.env.Get(variable); value == "" {
				found = append(found, warning("to set it: export "+variable+"=…",
					"the channel %s can't deliver from here: the variable %s is not set", c.Name, variable))
			}
		}
	}
	return orWell(found, "%s for events", plural(len(channels), "channel"))
}

// channelVariables are the variables that a channel takes from who delivers.
func channelVariables(c notify.Settings) (names []string) {
	for _, name := range append(slices.Sorted(maps.Values(c.HeadersFrom)), c.URLFrom, c.SecretFrom) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
