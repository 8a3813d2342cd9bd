package main

import (
	"context"
	"os"

	"claudepool/internal/claudecli"
	"claudepool/internal/procid"
	"claudepool/pool"
)

type doctorCommand struct {
	JSON    bool `name:"json" help:"Print one JSON document."`
	Fix     bool `help:"Mend what can be mended without losing anything: links, permissions, dead sessions, the spool."`
	Offline bool `help:"Do not ask the CLI who is signed in."`
}

// Help says what the exit status means.
func (doctorCommand) Help() string {
	return "Changes nothing without --fix. Ends with 0 where all is well, with 1 where there are warnings, with 2 where there are errors; what --fix has mended does not count."
}

func (c doctorCommand) Run(a *app) error {
	d := newDoctor(a, c)
	defer d.close()
	findings := d.examine(context.Background())
	if c.Fix {
		d.mend(findings)
	}
	if c.JSON {
		if err := a.printJSON(doctorDocument(findings)); err != nil {
			return err
		}
	} else {
		a.printf("%s", renderFindings(findings, a.terminalWidth()))
	}
	switch worstOf(findings) {
	case levelError:
		return exitCode(2)
	case levelWarning:
		return exitCode(1)
	}
	return nil
}

// doctor is what the checks look at.
type doctor struct {
	*app
	offline bool
	// changes is set where something may be written; else nothing is.
	changes bool
	cwd     string
	probe   pool.Probe
	// store is nil where the pool can't be used; storeErr says why.
	store         pool.Store
	storeErr      error
	subscriptions []pool.Subscription
	// cli is the path of the real CLI, "" where there is none; version is known where it could be asked.
	cli     string
	version *claudecli.Version
}

func newDoctor(a *app, c doctorCommand) *doctor {
	d := &doctor{app: a, offline: c.Offline, changes: c.Fix, probe: procid.Probe}
	d.cwd, _ = os.Getwd() // without it there is no project to look at
	return d
}

// check is a question, by the name that --json has for it.
type check struct {
	group, name string
	ask         func(*doctor, context.Context) []finding
}

// checks are all questions, those first whose answers others need.
var checks = []check{
	{"setup", "settings", (*doctor).checkSettings},
	{"setup", "real_cli", (*doctor).checkCLI},
	{"setup", "shim", (*doctor).checkShim},
	{"setup", "shells", (*doctor).checkShells},
	{"setup", "editors", (*doctor).checkEditors},
	{"pool", "database", (*doctor).checkDatabase},
	{"pool", "spool", (*doctor).checkSpool},
	{"pool", "sessions", (*doctor).checkSessions},
	{"pool", "clock", (*doctor).checkClock},
	{"pool", "upkeep", (*doctor).checkUpkeep},
	{"pool", "channels", (*doctor).checkChannels},
	{"subscriptions", "directories", (*doctor).checkDirectories},
	{"subscriptions", "permissions", (*doctor).checkPermissions},
	{"subscriptions", "links", (*doctor).checkLinks},
	{"subscriptions", "logins", (*doctor).checkLogins},
	{"overrides", "variables", (*doctor).checkVariables},
	{"overrides", "cli_settings", (*doctor).checkCLISettings},
}

// examine asks all questions.
func (d *doctor) examine(ctx context.Context) (all []finding) {
	d.openPool(ctx)
	for _, c := range checks {
		for _, f := range c.ask(d, ctx) {
			f.group, f.check = c.group, c.name
			all = append(all, f)
		}
	}
	return all
}

func (d *doctor) openPool(ctx context.Context) {
	if d.store, d.storeErr = d.openStoreWith(ctx, storeOptions{readOnly: !d.changes}); d.storeErr == nil {
		d.subscriptions, d.storeErr = d.store.Subscriptions(ctx)
	}
	if d.storeErr != nil {
		d.close()
	}
}

func (d *doctor) close() {
	if d.store != nil {
		_ = d.store.Close() // nothing more is wanted of it
	}
	d.store = nil
}

// mend mends what can be mended, and says in the findings what became of it.
func (d *doctor) mend(findings []finding) {
	for i := range findings {
		f := &findings[i]
		if f.mend == nil {
			continue
		}
		done, err := f.mend()
		if err != nil {
			f.words, f.mend = f.words+"; it could not be mended: "+err.Error(), nil
			continue
		}
		f.mended, f.hint = done, ""
	}
}
