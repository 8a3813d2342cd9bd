package main

import (
	"context"

	"claudepool/internal/claudecli"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// loginsTask asks the real CLI when each login ends that it knows of, and tells of those that end soon. It looks at no
// credential, and passes over what can't be asked.
func (a *app) loginsTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	d := newDoctor(a, doctorCommand{})
	d.store = store
	var err error
	if d.subscriptions, err = store.Subscriptions(ctx); err != nil {
		return upkeep.Report{}, err
	}
	_, signedIn := d.sortLogins()
	if len(signedIn) == 0 {
		return upkeep.Report{Data: object{{"asked", 0}, {"ending", 0}}}, nil
	}
	d.checkCLI(ctx)
	if d.version == nil || !d.version.KnowsAuthStatus() {
		return upkeep.Report{Data: object{{"asked", 0}, {"ending", 0}}}, nil // doctor says why
	}
	answers := d.authStatuses(ctx, d.cli, signedIn)
	events := a.endingLogins(signedIn, answers)
	report := upkeep.Report{Data: object{{"asked", len(answers)}, {"ending", len(events)}}}
	if len(events) > 0 {
		report.Words = plural(len(events), "login") + " to renew soon"
		err = store.RecordEvents(ctx, events...)
	}
	return report, err
}

// endingLogins are the events of the logins that end soon, or have ended.
func (a *app) endingLogins(signedIn []pool.Subscription, answers map[string]claudecli.AuthStatus) (events []pool.Event) {
	for _, s := range signedIn {
		status, known := answers[s.Name]
		if known && status.LoggedIn && !status.ExpiresAt.IsZero() && status.ExpiresAt.Sub(a.now()) <= loginEndsSoon {
			events = append(events, pool.LoginExpiringEvent(s, status.ExpiresAt, a.now()))
		}
	}
	return events
}
