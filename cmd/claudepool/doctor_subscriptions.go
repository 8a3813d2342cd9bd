package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"claudepool/internal/claudecli"
	"claudepool/internal/sharing"
	"claudepool/pool"
)

// loginEndsSoon is how long before the end of a login there is a warning.
const loginEndsSoon = 7 * 24 * time.Hour

// checkDirectories finds config directories that can't be used, and two names for one.
func (d *doctor) checkDirectories(context.Context) (found []finding) {
	if d.store == nil {
		return nil
	}
	for i, s := range d.subscriptions {
		if f, bad := d.checkDirectory(s); bad {
			found = append(found, f)
		}
		for _, other := range d.subscriptions[:i] {
			if dir := d.configDirOf(s.ConfigDir); isSameFile(dir, d.configDirOf(other.ConfigDir)) {
				found = append(found, problem("to take one out: claudepool remove "+s.Name,
					"%s and %s have one config directory: %s", other.Name, s.Name, dir))
			}
		}
	}
	return orWell(found, "the config directories of %s are there", plural(len(d.subscriptions), "subscription"))
}

func (d *doctor) checkDirectory(s pool.Subscription) (f finding, bad bool) {
	dir := d.configDirOf(s.ConfigDir)
	info, err := os.Stat(dir)
	switch {
	case s.ConfigDir == "" && errors.Is(err, os.ErrNotExist):
		return warning("to sign in: claudepool login "+s.Name, "%s has no config directory yet: %s", s.Name, dir), true
	case errors.Is(err, os.ErrNotExist):
		return problem("to make it anew: mkdir -p -m 700 "+shellQuote(linkEnd(dir)), "the config directory of %s is missing: %s", s.Name, dir), true
	case err != nil:
		return problem("see what it is: ls -ld "+shellQuote(dir), "the config directory of %s can't be looked at: %v", s.Name, err), true
	case !info.IsDir():
		return problem("see what it is: ls -ld "+shellQuote(dir), "the config directory of %s is none: %s", s.Name, dir), true
	case unix.Access(dir, unix.W_OK|unix.X_OK) != nil:
		return problem("make it your own: sudo chown -R $USER "+shellQuote(dir)+" && chmod u+rwx "+shellQuote(dir),
			"the CLI can't write to the config directory of %s: %s", s.Name, dir), true
	}
	return finding{}, false
}

// checkLinks finds links to shared files that are not as they should be.
func (d *doctor) checkLinks(context.Context) (found []finding) {
	if d.store == nil {
		return nil
	}
	shared := 0
	for _, s := range d.subscriptions {
		if s.Sharing.Base == "" || !isDir(s.ConfigDir) {
			continue
		}
		shared += len(s.Sharing.Entries)
		for _, p := range sharing.Check(s.ConfigDir, s.Sharing) {
			found = append(found, d.linkFinding(s, p))
		}
	}
	return orWell(found, "%s to shared files, all as they should be", plural(shared, "link"))
}

func (d *doctor) linkFinding(s pool.Subscription, p sharing.Problem) finding {
	f := warning("to mend it: claudepool doctor --fix", "%s of %s %s", p.Entry, s.Name, linkWords(p))
	f.mend = func() (string, error) {
		done, err := d.mender().MendOnly(s.ConfigDir, s.Sharing, func(other sharing.Problem) bool { return other.Entry == p.Entry })
		words := "it is the link again"
		for _, m := range done {
			if m.Backup != "" {
				words += "; both versions are in " + m.Backup
			}
		}
		return words, err
	}
	return f
}

func linkWords(p sharing.Problem) string {
	switch p.Kind {
	case sharing.Missing:
		return "is not shared: the link to " + p.Target + " is missing"
	case sharing.Replaced:
		return "is not shared any more: it was a link to " + p.Target
	case sharing.Elsewhere:
		return "is a link to something else than " + p.Target
	case sharing.Unfinished:
		return "was being made a link to " + p.Target + " again, and is not yet"
	}
	return "can't be looked at: " + p.Path
}

// checkLogins asks the CLI who is signed in, for every subscription that may be picked.
func (d *doctor) checkLogins(ctx context.Context) []finding {
	if d.store == nil {
		return nil
	}
	found, signedIn := d.sortLogins()
	switch {
	case d.offline:
		return orWell(found, "nobody was asked who is signed in: --offline")
	case d.version == nil:
		return orWell(found, "nobody was asked who is signed in: there is no real CLI to ask")
	case !d.version.KnowsAuthStatus():
		return orWell(found, "nobody was asked who is signed in: version %v of the CLI can't tell", d.version)
	}
	answers := d.authStatuses(ctx, d.cli, slices.DeleteFunc(slices.Clone(signedIn), d.neverStarted))
	for i, s := range signedIn {
		if f, bad := d.loginFinding(s, answers); bad {
			found = append(found, f)
		}
		found = append(found, twins(s, signedIn[:i], answers)...)
	}
	return orWell(found, "%s signed in", plural(len(signedIn), "subscription"))
}

// neverStarted tells whether the CLI has never been started on a subscription.
func (d *doctor) neverStarted(s pool.Subscription) bool {
	return !claudecli.WasStarted(d.statePath(s.ConfigDir))
}

// sortLogins returns those that are signed in with the CLI, as far as can be told without it, and what is wrong
// with the others.
func (d *doctor) sortLogins() (found []finding, signedIn []pool.Subscription) {
	for _, s := range d.subscriptions {
		switch source := claudecli.MissingSource(d.env, s); {
		case !s.Enabled:
		case source != "":
			found = append(found, warning("to set it: export "+source+"=…", "%s is not usable here: the variable %s is not set", s.Name, source))
		case len(tokenVariables(s)) == 0 && isDir(d.configDirOf(s.ConfigDir)):
			signedIn = append(signedIn, s)
		}
	}
	return found, signedIn
}

// twins says which of the others are the same login.
func twins(s pool.Subscription, others []pool.Subscription, answers map[string]claudecli.AuthStatus) (found []finding) {
	for _, other := range others {
		if answers[s.Name].IsSameLogin(answers[other.Name]) {
			found = append(found, warning("to take one out: claudepool remove "+s.Name,
				"%s and %s are one login, %s: it has its limits once", other.Name, s.Name, answers[s.Name].Email))
		}
	}
	return found
}

func (d *doctor) loginFinding(s pool.Subscription, answers map[string]claudecli.AuthStatus) (f finding, bad bool) {
	status, known := answers[s.Name]
	hint := "to sign in: claudepool login " + s.Name
	left := status.ExpiresAt.Sub(d.now())
	switch {
	case !known && d.neverStarted(s):
		return problem(hint, "%s is not signed in", s.Name), true
	case !known:
		return warning("see what it says: claudepool exec "+s.Name+" -- claude auth status", "the CLI does not say whether %s is signed in", s.Name), true
	case !status.LoggedIn:
		return problem(hint, "%s is not signed in", s.Name), true
	case status.ExpiresAt.IsZero() || left > loginEndsSoon:
		return f, false
	case left <= 0:
		return problem(hint, "the login of %s ended at %s", s.Name, localTime(status.ExpiresAt, d.now())), true
	}
	return warning(hint, "the login of %s ends at %s, in %s", s.Name, localTime(status.ExpiresAt, d.now()), span(left)), true
}
