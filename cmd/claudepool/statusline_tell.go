package main

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// teller tells the pool what the CLI has told its status line.
type teller struct {
	store pool.Store
	// env is what the CLI runs with, as far as it passes that on (2.1.330: all but its credentials).
	env        claudecli.Environment
	defaultDir string
	now        time.Time
}

// member finds the subscription that the CLI runs on: that of its config directory. The environment's word alone
// does not count, it may be left over in a terminal multiplexer.
func (t teller) member(ctx context.Context) (member pool.Candidate, known bool, err error) {
	candidates, err := t.store.Candidates(ctx, t.now)
	if err != nil {
		return member, false, err
	}
	dir, _ := t.env.Get(configDirVar)
	for _, c := range candidates {
		if t.isAt(c.Subscription, dir) {
			return c, true, nil
		}
	}
	return member, false, nil
}

// isAt tells whether a subscription has the config directory, "" for the default one. One whose login comes from
// the environment must be active too: the directory alone does not tell who is signed in.
func (t teller) isAt(s pool.Subscription, dir string) bool {
	active, _ := t.env.Get(subscriptionVar)
	if len(s.EnvFrom) > 0 && active != s.Name {
		return false
	}
	if dir == "" || s.ConfigDir == "" {
		return dir == s.ConfigDir
	}
	return filepath.Clean(dir) == s.ConfigDir
}

// tell books windows and the conversation: to the session, or to the subscription alone where the CLI was started
// outside of the pool. It writes nothing where that would change nothing, for the line is drawn often.
func (t teller) tell(ctx context.Context, s pool.Subscription, conversation string, windows []pool.Window) error {
	session, inside := t.session(ctx, s)
	moved := conversation != "" && conversation != session.Conversation
	switch {
	case inside && (moved || len(windows) > 0):
		return t.store.Observe(ctx, session.ID, pool.Observation{At: t.now, Conversation: conversation, Windows: windows})
	case !inside && len(windows) > 0:
		return t.store.ObserveWindows(ctx, s.Name, windows)
	}
	return nil
}

// session is the running one that the environment names, if that is on the subscription.
func (t teller) session(ctx context.Context, s pool.Subscription) (session pool.Session, inside bool) {
	id, _ := t.env.Get(sessionVar)
	if id == "" {
		return session, false
	}
	session, err := t.store.Session(ctx, id)
	return session, err == nil && session.ID == id && session.Running() && session.Subscription == s.Name
}

// today is what the subscription used on this day; nil where the pool does not tell.
func (t teller) today(ctx context.Context, s pool.Subscription) *pool.Usage {
	local := t.now.Local()
	rows, err := t.store.Usage(ctx, pool.UsageQuery{
		Subscriptions: []string{s.Name}, Location: local.Location(),
		Since: time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location()),
	})
	if err != nil || len(rows) != 1 {
		return nil
	}
	return &rows[0].Usage
}

// newsIn are the windows that tell more than is known. The status line of a session that idles repeats what that
// heard with its last answer, however long ago. So a figure counts only where it is higher than what is known of the
// same stretch of time, in which use only grows: it would hide what other sessions have used since, and close
// again what a person has opened.
func newsIn(told, known []pool.Window, now time.Time) (news []pool.Window) {
	for _, w := range told {
		before := slices.IndexFunc(known, func(k pool.Window) bool { return k.Kind == w.Kind })
		if !w.StartedAnew(now) && (before < 0 || isNews(w, known[before], now)) {
			news = append(news, w)
		}
	}
	return news
}

func isNews(told, known pool.Window, now time.Time) bool {
	if known.StartedAnew(now) || known.Utilization == nil || known.ResetsAt.IsZero() != told.ResetsAt.IsZero() {
		return true
	}
	const same = time.Minute // sources differ by less
	switch later := told.ResetsAt.Sub(known.ResetsAt); {
	case later >= same:
		return true
	case later <= -same:
		return false
	}
	return *told.Utilization > *known.Utilization
}

// withNews is what is known once the news have been booked.
func withNews(known, news []pool.Window) []pool.Window {
	now := slices.Clone(known)
	for _, w := range news {
		i := slices.IndexFunc(now, func(k pool.Window) bool { return k.Kind == w.Kind })
		if i < 0 {
			now = append(now, w)
		} else {
			now[i] = w.Over(now[i])
		}
	}
	return now
}
