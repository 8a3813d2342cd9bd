package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// judged is one case of Judge on a subscription a.
type judged struct {
	change func(*pool.Candidate)
	req    pool.Request
	code   pool.VerdictCode
	reason string
	freeAt time.Time
}

func requireJudged(t *testing.T, policy pool.Policy, cases map[string]judged) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := candidate("a")
			if c.change != nil {
				c.change(&a)
			}
			want := pool.Verdict{Subscription: "a", Code: c.code, Reason: c.reason, FreeAt: c.freeAt}
			require.Equal(t, want, policy.Judge(c.req, a, now))
		})
	}
}

const roomy = "0 sessions running, $0.00 this week"

func TestJudgeOfTheTried(t *testing.T) {
	t.Parallel()
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"tried":   {req: pool.Request{Tried: []string{"b", "a"}}, code: pool.AlreadyTried, reason: "the run has met its limit already"},
		"another": {req: pool.Request{Tried: []string{"b"}}, code: pool.Available, reason: roomy},
		"pinned":  {req: pool.Request{Names: []string{"a"}, Tried: []string{"a"}}, code: pool.AlreadyTried, reason: "the run has met its limit already"},
	})
}

func TestJudgeOfTheLogin(t *testing.T) {
	t.Parallel()
	login := func(login pool.Login) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Standing = pool.Standing{Login: login, HeardAt: now.Add(-time.Hour)} }
	}
	renewed := func(at time.Time) pool.Request {
		return pool.Request{SignedIn: func(s pool.Subscription) time.Time {
			if s.Name == "a" {
				return at
			}
			return time.Time{}
		}}
	}
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"signed out":        {change: login(pool.LoginSignedOut), code: pool.SignedOut, reason: "signed out"},
		"refused":           {change: login(pool.LoginRefused), code: pool.Refused, reason: "the API refuses its login"},
		"renewed since":     {change: login(pool.LoginSignedOut), req: renewed(now.Add(-time.Hour + 1)), code: pool.Available, reason: roomy},
		"refused, renewed":  {change: login(pool.LoginRefused), req: renewed(now), code: pool.Available, reason: roomy},
		"renewed before":    {change: login(pool.LoginSignedOut), req: renewed(now.Add(-time.Hour)), code: pool.SignedOut, reason: "signed out"},
		"renewed, not seen": {change: login(pool.LoginSignedOut), req: renewed(time.Time{}), code: pool.SignedOut, reason: "signed out"},
		"the only one asked for": {
			change: login(pool.LoginSignedOut), req: pool.Request{Names: []string{"a"}}, code: pool.Available, reason: roomy,
		},
		"refused, the only one": {
			change: login(pool.LoginRefused), req: pool.Request{Names: []string{"a"}}, code: pool.Available, reason: roomy,
		},
		"one of two": {
			change: login(pool.LoginSignedOut), req: pool.Request{Names: []string{"a", "b"}}, code: pool.SignedOut, reason: "signed out",
		},
	})
}

func TestJudgeOfWhatIsLeftAlone(t *testing.T) {
	t.Parallel()
	later := now.Add(time.Minute)
	cooled := func(until time.Time) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Standing.CooldownUntil = until }
	}
	throttled := func(until time.Time) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Standing.Throttles, c.Standing.BackoffUntil = 3, until }
	}
	pinned := pool.Request{Names: []string{"a"}}
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"cooling down":         {change: cooled(later), code: pool.CoolingDown, reason: "cooling down, as set by hand", freeAt: later},
		"cooling down, pinned": {change: cooled(later), req: pinned, code: pool.CoolingDown, reason: "cooling down, as set by hand", freeAt: later},
		"cooled down":          {change: cooled(now), code: pool.Available, reason: roomy},
		"backing off":          {change: throttled(later), code: pool.BackingOff, reason: "throttled, 3 in a row", freeAt: later},
		"backing off, pinned":  {change: throttled(later), req: pinned, code: pool.BackingOff, reason: "throttled, 3 in a row", freeAt: later},
		"backed off":           {change: throttled(now), code: pool.Available, reason: roomy},
	})
}

