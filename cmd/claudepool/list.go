package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"claudepool/pool"
)

type listCommand struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

// listed is a subscription in the document. ConfigDir is null where CLAUDE_CONFIG_DIR is left unset.
type listed struct {
	Name            string            `json:"name"`
	Enabled         bool              `json:"enabled"`
	ConfigDir       *string           `json:"config_dir"`
	Email           *string           `json:"email"`
	Tags            []string          `json:"tags"`
	MaxSessions     *int              `json:"max_sessions"`
	WeeklyBudgetUSD *float64          `json:"weekly_budget_usd"`
	EnvFrom         []pool.EnvFrom    `json:"env_from"`
	EnvCommand      []pool.EnvCommand `json:"env_command"`
	Env             []pool.EnvValue   `json:"env"`
	Tier            int               `json:"tier"`
	Priority        int               `json:"priority"`
	Reserve         float64           `json:"reserve"`
	AllowOverage    bool              `json:"allow_overage"`
	API             bool              `json:"api"`
	RampUp          bool              `json:"ramp_up"`
	Isolated        bool              `json:"isolated"`
	CreatedAt       any               `json:"created_at"`
}

func (c listCommand) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		subscriptions, err := store.Subscriptions(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(listDocument(subscriptions))
		}
		if len(subscriptions) == 0 {
			a.warn(emptyPool)
		}
		a.printTable(a.listTable(subscriptions))
		return nil
	})
}

func listDocument(subscriptions []pool.Subscription) object {
	rows := []listed{}
	for _, s := range subscriptions {
		rows = append(rows, listed{
			Name: s.Name, Enabled: s.Enabled, ConfigDir: orNull(s.ConfigDir), Email: orNull(s.Email),
			Tags: append([]string{}, s.Tags...), MaxSessions: orNull(s.MaxSessions),
			WeeklyBudgetUSD: orNull(s.WeeklyBudget.Dollars()), EnvFrom: append([]pool.EnvFrom{}, s.EnvFrom...),
			EnvCommand: append([]pool.EnvCommand{}, s.EnvCommand...), Env: append([]pool.EnvValue{}, s.Env...),
			Tier: s.Tier, Priority: s.Priority, Reserve: s.Reserve, AllowOverage: s.AllowOverage, API: s.API, RampUp: s.RampUp, Isolated: s.Sharing.Isolated,
			CreatedAt: timeOrNull(s.CreatedAt),
		})
	}
	return object{{"subscriptions", rows}}
}

func (a *app) listTable(subscriptions []pool.Subscription) table {
	t := table{columns: []column{
		{title: "NAME"}, {title: "STATE"}, {title: "TAGS", spare: 2}, {title: "MAX SESSIONS", right: true, spare: 3},
		{title: "BUDGET", right: true, spare: 4}, {title: "EMAIL", spare: 6}, {title: "ENV", spare: 7}, {title: "CHOICE", spare: 5},
		{title: "CONFIG DIRECTORY", shrinks: true},
	}}
	for _, s := range subscriptions {
		state := "enabled"
		if !s.Enabled {
			state = "disabled"
		}
		budget, most := "none", "no cap"
		if s.WeeklyBudget > 0 {
			budget = fmt.Sprintf("$%.2f", s.WeeklyBudget.Dollars())
		}
		if s.MaxSessions > 0 {
			most = strconv.Itoa(s.MaxSessions)
		}
		t.add(s.Name, state, orDash(strings.Join(s.Tags, ",")), most, budget, orDash(s.Email),
			orDash(strings.Join(envWords(s), ",")), orDash(strings.Join(a.choiceWords(s), ", ")), a.dirWords(s.ConfigDir))
	}
	return t
}

// choiceWords are the settings that the choice looks at, as far as they are not what all have.
func (a *app) choiceWords(s pool.Subscription) (words []string) {
	for _, setting := range []struct {
		isSet bool
		words string
	}{
		{s.Tier != 0, fmt.Sprintf("tier %d", s.Tier)},
		{s.Priority != 0, fmt.Sprintf("priority %d", s.Priority)},
		{s.Reserve > 0, fmt.Sprintf("%.3g%% in reserve", 100*s.Reserve)},
		{s.AllowOverage, "overage allowed"},
		{s.API, "API key"},
		{a.settings.Policy.RampsUp(s, a.now()), "ramps up"},
		{s.Sharing.Isolated, "isolated"},
	} {
		if setting.isSet {
			words = append(words, setting.words)
		}
	}
	return words
}

// envWords say where each variable of a subscription comes from: a variable of the caller as in a shell, a
// command, which is not shown, or a value.
func envWords(s pool.Subscription) (words []string) {
	for _, p := range s.EnvFrom {
		words = append(words, p.Var+"=$"+p.Source)
	}
	for _, p := range s.EnvCommand {
		words = append(words, p.Var+"=$(…)")
	}
	for _, p := range s.Env {
		words = append(words, p.Var+"="+p.Value)
	}
	return words
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
