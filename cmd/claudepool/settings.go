package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"claudepool/internal/claudecli"
	"claudepool/internal/spool"
	"claudepool/pool"
	"claudepool/wrapper"
)

// settings are what the environment says, else the config file, else the defaults.
type settings struct {
	// Database is the path of the pool's file.
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

	places places
}

// places are the directories that claudepool keeps things in.
type places struct{ home, config, state, data string }

// configFile is the form of config.toml.
type configFile struct {
	Database      string   `toml:"db"`
	Claude        string   `toml:"claude"`
	Subscriptions []string `toml:"subscriptions"`
	Tags          []string `toml:"tags"`
	Strict        bool     `toml:"strict"`
	// PruneAfterDays is nil where it is not set.
	PruneAfterDays *int   `toml:"prune_after_days"`
	Wait           string `toml:"wait"`
	Failover       string `toml:"failover"`
	Log            string `toml:"log"`
	policyFile
}

// settingError says that a setting has a value that it can't have.
type settingError struct{ name, value, want string }

func (e *settingError) Error() string {
	return fmt.Sprintf("%s=%s is not %s", e.name, e.value, e.want)
}

// loadSettings always returns settings that can be worked with, whatever the error.
func loadSettings(env claudecli.Environment) (settings, error) {
	s := settings{places: findPlaces(env)}
	file, err := readConfigFile(s.places.configFile())
	get := func(name string) string { value, _ := env.Get(name); return value }

	s.Database = cmp.Or(get("CLAUDEPOOL_DB"), file.Database, filepath.Join(s.places.state, "pool.db"))
	s.Claude, s.ClaudeFrom = get("CLAUDEPOOL_CLAUDE"), "CLAUDEPOOL_CLAUDE"
	if s.Claude == "" {
		s.Claude, s.ClaudeFrom = file.Claude, s.places.configFile()
	}
	if s.Names = splitList(get("CLAUDEPOOL_SUBSCRIPTION")); s.Names == nil {
		s.Names = file.Subscriptions
	}
	if s.Tags = splitList(get("CLAUDEPOOL_TAGS")); s.Tags == nil {
		s.Tags = file.Tags
	}
	var errPrune error
	s.PruneAfterDays, errPrune = pruneAfterDays(file)
	var errPolicy, errWait, errFailover, errLog error
	s.Log, errLog = parseLog(settingOf("CLAUDEPOOL_LOG", get("CLAUDEPOOL_LOG"), "log", file.Log), s.places.state)
	s.Policy, errPolicy = choosePolicy(get("CLAUDEPOOL_STRATEGY"), file.policyFile)
	s.Wait, errWait = parseWait(settingOf("CLAUDEPOOL_WAIT", get("CLAUDEPOOL_WAIT"), "wait", file.Wait))
	s.Failover, errFailover = parseFailover(settingOf("CLAUDEPOOL_FAILOVER", get("CLAUDEPOOL_FAILOVER"), "failover", file.Failover))
	var errStrict, errBypass error
	s.Strict, errStrict = parseSwitch("CLAUDEPOOL_STRICT", get("CLAUDEPOOL_STRICT"), file.Strict)
	s.Bypass, errBypass = parseSwitch("CLAUDEPOOL_BYPASS", get("CLAUDEPOOL_BYPASS"), false)
	return s, cmp.Or(err, errStrict, errBypass, errPrune, errPolicy, errWait, errFailover, errLog)
}

func readConfigFile(path string) (configFile, error) {
	var file configFile
	if path == "" {
		return file, nil
	}
	meta, err := toml.DecodeFile(path, &file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file, nil
	case err != nil:
		return configFile{}, &configError{path, err}
	case len(meta.Undecoded()) > 0:
		return file, &configError{path, fmt.Errorf("%q is no setting", meta.Undecoded()[0].String())}
	}
	return file, nil
}

// defaultPruneAfterDays is the age of detail that is kept unless the config file says otherwise.
const defaultPruneAfterDays = 90

func pruneAfterDays(file configFile) (int, error) {
	switch {
	case file.PruneAfterDays == nil:
		return defaultPruneAfterDays, nil
	case *file.PruneAfterDays < 0:
		return 0, &settingError{"prune_after_days", strconv.Itoa(*file.PruneAfterDays), "a number of days, 0 for never"}
	}
	return *file.PruneAfterDays, nil
}

// configError says what is wrong with the config file.
type configError struct {
	path string
	err  error
}

func (e *configError) Error() string { return fmt.Sprintf("%s: %v", e.path, e.err) }
func (e *configError) Unwrap() error { return e.err }

func splitList(list string) []string {
	var words []string
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func parseSwitch(name, value string, fallback bool) (bool, error) {
	switch strings.ToLower(value) {
	case "":
		return fallback, nil
	case "1", "true", "yes", "on":
		return true, nil
	case "0", "false", "no", "off":
		return false, nil
	}
	return fallback, &settingError{name, value, "1 or 0"}
}

// findPlaces follows the XDG directories, which must be absolute to count.
func findPlaces(env claudecli.Environment) places {
	home, _ := env.Get("HOME")
	in := func(variable, fallback string) string {
		if dir, _ := env.Get(variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, "claudepool")
		}
		return filepath.Join(cmp.Or(home, "/nonexistent"), fallback, "claudepool")
	}
	return places{
		home: home, config: in("XDG_CONFIG_HOME", ".config"),
		state: in("XDG_STATE_HOME", ".local/state"), data: in("XDG_DATA_HOME", ".local/share"),
	}
}

func (p places) configFile() string { return filepath.Join(p.config, "config.toml") }

// shimDir holds the shim and nothing else: it goes first on PATH.
func (p places) shimDir() string { return filepath.Join(p.data, "shim") }

// subscriptionDir is the config directory that we make for a subscription.
func (p places) subscriptionDir(name string) string {
	return filepath.Join(p.data, "subscriptions", name)
}

// lookup says where the real CLI is to be found.
func (s settings) lookup(env claudecli.Environment) wrapper.Lookup {
	path, _ := env.Get("PATH")
	return wrapper.Lookup{
		Named: s.Claude, NamedBy: s.ClaudeFrom, Path: path, Home: s.places.home,
		ShimDirs: []string{s.places.shimDir()},
	}
}

// spool keeps usage for this database beside it or, where nothing can be written there, in a
// temporary directory of the user's own.
func (s settings) spool() spool.Spool {
	path, err := filepath.Abs(s.Database)
	if err != nil {
		path = s.Database
	}
	sum := sha256.Sum256([]byte(path))
	temporary := filepath.Join(os.TempDir(), fmt.Sprintf("claudepool-%d", os.Getuid()), hex.EncodeToString(sum[:8]))
	return spool.New(path+".spool", temporary)
}