func TestJudgeOfTheReserve(t *testing.T) {
	t.Parallel()
	soon, late := now.Add(time.Hour), now.Add(50*time.Hour)
	with := func(reserve float64, windows ...pool.Window) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Subscription.Reserve, c.Windows = reserve, windows }
	}
	atReserve := "85 % of its 5-hour window used, and 15 % are in reserve"
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"at it":         {change: with(0.15, used(pool.FiveHour, 0.85, soon, now)), code: pool.AtReserve, reason: atReserve, freeAt: soon},
		"just above it": {change: with(0.15, used(pool.FiveHour, 0.8499, soon, now)), code: pool.Available, reason: roomy},
		"no reserve":    {change: with(0, used(pool.FiveHour, 1, soon, now)), code: pool.Available, reason: roomy},
		"started anew":  {change: with(0.15, used(pool.FiveHour, 0.9, now, now.Add(-time.Hour))), code: pool.Available, reason: roomy},
		"use not known": {change: with(0.15, pool.Window{Kind: pool.FiveHour, ResetsAt: soon, ObservedAt: now}), code: pool.Available, reason: roomy},
		"of paid use":   {change: with(0.15, used(pool.Overage, 1, soon, now)), code: pool.Available, reason: roomy},
		"reset unknown": {change: with(0.15, used(pool.FiveHour, 0.85, time.Time{}, now)), code: pool.AtReserve, reason: atReserve},
		"and long ago":  {change: with(0.15, used(pool.FiveHour, 0.85, time.Time{}, now.Add(-5*time.Hour))), code: pool.Available, reason: roomy},
		"of a new kind": {change: with(0.5, used("new", 0.5, soon, now)), code: pool.AtReserve, reason: "50 % of its new window used, and 50 % are in reserve", freeAt: soon},
		"another model": {change: with(0.15, used(pool.SevenDayOpus, 0.9, soon, now)), req: pool.Request{Model: "haiku"}, code: pool.Available, reason: roomy},
		"of that model": {
			change: with(0.15, used(pool.SevenDayOpus, 0.9, soon, now)), req: pool.Request{Model: "opus"},
			code: pool.AtReserve, reason: "90 % of its seven_day_opus window used, and 15 % are in reserve", freeAt: soon,
		},
		"of two, the last to free up": {
			change: with(0.15, used(pool.FiveHour, 0.99, soon, now), used(pool.SevenDay, 0.9, late, now)),
			code:   pool.AtReserve, reason: "90 % of its weekly window used, and 15 % are in reserve", freeAt: late,
		},
		"a limit first": {
			change: with(0.15, used(pool.SevenDay, 0.9, late, now), rejected(pool.FiveHour, soon)),
			code:   pool.Limited, reason: "at its five_hour limit", freeAt: soon,
		},
	})
}

func TestJudgeOfPaidUse(t *testing.T) {
	t.Parallel()
	reset := now.Add(time.Hour)
	paid := func(status pool.WindowStatus, at time.Time) pool.Window {
		return pool.Window{Kind: pool.Overage, Status: status, ObservedAt: at, Source: pool.FromStream}
	}
	onLine := rejected(pool.FiveHour, reset)
	onLine.Source = pool.FromStatusLine
	with := func(allowed bool, windows ...pool.Window) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Subscription.AllowOverage, c.Windows = allowed, windows }
	}
	plain, paying := "at its five_hour limit", "at its five_hour limit, and paid overage is not allowed"
	five, before := rejected(pool.FiveHour, reset), now.Add(-time.Second)
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"goes on, not allowed":    {change: with(false, five, paid(pool.StatusAllowed, now)), code: pool.Limited, reason: paying, freeAt: reset},
		"goes on, allowed":        {change: with(true, five, paid(pool.StatusAllowed, now)), code: pool.Available, reason: roomy},
		"goes on, with a warning": {change: with(true, five, paid(pool.StatusWarning, now)), code: pool.Available, reason: roomy},
		"allowed, but none":       {change: with(true, five), code: pool.Limited, reason: plain, freeAt: reset},
		"allowed, but over":       {change: with(true, five, paid(pool.StatusUnknown, now)), code: pool.Limited, reason: plain, freeAt: reset},
		"seen before the limit":   {change: with(true, five, paid(pool.StatusAllowed, before)), code: pool.Limited, reason: plain, freeAt: reset},
		"the status line's limit": {change: with(true, onLine, paid(pool.StatusAllowed, before)), code: pool.Available, reason: roomy},
		"that, not allowed":       {change: with(false, onLine, paid(pool.StatusAllowed, before)), code: pool.Limited, reason: paying, freeAt: reset},
		"at a limit itself":       {change: with(true, five, rejected(pool.Overage, reset.Add(1))), code: pool.Limited, reason: "at its overage limit", freeAt: reset.Add(1)},
		"no plan is full":         {change: with(false, used(pool.FiveHour, 0.5, reset, now), paid(pool.StatusAllowed, now)), code: pool.Available, reason: roomy},
	})
}

