package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"claudepool/pool"
)

type addCommand struct {
	Name         string   `arg:"" help:"Its name; of letters, digits and . _ @ + -"`
	ConfigDir    string   `xor:"dir" placeholder:"DIR" help:"Config directory; by default one is made. The login belongs to the path as it is spelled."`
	DefaultDir   bool     `xor:"dir" help:"Use ~/.claude, as plain claude does; CLAUDE_CONFIG_DIR is left unset."`
	Email        string   `placeholder:"E" help:"A note of whose login it is."`
	Tag          []string `placeholder:"T" help:"Label that a project can ask for; may be repeated."`
	MaxSessions  *int     `placeholder:"N" help:"How many sessions may run at once; no cap by default."`
	WeeklyBudget *float64 `placeholder:"USD" help:"What it may spend in seven days; no budget by default."`
	EnvFrom      []string `sep:"none" placeholder:"VAR=SOURCE" help:"Give the CLI VAR, with what SOURCE is here; may be repeated. Only the names are stored."`
	EnvCommand   []string `sep:"none" placeholder:"VAR=COMMAND" help:"Give the CLI VAR, with what COMMAND prints; may be repeated. It is a shell command, as in TOKEN='op read …', and runs at every launch, for up to 10 seconds; only the command is stored."`
	Env          []string `sep:"none" placeholder:"VAR=VALUE" help:"Give the CLI a variable that is no secret; may be repeated."`
	Tier         int      `default:"0" placeholder:"N" help:"Use it where no lower tier has room; the first tier is 0."`
	Priority     int      `default:"0" placeholder:"N" help:"Rank under the strategy priority; within its tier the highest goes first."`
	Reserve      string   `placeholder:"SHARE" help:"Leave this share of its windows, as in 15%; it is for use outside of the pool."`
	AllowOverage bool     `help:"Let it enter paid use beyond its plan."`
	API          bool     `name:"api" help:"It is an API key; it has no windows, and is left alone for a while where it is throttled. Implied by --env-from ANTHROPIC_API_KEY=… and ANTHROPIC_AUTH_TOKEN=…"`
	NoRampUp     bool     `help:"Do not begin with few sessions at once; a new subscription else has a lower cap in its first days."`
	sharingFlags `embed:""`
}

func (c addCommand) Run(a *app) error {
	sub, err := c.subscription(a)
	if err != nil {
		return err
	}
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		if err := a.refuseSameDir(ctx, store, sub); err != nil {
			return err
		}
		if sub.Sharing, err = c.sharingOf(ctx, a, store); err != nil {
			return err
		}
		made, err := a.makeConfigDir(sub.ConfigDir)
		if err != nil {
			return err
		}
		if _, err := store.AddSubscription(ctx, sub); err != nil {
			if made {
				_ = os.Remove(sub.ConfigDir) // best effort: it is empty
			}
			return err
		}
		return c.settle(ctx, a, store, sub, made)
	})
}

func (c addCommand) tell(a *app, sub pool.Subscription, made bool) {
	word := ""
	if made {
		word = " (made)"
	}
	a.printf("added %s, config directory %s%s\n", sub.Name, a.dirWords(sub.ConfigDir), word)
}

// subscription is what the arguments ask for, checked.
func (c addCommand) subscription(a *app) (pool.Subscription, error) {
	sub := pool.Subscription{
		Name: c.Name, Email: c.Email, Tags: c.Tag, Enabled: true, CreatedAt: a.now(),
		Tier: c.Tier, Priority: c.Priority, AllowOverage: c.AllowOverage,
		RampUp: !c.NoRampUp && !c.DefaultDir, // that one is in use already
	}
	if err := pool.CheckName("name", c.Name); err != nil {
		return sub, err // before a path is made of it
	}
	var errDir, errSessions, errBudget, errEnv, errReserve error
	sub.ConfigDir, errDir = c.configDir(a)
	sub.MaxSessions, errSessions = c.maxSessions()
	sub.WeeklyBudget, errBudget = c.weeklyBudget()
	sub.EnvFrom, errEnv = c.envFrom()
	var errCommand, errValue error
	sub.EnvCommand, errCommand = parseEnvCommand(c.EnvCommand)
	sub.Env, errValue = parseEnv(c.Env)
	sub.API = c.API || getsAPIKey(sub)
	sub.Reserve, errReserve = parseShare("reserve", c.Reserve)
	for _, err := range []error{errDir, errSessions, errBudget, errEnv, errCommand, errValue, errReserve} {
		if err != nil {
			return sub, err
		}
	}
	return sub, sub.Check()
}

// configDir keeps the spelling of the path: on macOS it is what the login is found by.
func (c addCommand) configDir(a *app) (string, error) {
	switch {
	case c.DefaultDir:
		return "", nil
	case c.ConfigDir == "":
		dir := a.settings.places.subscriptionDir(c.Name)
		return dir, refuseNowhere(dir, "the config directory of "+c.Name, fmt.Sprintf("claudepool add %s --config-dir DIR", c.Name))
	}
	dir, err := filepath.Abs(c.ConfigDir)
	if err != nil {
		return "", fmt.Errorf("config directory %q: %w", c.ConfigDir, err)
	}
	if standard := a.settings.places.defaultConfigDir(); dir == standard || isSameFile(dir, standard) {
		return "", withHint(&usageError{fmt.Errorf(
			"%s=%s is another login than leaving it unset, which is what plain claude does", configDirVar, dir)},
			"for the login of plain claude: claudepool add %s --default-dir", c.Name)
	}
	return dir, nil
}

