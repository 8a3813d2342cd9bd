package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"claudepool/internal/procid"
	"claudepool/pool"
)

type sessionsCommand struct {
	All   bool `help:"List also those that have ended."`
	Limit int  `default:"0" placeholder:"N" help:"List only the latest N."`
	JSON  bool `name:"json" help:"Print one JSON document."`
}

func (c sessionsCommand) Run(a *app) error {
	if c.Limit < 0 {
		return withHint(&pool.InvalidError{Field: "limit", Value: strconv.Itoa(c.Limit), Want: "be a number above 0"},
			"for example: claudepool sessions --all --limit 20")
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		sessions, err := store.Sessions(ctx, c.All, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(sessionsDocument(sessions, a.now()))
		}
		a.printTable(sessionsTable(sessions, a.now()))
		return nil
	})
}

type sessionRow struct {
	ID             string     `json:"id"`
	Subscription   *string    `json:"subscription"`
	ConversationID *string    `json:"conversation_id"`
	PID            int        `json:"pid"`
	State          string     `json:"state"`
	CWD            *string    `json:"cwd"`
	StartedAt      *time.Time `json:"started_at"`
	EndedAt        *time.Time `json:"ended_at"`
	ExitCode       *int       `json:"exit_code"`
	Signal         *string    `json:"signal"`
	Follows        *string    `json:"follows"`
	Met            *string    `json:"met"`
}

func sessionsDocument(sessions []pool.Session, now time.Time) object {
	rows := []sessionRow{}
	for _, s := range sessions {
		rows = append(rows, sessionRow{
			ID: s.ID, Subscription: orNull(s.Subscription), ConversationID: orNull(s.Conversation),
			PID: s.Process.PID, State: stateOf(s, now), CWD: orNull(s.CWD), StartedAt: timeOrNull(s.StartedAt),
			EndedAt: timeOrNull(s.EndedAt), ExitCode: s.End.Code, Signal: orNull(s.End.Signal),
			Follows: orNull(s.Follows), Met: orNull(string(s.Met)),
		})
	}
	return object{{"sessions", rows}}
}

// stateOf is running, idle, stale, ended, or how it ended other than by itself: released (by hand) or reclaimed.
func stateOf(s pool.Session, now time.Time) string {
	if !s.Running() && s.End.Reason != pool.EndedByExit {
		return string(s.End.Reason)
	}
	return string(s.State(procid.Probe, now))
}

func sessionsTable(sessions []pool.Session, now time.Time) table {
	t := table{columns: []column{
		{title: "ID"}, {title: "SUBSCRIPTION"}, {title: "STATE"}, {title: "STARTED"},
		{title: "TOOK", right: true, spare: 1}, {title: "PID", right: true, spare: 4},
		{title: "EXIT", right: true, spare: 2}, {title: "DIRECTORY", shrinks: true, spare: 3},
		{title: "CONVERSATION", spare: 6}, {title: "NOTE", spare: 5},
	}}
	wentOnIn := map[string]string{}
	for _, s := range sessions {
		wentOnIn[s.Follows] = s.ID
	}
	for _, s := range sessions {
		end := s.EndedAt
		if s.Running() {
			end = now
		}
		t.add(s.ID, orUnknown(s.Subscription), stateOf(s, now), localTime(s.StartedAt, now), span(end.Sub(s.StartedAt)),
			strconv.Itoa(s.Process.PID), exitWords(s), orUnknown(s.CWD), orUnknown(s.Conversation),
			limitWords(s, wentOnIn[s.ID]))
	}
	return t
}

// limitWords say what a limit had to do with a session; next is the one that went on for it, as far as that is
// listed.
func limitWords(s pool.Session, next string) string {
	var words []string
	if s.Follows != "" {
		words = append(words, "goes on for "+s.Follows)
	}
	if s.Met != "" {
		words = append(words, fmt.Sprintf("met its %s limit", s.Met))
	}
	if next != "" {
		words = append(words, "went on in "+next)
	}
	return strings.Join(words, ", ")
}

func exitWords(s pool.Session) string {
	switch {
	case s.Running():
		return "-"
	case s.End.Signal != "":
		return s.End.Signal
	case s.End.Code != nil:
		return strconv.Itoa(*s.End.Code)
	}
	return unknown
}

func orUnknown(s string) string {
	if s == "" {
		return unknown
	}
	return s
}
