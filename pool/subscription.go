package pool

import (
	"slices"
	"time"
)

// Subscription is one login in its own config directory.
type Subscription struct {
	// ID is the store's key. It is never reused, so the ledger of a removed subscription stays its own.
	ID int64
	// Name identifies the subscription to people; see CheckName.
	Name string
	// ConfigDir is the absolute, clean path of the config directory. Empty means the CLI's default
	// directory, for which CLAUDE_CONFIG_DIR is left unset: setting it to ~/.claude is another identity.
	ConfigDir string
	// Email is a note for people, "" where not given.
	Email string
	// Tags are labels that a project can ask for; sorted, without duplicates.
	Tags []string
	// MaxSessions caps the sessions that run at once; 0 means no cap.
	MaxSessions int
	// WeeklyBudget is what the subscription may spend in seven days; 0 means no budget.
	WeeklyBudget NanoUSD
	// Tier groups subscriptions: those of a higher tier are used only where none of a lower one has room.
	// The first is 0.
	Tier int
	// Priority ranks within a tier under the strategy "priority": the highest goes first.
	Priority int
	// Reserve is the share of every window, 0 to below 1, that is left for use outside of the pool.
	Reserve float64
	// AllowOverage is set where paid use beyond the plan may be entered.
	AllowOverage bool
	// API is set for an API key: it has no windows, and is backed off where it is throttled.
	API bool
	// RampUp is set where the cap on sessions grows with the subscription's first days; see Policy.RampUp.
	RampUp bool
	// EnvFrom says which variables of the caller the CLI gets under another name. Names only: the
	// pool never holds a value.
	EnvFrom []EnvFrom
	// EnvCommand says which variables the CLI gets with what a command prints when a run begins.
	EnvCommand []EnvCommand
	// Env are further variables of the CLI, whose values are no secrets.
	Env []EnvValue
	// Sharing says what in the config directory are links to another one.
	Sharing Sharing
	// Origin is the project file that the subscription is from, as a path relative to the database; "" for one
	// that was added by hand.
	Origin string
	// Enabled is false while the subscription is not to be picked.
	Enabled   bool
	CreatedAt time.Time
}

// Normal returns the subscription as stores keep it: tags sorted, without duplicates, and the time as
// Moment has it.
func (s Subscription) Normal() Subscription {
	s.Tags = slices.Compact(slices.Sorted(slices.Values(s.Tags)))
	s.EnvFrom, s.EnvCommand, s.Env = slices.Clone(s.EnvFrom), slices.Clone(s.EnvCommand), slices.Clone(s.Env)
	s.Sharing.Entries = slices.Clone(s.Sharing.Entries)
	s.CreatedAt = Moment(s.CreatedAt)
	return s
}