func (c addCommand) maxSessions() (int, error) {
	if c.MaxSessions == nil {
		return 0, nil
	}
	if *c.MaxSessions < 1 {
		return 0, &pool.InvalidError{Field: "max-sessions", Value: strconv.Itoa(*c.MaxSessions), Want: "be a number from 1 to 100000"}
	}
	return *c.MaxSessions, nil
}

func (c addCommand) weeklyBudget() (pool.NanoUSD, error) {
	if c.WeeklyBudget == nil {
		return 0, nil
	}
	budget := pool.USD(*c.WeeklyBudget)
	if budget <= 0 || budget == math.MaxInt64 {
		return 0, &pool.InvalidError{
			Field: "weekly-budget", Value: strconv.FormatFloat(*c.WeeklyBudget, 'g', -1, 64),
			Want: "be an amount of US dollars above 0",
		}
	}
	return budget, nil
}

// envFrom refuses what would undo the choice of a subscription.
func (c addCommand) envFrom() ([]pool.EnvFrom, error) {
	var pairs []pool.EnvFrom
	for _, word := range c.EnvFrom {
		name, source, _ := strings.Cut(word, "=")
		if name == configDirVar || strings.HasPrefix(name, "CLAUDEPOOL_") {
			return nil, &pool.InvalidError{Field: "env-from", Value: word, Want: "not set what claudepool sets itself"}
		}
		if slices.ContainsFunc(pairs, func(p pool.EnvFrom) bool { return p.Var == name }) {
			return nil, &pool.InvalidError{Field: "env-from", Value: word, Want: "give each variable once"}
		}
		pairs = append(pairs, pool.EnvFrom{Var: name, Source: source})
	}
	return pairs, nil
}

// isAPIKey tells whether what the CLI gets is a key or token of the API, and no login with a plan.
func isAPIKey(p pool.EnvFrom) bool {
	return p.Var == "ANTHROPIC_API_KEY" || p.Var == "ANTHROPIC_AUTH_TOKEN"
}

// parseShare reads 15% and 0.15, which are the same; a number of 1 or more could be meant either way.
func parseShare(field, text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, inPercent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if inPercent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share < 1) { // NaN is neither
		return 0, &pool.InvalidError{Field: field, Value: text, Want: "be a share from 0% to below 100%, as in 15% or 0.15"}
	}
	return share, nil
}

// refuseSameDir finds a directory that is in the pool under another spelling: one login would count as
// two subscriptions. The store refuses the same spelling.
func (a *app) refuseSameDir(ctx context.Context, store pool.Store, sub pool.Subscription) error {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range subscriptions {
		if s.Name == sub.Name {
			return fmt.Errorf("add subscription %s: %w", sub.Name, pool.ErrNameTaken)
		}
		if sub.ConfigDir != "" && s.ConfigDir != "" && isSameFile(s.ConfigDir, sub.ConfigDir) {
			return fmt.Errorf("add subscription %s: %w by %s", sub.Name, pool.ErrDirTaken, s.Name)
		}
	}
	return nil
}

// makeConfigDir makes a config directory that is not there yet, for the user alone.
func (a *app) makeConfigDir(dir string) (made bool, err error) {
	if dir == "" {
		return false, nil
	}
	if err := refuseNowhere(dir, "the config directory", "export XDG_DATA_HOME=/absolute/path"); err != nil {
		return false, err
	}
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return false, nil
	case err == nil:
		return false, withHint(fmt.Errorf("config directory %q is a file", dir), "choose another one: --config-dir DIR")
	case !errors.Is(err, fs.ErrNotExist):
		return false, withHint(fmt.Errorf("config directory: %w", err), "choose another one: --config-dir DIR")
	}
	if end := linkEnd(dir); end != dir {
		return false, withHint(fmt.Errorf("config directory %q is a link that leads nowhere", dir), "make what it leads to: mkdir -p -m 700 %s", shellQuote(end))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, withHint(fmt.Errorf("config directory: %w", err), "choose another one: --config-dir DIR")
	}
	return true, nil
}

// isSameFile tells whether both paths are there and lead to one file.
func isSameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// isSameLogin tells whether a config directory, as it was set by hand, has the login of a subscription's. In the
// keychain of macOS a login is found by the spelling of the path.
func isSameLogin(ofSubscription, set string) bool {
	return ofSubscription == filepath.Clean(set) || runtime.GOOS != "darwin" && isSameFile(ofSubscription, set)
}

// dirWords shows a config directory to people.
func (a *app) dirWords(dir string) string {
	if dir == "" {
		return "~/.claude (default)"
	}
	return dir
}
