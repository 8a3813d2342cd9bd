package main

import (
	"fmt"
	"strconv"
	"strings"

	"claudepool/pool"
)

// settable is a setting of a subscription, by the name that its flag of `add` has.
type settable struct {
	key, help string
	// show gives it in words, noneWord where it is not set.
	show func(pool.Subscription) string
	// set takes one value, or several where the setting is a list; none clears it. Errors: *pool.InvalidError
	// for what is not of its form; stores refuse the rest.
	set  func(*pool.Subscription, []string) error
	list bool
}

// settables are all of them, in the order in which they are shown.
var settables = []settable{
	{
		key: "email", help: "whose login it is",
		show: func(s pool.Subscription) string { return orNone(s.Email) },
		set:  func(s *pool.Subscription, v []string) error { s.Email = first(v); return nil },
	},
	{
		key: "tag", help: "labels, as in tag=ci,big", list: true,
		show: func(s pool.Subscription) string { return orNone(strings.Join(s.Tags, ",")) },
		set: func(s *pool.Subscription, v []string) error {
			s.Tags = splitList(strings.Join(v, ","))
			return nil
		},
	},
	{
		key: "tier", help: "0 to 99; one is used only where those before it have no room",
		show: func(s pool.Subscription) string { return strconv.Itoa(s.Tier) },
		set:  func(s *pool.Subscription, v []string) error { return setNumber(&s.Tier, "tier", v, 0, pool.MaxTier) },
	},
	{
		key: "priority", help: "-1000 to 1000, for the strategy priority",
		show: func(s pool.Subscription) string { return strconv.Itoa(s.Priority) },
		set: func(s *pool.Subscription, v []string) error {
			return setNumber(&s.Priority, "priority", v, -pool.MaxPriority, pool.MaxPriority)
		},
	},
	{
		key: "reserve", help: "share of every window for use outside of the pool, as in 15%",
		show: func(s pool.Subscription) string { return orNone(shareWords(s.Reserve)) },
		set: func(s *pool.Subscription, v []string) (err error) {
			s.Reserve, err = parseShare("reserve", first(v))
			return err
		},
	},
	{
		key: "max-sessions", help: "how many may run at once",
		show: func(s pool.Subscription) string { return orNone(numberWords(s.MaxSessions)) },
		set: func(s *pool.Subscription, v []string) error {
			if v == nil {
				s.MaxSessions = 0
				return nil
			}
			return setNumber(&s.MaxSessions, "max-sessions", v, 1, pool.MaxSessions)
		},
	},
	{
		key: "weekly-budget", help: "US dollars in seven days",
		show: func(s pool.Subscription) string { return orNone(budgetWords(s.WeeklyBudget)) },
		set:  setBudget,
	},
	{
		key: "allow-overage", help: "yes or no: may it enter paid use beyond its plan",
		show: func(s pool.Subscription) string { return yesOrNo(s.AllowOverage) },
		set:  func(s *pool.Subscription, v []string) error { return setSwitch(&s.AllowOverage, "allow-overage", v) },
	},
	{
		key: "api", help: "yes or no: is it an API key",
		show: func(s pool.Subscription) string { return yesOrNo(s.API) },
		set:  func(s *pool.Subscription, v []string) error { return setSwitch(&s.API, "api", v) },
	},
	{
		key: "ramp-up", help: "yes or no: fewer sessions on its first days",
		show: func(s pool.Subscription) string { return yesOrNo(s.RampUp) },
		set:  func(s *pool.Subscription, v []string) error { return setSwitch(&s.RampUp, "ramp-up", v) },
	},
	{
		key: "env-from", help: "VAR=SOURCE, once for each variable", list: true,
		show: func(s pool.Subscription) string {
			return pairWords(s.EnvFrom, func(p pool.EnvFrom) string { return p.Var + "=" + p.Source })
		},
		set: func(s *pool.Subscription, v []string) (err error) {
			s.EnvFrom, err = addCommand{EnvFrom: v}.envFrom()
			return err
		},
	},
	{
		key: "env-command", help: "VAR=COMMAND, once for each variable", list: true,
		show: func(s pool.Subscription) string {
			return pairWords(s.EnvCommand, func(p pool.EnvCommand) string { return p.Var + "=" + shellQuote(p.Command) })
		},
		set: func(s *pool.Subscription, v []string) (err error) {
			s.EnvCommand, err = parseEnvCommand(v)
			return err
		},
	},
	{
		key: "env", help: "VAR=VALUE that is no secret, once for each variable", list: true,
		show: func(s pool.Subscription) string {
			return pairWords(s.Env, func(p pool.EnvValue) string { return p.Var + "=" + shellQuote(p.Value) })
		},
		set: func(s *pool.Subscription, v []string) (err error) {
			s.Env, err = parseEnv(v)
			return err
		},
	},
}

// pairWords shows variables with what each is given.
func pairWords[T any](pairs []T, words func(T) string) string {
	var all []string
	for _, p := range pairs {
		all = append(all, words(p))
	}
	return orNone(strings.Join(all, " "))
}

func setBudget(s *pool.Subscription, v []string) error {
	if v == nil {
		s.WeeklyBudget = 0
		return nil
	}
	dollars, err := strconv.ParseFloat(strings.TrimPrefix(first(v), "$"), 64)
	if err != nil {
		return &pool.InvalidError{Field: "weekly-budget", Value: first(v), Want: "be an amount of US dollars above 0"}
	}
	s.WeeklyBudget, err = addCommand{WeeklyBudget: &dollars}.weeklyBudget()
	return err
}

func setNumber(to *int, key string, v []string, least, most int) error {
	if v == nil {
		*to = 0
		return nil
	}
	n, err := strconv.Atoi(first(v))
	if err != nil || n < least || n > most {
		return &pool.InvalidError{Field: key, Value: first(v), Want: fmt.Sprintf("be a number from %d to %d", least, most)}
	}
	*to = n
	return nil
}

func setSwitch(to *bool, key string, v []string) error {
	switch strings.ToLower(first(v)) {
	case "yes", "on", "true", "1":
		*to = true
	case "", "no", "off", "false", "0":
		*to = false
	default:
		return &pool.InvalidError{Field: key, Value: first(v), Want: "be yes or no"}
	}
	return nil
}

// first is the value of a setting that is no list, "" where it is cleared.
func first(v []string) string { return strings.Join(v[:min(1, len(v))], "") }

func orNone(words string) string {
	if words == "" {
		return noneWord
	}
	return words
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func numberWords(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func shareWords(share float64) string {
	if share == 0 {
		return ""
	}
	return strconv.FormatFloat(100*share, 'g', 6, 64) + "%"
}

func budgetWords(budget pool.NanoUSD) string {
	if budget == 0 {
		return ""
	}
	return fmt.Sprintf("$%.2f", budget.Dollars())
}
