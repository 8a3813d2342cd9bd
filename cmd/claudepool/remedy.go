package main

import (
	"context"
	"fmt"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// remedy says what to type so that a subscription may be picked again, "" where only time helps.
func (a *app) remedy(code pool.VerdictCode, s pool.Subscription) string {
	switch code {
	case pool.Disabled:
		return "to let it be picked: claudepool enable " + s.Name
	case pool.SignedOut:
		return loginRemedy(s)
	case pool.Refused:
		return fmt.Sprintf("once its account may use the CLI: claudepool cooldown %s --clear", s.Name)
	case pool.CoolingDown, pool.BackingOff:
		return fmt.Sprintf("to lift it: claudepool cooldown %s --clear", s.Name)
	case pool.NotUsableHere:
		if source := claudecli.MissingSource(a.env, s); source != "" {
			return fmt.Sprintf("to set it: export %s=…", source)
		}
		if len(s.EnvCommand) > 0 && (s.ConfigDir == "" || isDir(s.ConfigDir)) {
			return fmt.Sprintf("to see what its commands say: claudepool exec %s -- true", s.Name)
		}
		if s.ConfigDir == "" || isDir(s.ConfigDir) {
			return ""
		}
		return "to make it anew: mkdir -p -m 700 " + shellQuote(linkEnd(s.ConfigDir))
	}
	return ""
}

// loginRemedy says how a subscription gets a login that works.
func loginRemedy(s pool.Subscription) string {
	for _, p := range s.EnvFrom {
		if len(claudecli.LoginVariables([]string{p.Var})) > 0 {
			return fmt.Sprintf("give %s a login that works, then: claudepool cooldown %s --clear", p.Source, s.Name)
		}
	}
	if names := tokenVariables(s); len(names) > 0 {
		return fmt.Sprintf("have its command for %s give a login that works, then: claudepool cooldown %s --clear", names[0], s.Name)
	}
	return "to sign in: claudepool login " + s.Name
}

// mendable tells whether a verdict is one that a person can end at once, and will not by itself.
func mendable(code pool.VerdictCode) bool {
	switch code {
	case pool.Disabled, pool.SignedOut, pool.Refused, pool.NotUsableHere:
		return true
	}
	return false
}

// exhaustedRemedy says what to type where nothing but a person keeps the pool exhausted: "" where something
// else does.
func (a *app) exhaustedRemedy(e *pool.ExhaustedError) string {
	var first *pool.Verdict
	for _, v := range e.Verdicts {
		switch {
		case v.Code == pool.NotAskedFor || v.Code == pool.AlreadyTried:
		case !mendable(v.Code):
			return ""
		case first == nil:
			first = &v
		}
	}
	if first == nil {
		return ""
	}
	remedy := ""
	_ = a.withStore(func(ctx context.Context, store pool.Store) error { // best effort: the error is told anyway
		s, err := exactSubscription(ctx, store, first.Subscription)
		if err == nil {
			remedy = strings.TrimSuffix(fmt.Sprintf("%s: %s; %s", s.Name, first.Reason, a.remedy(first.Code, s)), "; ")
		}
		return err
	})
	return remedy
}
