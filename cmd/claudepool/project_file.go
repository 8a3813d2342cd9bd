package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// A project file describes a whole pool beside the code that it is for; see docs/ci.md. Whoever can write to the
// repository can write it, so it is read only where the caller names it, or in CI, and what could run a command or
// send a credential elsewhere is refused in it.

// configVar names the project file.
const configVar = "CLAUDEPOOL_CONFIG"

// projectFileName is what a project file is called that is found by itself.
const projectFileName = "claudepool.toml"

// projectTable is the key of the subscriptions in a project file.
const projectTable = "subscription"

// projectDatabase is where the pool of a project file is in CI unless that says otherwise, beside the file.
const projectDatabase = ".claudepool/pool.db"

// database is where the pool of a project file is on a person's machine: not in the repository, which could bring a
// database with it, and config directories with settings that run commands.
func (p *project) database(places places) string {
	sum := sha256.Sum256([]byte(p.path))
	return filepath.Join(places.state, "projects", hex.EncodeToString(sum[:8]), "pool.db")
}

// isCI tells whether we run in CI.
func isCI(env claudecli.Environment) bool {
	word, _ := env.Get("CI")
	on, _ := parseSwitch(word)
	return on == true
}

// project is what a project file says beyond the settings.
type project struct {
	path          string
	subscriptions []projectSubscription
}

// projectSubscription is a [[subscription]] of a project file.
type projectSubscription struct {
	Name         string            `toml:"name"`
	EnvFrom      map[string]string `toml:"env_from"`
	Env          map[string]string `toml:"env"`
	API          bool              `toml:"api"`
	Tags         []string          `toml:"tags"`
	Email        string            `toml:"email"`
	Tier         int               `toml:"tier"`
	Priority     int               `toml:"priority"`
	Reserve      string            `toml:"reserve"`
	MaxSessions  *int              `toml:"max_sessions"`
	WeeklyBudget *float64          `toml:"weekly_budget"`
	AllowOverage bool              `toml:"allow_overage"`
}

// findProject returns the path of the project file that counts, "" where none does.
// Errors: *settingError where CLAUDEPOOL_CONFIG names none.
func findProject(env claudecli.Environment) (string, error) {
	if named, _ := env.Get(configVar); named != "" {
		path, err := filepath.Abs(named)
		if err != nil || !isFile(path) {
			return "", &settingError{configVar, named, "the path of a project file"}
		}
		return path, nil
	}
	if !isCI(env) {
		return "", nil
	}
	cwd, err := os.Getwd()
	if err != nil {
		return "", nil // a removed directory has no project
	}
	for _, dir := range projectDirs(cwd) {
		if path := filepath.Join(dir, projectFileName); isFile(path) {
			return path, nil
		}
	}
	return "", nil
}

// projectDirs are the directory and those above it, up to the root of its git repository. Outside of one it is
// the directory alone: who knows whose the others are.
func projectDirs(cwd string) []string {
	var dirs []string
	for dir := cwd; ; dir = filepath.Dir(dir) {
		dirs = append(dirs, dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); !errors.Is(err, fs.ErrNotExist) {
			return dirs
		}
		if dir == filepath.Dir(dir) {
			return dirs[:1]
		}
	}
}

// readProject reads a project file: its settings, and its subscriptions.
func readProject(path string) (*project, configFile, error) {
	file := readConfigFile(path, projectTable)
	p := &project{path: path}
	if err := file.trouble(); err != nil {
		return p, file, err
	}
	if len(file.channels) > 0 {
		file.channels = nil
		return p, file, file.problem(channelTable, fmt.Errorf("%s can't be set in a project file: set it in your own config file", channelTable))
	}
	for _, key := range []string{"claude", "log"} {
		if _, set := file.values[key]; set {
			delete(file.values, key)
			return p, file, file.problem(key, fmt.Errorf("%s can't be set in a project file: set it in your own environment", key))
		}
	}
	if db, set := file.values["db"].(string); set && (!filepath.IsLocal(db) || strings.HasPrefix(db, "~") || isDatabaseURL(db)) {
		delete(file.values, "db")
		return p, file, file.problem("db", errors.New("db must be a path below the project file; another place can be set by CLAUDEPOOL_DB"))
	}
	return p, file, p.read(file)
}

// place says in the file's settings where its pool is.
func (p *project) place(file configFile, places places, inCI bool) {
	_, set := file.values["db"]
	switch {
	case !inCI:
		delete(file.values, "db")
		if p.hasPool() {
			file.values["db"] = p.database(places)
		}
	case !set && p.hasPool():
		file.values["db"] = projectDatabase
	}
}

// read reads the subscriptions, and refuses what is no setting of one.
func (p *project) read(file configFile) error {
	var form struct {
		Subscription []projectSubscription `toml:"subscription"`
	}
	meta, err := toml.Decode(file.data, &form)
	if err != nil {
		return syntaxProblem(p.path, err)
	}
	p.subscriptions = form.Subscription
	if slices.ContainsFunc(meta.Undecoded(), func(key toml.Key) bool { return key[0] == projectTable }) {
		return p.unknownKey(file.data)
	}
	for i, s := range form.Subscription {
		if key, err := s.unsafe(); err != nil {
			return p.problem(file.data, i, key, fmt.Errorf("subscription %q: %w", s.Name, err))
		}
		if key, err := s.invalid(); err != nil {
			return p.problem(file.data, i, key, fmt.Errorf("subscription %q: %v", s.Name, err)) // not %w: it is no wrong command line
		}
		if slices.ContainsFunc(form.Subscription[:i], func(other projectSubscription) bool { return other.Name == s.Name }) {
			return p.problem(file.data, i, "name", fmt.Errorf("subscription %q is there twice", s.Name))
		}
	}
	return nil
}

// invalid finds what no subscription can be, and the key that says so.
func (s projectSubscription) invalid() (key string, err error) {
	sub, err := s.subscription("/")
	err = cmp.Or(err, sub.Check())
	var invalid *pool.InvalidError
	if errors.As(err, &invalid) {
		key = strings.ReplaceAll(invalid.Field, "-", "_")
	}
	return key, err
}

// unsafe finds a variable that a file which nobody has looked at must not set, and the key that sets it.
func (s projectSubscription) unsafe() (key string, err error) {
	for _, name := range slices.Sorted(maps.Keys(s.EnvFrom)) {
		if !claudecli.IsLoginVariable(name) {
			return "env_from", fmt.Errorf("env_from can't set %s in a project file, only a token or key", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		if !claudecli.IsHarmlessVariable(name) {
			return "env", fmt.Errorf("env can't set %s in a project file: set it in your own environment", name)
		}
	}
	return "", nil
}
