package main

import "iter"

// declaration is all that is known of one setting. `config show`, the template that `config edit` begins with, the
// JSON schema and the tables in the documents are made from these.
type declaration struct {
	// key is its name in the config file, "" where only a variable can set it.
	key string
	// variable is its name in the environment, "" where only the file can set it.
	variable string
	form     form
	// words say what it does.
	words string
	// choices are the texts that it may be, nil where it is not one of a few.
	choices []string
	// low and high bound a number; both 0 where it has no bounds.
	low, high float64
	// set takes over a value; an error says that it can't be had.
	set func(*settings, given) error
	// show returns the value in force, of the type of the form.
	show func(settings) any
}

// name is how a person knows it.
func (d declaration) name() string {
	if d.key != "" {
		return d.key
	}
	return d.variable
}

// defaultValue is the value that it has where nothing sets it.
func (d declaration) defaultValue(p places) any { return d.show(defaultSettings(p)) }

// declarations are all settings, in the order in which they are shown.
func declarations() iter.Seq[declaration] {
	return func(yield func(declaration) bool) {
		for _, group := range [][]declaration{projectSettings, placeSettings, policySettings, rebalanceSettings, eventSettings, maintainSettings, healthSettings, runSettings} {
			for _, d := range group {
				if !yield(d) {
					return
				}
			}
		}
	}
}

// projectSettings are those that a project sets for its runs.
var projectSettings = []declaration{
	{
		key: "subscriptions", variable: "CLAUDEPOOL_SUBSCRIPTION", form: listForm,
		words: "only these subscriptions; all where it is empty",
		set:   func(s *settings, g given) error { s.Names = g.list(); return nil },
		show:  func(s settings) any { return s.Names },
	}, {
		key: "tags", variable: "CLAUDEPOOL_TAGS", form: listForm,
		words: "only subscriptions with all of these tags",
		set:   func(s *settings, g given) error { s.Tags = g.list(); return nil },
		show:  func(s settings) any { return s.Tags },
	}, {
		key: "strategy", variable: "CLAUDEPOOL_STRATEGY", form: textForm, choices: strategyNames(),
		words: "who is best of those that may be picked",
		set:   func(s *settings, g given) error { return setStrategy(&s.Policy, g.setting()) },
		show:  func(s settings) any { return string(s.Policy.Strategy) },
	}, {
		key: "wait", variable: "CLAUDEPOOL_WAIT", form: textForm,
		words: "how long a run waits for room where no subscription may be picked, as in 10m; 0 for not at all",
		set:   func(s *settings, g given) (err error) { s.Wait, err = parseWait(g.setting()); return err },
		show:  func(s settings) any { return spanText(s.Wait) },
	}, {
		key: "failover", variable: "CLAUDEPOOL_FAILOVER", form: textForm,
		choices: []string{string(failoverOn), string(failoverAuto), string(failoverOff)},
		words:   "what becomes of a run that meets a limit: on goes on elsewhere if headless and else asks, auto never asks, off ends it",
		set:     func(s *settings, g given) (err error) { s.Failover, err = parseFailover(g.setting()); return err },
		show:    func(s settings) any { return string(s.Failover) },
	}, {
		key: "strict", variable: "CLAUDEPOOL_STRICT", form: switchForm,
		words: "no run without the pool: trouble with it is an error",
		set:   func(s *settings, g given) error { s.Strict = g.on(); return nil },
		show:  func(s settings) any { return s.Strict },
	}, {
		variable: "CLAUDEPOOL_BYPASS", form: switchForm,
		words: "run the CLI as if claudepool were not there",
		set:   func(s *settings, g given) error { s.Bypass = g.on(); return nil },
		show:  func(s settings) any { return s.Bypass },
	},
}

// placeSettings say where things are, and how long they stay.
var placeSettings = []declaration{
	{
		key: databaseKey, variable: databaseVar, form: textForm,
		words: "path of the database, or the URL of one on PostgreSQL: postgres://user@host/database",
		set:   (*settings).setDatabase,
		show:  func(s settings) any { return s.databaseWords() },
	}, {
		key: "claude", variable: "CLAUDEPOOL_CLAUDE", form: textForm,
		words: "path of the real CLI; where it is empty the CLI is looked for on PATH",
		set: func(s *settings, g given) error {
			s.Claude, s.ClaudeFrom = s.places.path(g), g.from()
			return nil
		},
		show: func(s settings) any { return s.Claude },
	}, {
		key: "log", variable: "CLAUDEPOOL_LOG", form: textForm,
		words: "how much is logged and where: debug, info, warn or error, a file, or both as info:/path/to/file; nothing where it is empty",
		set:   func(s *settings, g given) (err error) { s.Log, err = parseLog(g.setting(), s.places.state); return err },
		show:  func(s settings) any { return s.Log.String() },
	}, {
		key: "prune_after_days", form: wholeForm, low: 0, high: 1e6,
		words: "from which age on detail of the ledger becomes totals, in days; 0 for never",
		set: func(s *settings, g given) error {
			if s.PruneAfterDays = g.whole(); s.PruneAfterDays < 0 || s.PruneAfterDays > 1e6 {
				return g.refused("a number of days, 0 for never")
			}
			return nil
		},
		show: func(s settings) any { return s.PruneAfterDays },
	},
}
