package main

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"claudepool/pool"
)

// A database on a server may be away when a run begins. What this machine remembers then is which subscription the runs of
// each directory were on last: where it is, and by what it gets its login, but no login itself.

// mostKnown bounds the directories that are remembered.
const mostKnown = 100

// knownChoice is the subscription of the last run in a directory.
type knownChoice struct {
	CWD          string            `json:"cwd"`
	At           time.Time         `json:"at"`
	Subscription pool.Subscription `json:"subscription"`
}

func (a *app) knownFile() string {
	return filepath.Join(filepath.Dir(a.settings.databaseFile()), "last.json")
}

// knownChoices are those that are remembered, the latest first.
func (a *app) knownChoices() (known []knownChoice) {
	text, err := os.ReadFile(a.knownFile())
	if err != nil || json.Unmarshal(text, &known) != nil {
		return nil // nothing is known then
	}
	return known
}

// remember notes which subscription a run is on, where its database may be away the next time. Best effort.
func (l *launch) remember(lease lease) {
	if !l.settings.onServer() || lease.store == nil || lease.subscription.Name == "" {
		return
	}
	is := func(k knownChoice) bool { return k.CWD == lease.session.CWD }
	known := l.knownChoices()
	const often = time.Hour // is often enough to say that it is still so
	if i := slices.IndexFunc(known, is); i >= 0 && l.now().Sub(known[i].At) < often && reflect.DeepEqual(known[i].Subscription.Normal(), lease.subscription.Normal()) {
		return
	}
	known = append([]knownChoice{{lease.session.CWD, l.now().UTC(), lease.subscription}}, slices.DeleteFunc(known, is)...)
	text, _ := json.Marshal(known[:min(len(known), mostKnown)]) // has no errors
	if os.MkdirAll(filepath.Dir(l.knownFile()), 0o700) == nil {
		_ = replaceFile(l.knownFile(), text)
	}
}

// lastGood is a subscription for a run whose database is away: that of the last run in this directory, or else of the
// last run on this machine, that this run may be on and can use. false where nothing is known.
func (l *launch) lastGood(ctx context.Context, cwd string) (pool.Subscription, []string, bool) {
	known := l.knownChoices()
	slices.SortStableFunc(known, func(a, b knownChoice) int { return cmp.Compare(rank(a, cwd), rank(b, cwd)) })
	for _, k := range known {
		if !l.mayBeOn(k.Subscription) || l.unfit(k.Subscription) != "" {
			continue
		}
		given, err := secrets(ctx, l.env, nil, k.Subscription)
		if err == nil {
			return k.Subscription, given, true
		}
		l.unusable[k.Subscription.Name] = err.Error()
	}
	return pool.Subscription{}, nil, false
}

func rank(k knownChoice, cwd string) int {
	if k.CWD == cwd {
		return 0
	}
	return 1
}

// mayBeOn tells whether the run's pins and tags allow a subscription.
func (l *launch) mayBeOn(s pool.Subscription) bool {
	missing := slices.ContainsFunc(l.settings.Tags, func(tag string) bool { return !slices.Contains(s.Tags, tag) })
	return !missing && (len(l.names) == 0 || slices.Contains(l.names, s.Name))
}
