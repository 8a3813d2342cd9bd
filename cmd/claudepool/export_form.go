package main

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// exportedPool is the document that export prints and import reads: a superset of the subscriptions of a
// project file, with the same names.
type exportedPool struct {
	Subscriptions []exported `toml:"subscription" json:"subscription"`
}

// exported is a subscription in it. What is not set is left out. It has no secrets, as the pool has none.
type exported struct {
	Name string `toml:"name" json:"name"`
	// ConfigDir is left out where it is the one that claudepool makes for the name; ~ is the home.
	ConfigDir  string `toml:"config_dir,omitempty" json:"config_dir,omitempty"`
	DefaultDir bool   `toml:"default_dir,omitempty" json:"default_dir,omitempty"`
	// ShareWith is the directory that the entries of Share are shared with.
	ShareWith    string            `toml:"share_with,omitempty" json:"share_with,omitempty"`
	Share        []string          `toml:"share,omitempty" json:"share,omitempty"`
	Isolated     bool              `toml:"isolated,omitempty" json:"isolated,omitempty"`
	Disabled     bool              `toml:"disabled,omitempty" json:"disabled,omitempty"`
	Email        string            `toml:"email,omitempty" json:"email,omitempty"`
	Tags         []string          `toml:"tags,omitempty" json:"tags,omitempty"`
	Tier         int               `toml:"tier,omitzero" json:"tier,omitempty"`
	Priority     int               `toml:"priority,omitzero" json:"priority,omitempty"`
	Reserve      string            `toml:"reserve,omitempty" json:"reserve,omitempty"`
	MaxSessions  *int              `toml:"max_sessions,omitempty" json:"max_sessions,omitempty"`
	WeeklyBudget *float64          `toml:"weekly_budget,omitempty" json:"weekly_budget,omitempty"`
	AllowOverage bool              `toml:"allow_overage,omitempty" json:"allow_overage,omitempty"`
	API          bool              `toml:"api,omitempty" json:"api,omitempty"`
	RampUp       bool              `toml:"ramp_up,omitempty" json:"ramp_up,omitempty"`
	CreatedAt    *time.Time        `toml:"created_at,omitempty" json:"created_at,omitempty"`
	EnvFrom      map[string]string `toml:"env_from,omitempty" json:"env_from,omitempty"`
	EnvCommand   map[string]string `toml:"env_command,omitempty" json:"env_command,omitempty"`
	Env          map[string]string `toml:"env,omitempty" json:"env,omitempty"`
}

// exportOf is the form of a subscription.
func (p places) exportOf(s pool.Subscription) exported {
	e := exported{
		Name: s.Name, DefaultDir: s.ConfigDir == "", Disabled: !s.Enabled, Email: s.Email, Tags: s.Tags,
		Tier: s.Tier, Priority: s.Priority, Reserve: shareWords(s.Reserve),
		MaxSessions: orNull(s.MaxSessions), WeeklyBudget: orNull(s.WeeklyBudget.Dollars()),
		ShareWith: p.tilde(s.Sharing.Base), Share: s.Sharing.Entries, Isolated: s.Sharing.Isolated,
		AllowOverage: s.AllowOverage, API: s.API, RampUp: s.RampUp, CreatedAt: timeOrNull(s.CreatedAt),
		EnvFrom: map[string]string{}, EnvCommand: map[string]string{}, Env: map[string]string{},
	}
	if s.ConfigDir != p.subscriptionDir(s.Name) {
		e.ConfigDir = p.tilde(s.ConfigDir)
	}
	for _, v := range s.EnvFrom {
		e.EnvFrom[v.Var] = v.Source
	}
	for _, v := range s.EnvCommand {
		e.EnvCommand[v.Var] = v.Command
	}
	for _, v := range s.Env {
		e.Env[v.Var] = v.Value
	}
	return e
}

func (p places) untilde(dir string) string {
	if below, ok := strings.CutPrefix(dir, "~/"); ok {
		return filepath.Join(p.home, below)
	}
	return dir
}

// subscription is what the form says, unchecked but for what is not of its kind.
func (p places) subscription(e exported, now time.Time) (pool.Subscription, error) {
	if err := pool.CheckName("name", e.Name); err != nil {
		return pool.Subscription{}, err // before a path is made of it
	}
	s := pool.Subscription{
		Name: e.Name, Enabled: !e.Disabled, Email: e.Email, Tags: e.Tags, Tier: e.Tier, Priority: e.Priority,
		AllowOverage: e.AllowOverage, API: e.API, RampUp: e.RampUp, CreatedAt: now,
		Sharing: pool.Sharing{Base: p.untilde(e.ShareWith), Entries: e.Share, Isolated: e.Isolated},
	}
	if e.CreatedAt != nil {
		s.CreatedAt = *e.CreatedAt
	}
	if !e.DefaultDir {
		s.ConfigDir = cmp.Or(p.untilde(e.ConfigDir), p.subscriptionDir(e.Name))
	}
	for name, source := range e.EnvFrom {
		s.EnvFrom = append(s.EnvFrom, pool.EnvFrom{Var: name, Source: source})
	}
	for name, command := range e.EnvCommand {
		s.EnvCommand = append(s.EnvCommand, pool.EnvCommand{Var: name, Command: command})
	}
	for name, value := range e.Env {
		s.Env = append(s.Env, pool.EnvValue{Var: name, Value: value})
	}
	var errReserve, errSessions, errBudget error
	s.Reserve, errReserve = parseShare("reserve", e.Reserve)
	s.MaxSessions, errSessions = addCommand{MaxSessions: e.MaxSessions}.maxSessions()
	s.WeeklyBudget, errBudget = addCommand{WeeklyBudget: e.WeeklyBudget}.weeklyBudget()
	return inOrder(s), cmp.Or(errReserve, errSessions, errBudget, s.Check())
}

// inOrder sorts what a document has in no order, so that two subscriptions can be compared.
func inOrder(s pool.Subscription) pool.Subscription {
	s = s.Normal()
	slices.SortFunc(s.EnvFrom, func(a, b pool.EnvFrom) int { return cmp.Compare(a.Var, b.Var) })
	slices.SortFunc(s.EnvCommand, func(a, b pool.EnvCommand) int { return cmp.Compare(a.Var, b.Var) })
	slices.SortFunc(s.Env, func(a, b pool.EnvValue) int { return cmp.Compare(a.Var, b.Var) })
	return s
}