func TestJudgeOfTheBudgetThreshold(t *testing.T) {
	t.Parallel()
	spent := func(c *pool.Candidate) { c.Subscription.WeeklyBudget, c.Week.Cost = pool.USD(10), pool.USD(5) }
	over, under := "used $5.00 of its weekly budget of $10.00", "0 sessions running, $5.00 this week"
	for threshold, want := range map[float64]judged{
		0:         {change: spent, code: pool.OverBudget, reason: over},
		0.5:       {change: spent, code: pool.OverBudget, reason: over},
		0.5000001: {change: spent, code: pool.Available, reason: under},
		2:         {change: spent, code: pool.Available, reason: under},
		-1:        {change: spent, code: pool.OverBudget, reason: over},
	} {
		p := pool.DefaultPolicy()
		p.BudgetThreshold = threshold
		requireJudged(t, p, map[string]judged{"": want})
	}
}

func TestJudgeOfARampUp(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	fresh := func(age time.Duration, running, most int) func(*pool.Candidate) {
		return func(c *pool.Candidate) {
			c.Subscription.RampUp, c.Subscription.CreatedAt = true, now.Add(-age)
			c.Running, c.Subscription.MaxSessions = running, most
		}
	}
	settled := func(c *pool.Candidate) { c.Subscription.CreatedAt, c.Running = now, 1000 }
	requireJudged(t, pool.DefaultPolicy(), map[string]judged{
		"day 1":                {change: fresh(0, 4, 0), code: pool.Available, reason: "4 sessions running, $0.00 this week"},
		"day 1, full":          {change: fresh(0, 5, 0), code: pool.Full, reason: "5 of 5 sessions are running, which is the most on day 1"},
		"day 1, at its end":    {change: fresh(day-1, 5, 0), code: pool.Full, reason: "5 of 5 sessions are running, which is the most on day 1"},
		"day 2":                {change: fresh(day, 9, 0), code: pool.Available, reason: "9 sessions running, $0.00 this week"},
		"day 2, full":          {change: fresh(2*day-1, 10, 0), code: pool.Full, reason: "10 of 10 sessions are running, which is the most on day 2"},
		"day 3":                {change: fresh(2*day, 1000, 0), code: pool.Available, reason: "1000 sessions running, $0.00 this week"},
		"day 3, its own cap":   {change: fresh(2*day, 12, 12), code: pool.Full, reason: "12 of 12 sessions are running"},
		"its own cap is lower": {change: fresh(0, 3, 3), code: pool.Full, reason: "3 of 3 sessions are running"},
		"its own cap is equal": {change: fresh(0, 5, 5), code: pool.Full, reason: "5 of 5 sessions are running"},
		"of a clock set back":  {change: fresh(-100*day, 5, 0), code: pool.Full, reason: "5 of 5 sessions are running, which is the most on day 1"},
		"not asked for":        {change: settled, code: pool.Available, reason: "1000 sessions running, $0.00 this week"},
	})
	configured := pool.DefaultPolicy()
	configured.RampUp = []int{1, 0, 3}
	requireJudged(t, configured, map[string]judged{
		"configured, day 1":          {change: fresh(0, 1, 0), code: pool.Full, reason: "1 of 1 sessions are running, which is the most on day 1"},
		"configured, no cap on 2":    {change: fresh(day, 99, 0), code: pool.Available, reason: "99 sessions running, $0.00 this week"},
		"configured, day 3":          {change: fresh(2*day, 3, 0), code: pool.Full, reason: "3 of 3 sessions are running, which is the most on day 3"},
		"configured, after the last": {change: fresh(3*day, 99, 0), code: pool.Available, reason: "99 sessions running, $0.00 this week"},
	})
}
