package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// settings are what the environment says, else the config file, else the defaults. Each is declared once, in
// one of the lists of settings_declared.go.
type settings struct {
	// Database is the path of the pool's file, or the URL of a database, which may hold a password.
	Database string
	// Claude is the real CLI and ClaudeFrom where that was set; both "" where it is to be looked for.
	Claude, ClaudeFrom string
	// Names pin runs to these subscriptions.
	Names []string
	// Tags must all be on the subscription.
	Tags []string
	// Strict makes trouble with the pool an error; Bypass passes every run through to the CLI.
	Strict, Bypass bool
	// Policy is how a subscription is chosen.
	Policy pool.Policy
	// Wait is how long a run waits for room in the pool.
	Wait time.Duration
	// Log is where and how much is logged.
	Log logSetting
	// Failover says what becomes of a run that meets a limit.
	Failover failoverMode
	// PruneAfterDays is the age from which on detail of the ledger is turned into totals; 0 is never.
	PruneAfterDays int
	// RebalanceEvery is how often conversations are moved, 0 for never, and Rebalance by which rules.
	RebalanceEvery time.Duration
	Rebalance      pool.Rebalance
	// Thresholds are the shares of a window or budget that events tell of, in order.
	Thresholds []float64
	// Maintenance is how the pool looks after itself.
	Maintenance maintenance

	// Report is where to write a record of a run, "" for nowhere; Summary is set where it is told in a line.
	Report  string
	Summary bool

	// project is what a project file says beyond the settings, nil where there is none.
	project *project
	places  places
	// files are the config files that were read, the one that counts most first.
	files []configFile
}

// defaultPruneAfterDays is the age of detail that is kept unless the config file says otherwise.
const defaultPruneAfterDays = 90

func defaultSettings(p places) settings {
	return settings{
		Database: p.database(), Policy: pool.DefaultPolicy(), Failover: failoverOn,
		RebalanceEvery: defaultRebalanceEvery, Rebalance: pool.DefaultRebalance(),
		Thresholds: slices.Clone(pool.DefaultThresholds), PruneAfterDays: defaultPruneAfterDays, Maintenance: defaultMaintenance, places: p,
	}
}

// loadSettings always returns settings that can be worked with, whatever the error, which is the first of
// what is wrong. What is wrong counts as not set.
func loadSettings(env claudecli.Environment) (settings, error) {
	s := defaultSettings(findPlaces(env))
	first := s.readFiles(env)
	for d := range declarations() {
		first = cmp.Or(first, s.apply(d, env))
	}
	return s, first
}

// apply takes over what a setting is set to, if it is.
func (s *settings) apply(d declaration, env claudecli.Environment) error {
	g, err := d.given(env, s.files)
	if err != nil || g == nil {
		return err
	}
	if want := outOfBounds(g.value); want != "" {
		return g.wrong(g.refused(want))
	}
	before := *s
	if err = d.set(s, *g); err != nil {
		*s = before
		return g.wrong(err)
	}
	return nil
}

// given is a value that a setting has been given.
type given struct {
	// name is the variable, or the key in the file.
	name string
	// file is where it was set, nil for the environment.
	file *configFile
	// value is of the type that the setting's form names.
	value any
}

// given returns what a setting is set to, nil where it is not: an empty variable is none.
func (d declaration) given(env claudecli.Environment, files []configFile) (*given, error) {
	if text, _ := env.Get(d.variable); d.variable != "" && text != "" {
		value, ok := d.form.parse(text)
		if !ok {
			return nil, &settingError{d.variable, text, d.form.want}
		}
		return &given{name: d.variable, value: value}, nil
	}
	for i := range files {
		if value, ok := files[i].values[d.key]; ok && d.key != "" {
			return &given{d.key, &files[i], value}, nil
		}
	}
	return nil, nil
}

// from says where a value was set: a variable, or the path of a file.
func (g given) from() string {
	if g.file != nil {
		return g.file.path
	}
	return g.name
}

// wrong says where a value that is wrong stands.
func (g given) wrong(err error) error {
	if g.file == nil {
		return err
	}
	return g.file.problem(g.name, err)
}

// refused is the error of a value that the setting can't have.
func (g given) refused(want string) error {
	value := formatValue(g.value)
	if g.name == databaseKey || g.name == databaseVar {
		value = hidePassword(value)
	}
	return &settingError{g.name, value, want}
}

func (g given) setting() setting { return setting{g.name, g.text()} }

func (g given) text() string    { return g.value.(string) }
func (g given) list() []string  { return g.value.([]string) }
func (g given) on() bool        { return g.value.(bool) }
func (g given) number() float64 { return g.value.(float64) }
func (g given) whole() int      { return g.value.(int) }
func (g given) wholes() []int   { return g.value.([]int) }

func (g given) numbers() []float64 { return g.value.([]float64) }

// settingError says that a setting has a value that it can't have.
type settingError struct{ name, value, want string }

func (e *settingError) Error() string {
	value := e.value
	if quoted := pool.QuoteShort(value); plain(value) != value || quoted != strconv.Quote(value) {
		value = quoted
	}
	return fmt.Sprintf("%s=%s is not %s", e.name, value, e.want)
}

// configError says what is wrong with a config file.
type configError struct {
	path string
	// line counts from 1; 0 where it is not known.
	line int
	// near is the setting that an unknown one may have been meant to be, "" for none.
	near string
	err  error
}

func (e *configError) Error() string {
	if e.line > 0 {
		return fmt.Sprintf("%s: line %d: %v", e.path, e.line, e.err)
	}
	return fmt.Sprintf("%s: %v", e.path, e.err)
}

func (e *configError) Unwrap() error { return e.err }

// errNoSetting says that a config file names something that is no setting.
var errNoSetting = errors.New("is no setting")

func splitList(list string) []string {
	var words []string
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}
