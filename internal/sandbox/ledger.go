package sandbox

import (
	"time"

	"claudepool/pool"
)

// Account is what one subscription had from one model.
type Account struct{ Subscription, Model string }

// Served returns the API's books: the answers that went out to their end. The part of the cache that was
// written for an hour is left out, as `claudepool usage` has no column for it.
func (s *Sandbox) Served() map[Account]pool.Tokens {
	owners := map[string]string{}
	for _, name := range s.subscriptions {
		owners[Token(name)] = name
	}
	served := map[Account]pool.Tokens{}
	for _, book := range s.API.Books() {
		if book.Messages == 0 {
			continue
		}
		owner, known := owners[book.Token]
		if !known {
			owner = "unknown token " + book.Token
		}
		tokens := book.Tokens
		tokens.CacheCreation1h = 0
		served[Account{owner, book.Model}] = tokens
	}
	return served
}

// Booked returns the ledger, as `claudepool usage` tells it.
func (s *Sandbox) Booked() (map[Account]pool.Tokens, error) {
	var usage struct {
		Rows []struct {
			Subscription  string
			Model         string
			Input         int64 `json:"input_tokens"`
			Output        int64 `json:"output_tokens"`
			CacheCreation int64 `json:"cache_creation_tokens"`
			CacheRead     int64 `json:"cache_read_tokens"`
		}
	}
	if err := s.Manage(&usage, "usage", "--json", "--by", "subscription,model"); err != nil {
		return nil, err
	}
	booked := map[Account]pool.Tokens{}
	for _, row := range usage.Rows {
		booked[Account{row.Subscription, row.Model}] = pool.Tokens{
			Input: row.Input, Output: row.Output, CacheCreation: row.CacheCreation, CacheRead: row.CacheRead,
		}
	}
	return booked, nil
}

// Session is a row of `claudepool sessions --all`.
type Session struct {
	ID             any        `json:"id"`
	Subscription   string     `json:"subscription"`
	ConversationID *string    `json:"conversation_id"`
	PID            int        `json:"pid"`
	State          string     `json:"state"`
	StartedAt      time.Time  `json:"started_at"`
	EndedAt        *time.Time `json:"ended_at"`
	ExitCode       *int       `json:"exit_code"`
	Signal         *string    `json:"signal"`
	// Met is the window whose limit the session met, Follows the session that it went on from.
	Met     *string `json:"met"`
	Follows *string `json:"follows"`
}

// Sessions returns every session that the pool handed out.
func (s *Sandbox) Sessions() ([]Session, error) {
	var list struct{ Sessions []Session }
	err := s.Manage(&list, "sessions", "--all", "--json")
	return list.Sessions, err
}

// Window is a window in `claudepool status`.
type Window struct {
	Kind        string     `json:"kind"`
	Utilization *float64   `json:"utilization"`
	Status      string     `json:"status"`
	ResetsAt    *time.Time `json:"resets_at"`
	Source      string     `json:"source"`
}

// Status is a row of `claudepool status`.
type Status struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Running int      `json:"sessions_running"`
	Windows []Window `json:"windows"`
}

// Status returns the state of every subscription.
func (s *Sandbox) Status() ([]Status, error) {
	var document struct{ Subscriptions []Status }
	err := s.Manage(&document, "status", "--json")
	return document.Subscriptions, err
}
