package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
	"claudepool/wrapper"
)

// The variables that ask for word of a run. A run inside of it gets neither: it would write over the record.
const (
	reportVar  = "CLAUDEPOOL_REPORT"
	summaryVar = "CLAUDEPOOL_SUMMARY"
)

// record is what is noted of a launch, to be told at its end.
type record struct {
	startedAt time.Time
	// waited is how long it waited for room.
	waited time.Duration
}

// runDocument is the record of a run. What is not known is null.
type runDocument struct {
	Subscription   *string    `json:"subscription"`
	ConversationID *string    `json:"conversation_id"`
	StartedAt      *time.Time `json:"started_at"`
	EndedAt        *time.Time `json:"ended_at"`
	WaitSeconds    float64    `json:"wait_seconds"`
	Failovers      int        `json:"failovers"`
	ExitStatus     *int       `json:"exit_status"`
	Signal         *string    `json:"signal"`
	// Error is why there was no run, or none to the end.
	Error *string `json:"error"`
	runFigures
	Sessions []runSession  `json:"sessions"`
	Unusable []runUnusable `json:"unusable"`
}

// runSession is one attempt, the first first.
type runSession struct {
	SessionID      string     `json:"session_id"`
	Subscription   *string    `json:"subscription"`
	ConversationID *string    `json:"conversation_id"`
	StartedAt      *time.Time `json:"started_at"`
	EndedAt        *time.Time `json:"ended_at"`
	// Met is the window whose limit ended the attempt.
	Met        *string `json:"met"`
	ExitStatus *int    `json:"exit_status"`
	Signal     *string `json:"signal"`
	runFigures
}

// runFigures are sums of the ledger, all null where it could not be asked.
type runFigures struct {
	Messages            *int64   `json:"messages"`
	InputTokens         *int64   `json:"input_tokens"`
	OutputTokens        *int64   `json:"output_tokens"`
	CacheCreationTokens *int64   `json:"cache_creation_tokens"`
	CacheReadTokens     *int64   `json:"cache_read_tokens"`
	CostUSD             *float64 `json:"cost_usd"`
}

func runFiguresOf(u pool.Usage) runFigures {
	f := figuresOf(u)
	return runFigures{f.Messages, &f.InputTokens, &f.OutputTokens, &f.CacheCreationTokens, &f.CacheReadTokens, f.CostUSD}
}

// runUnusable is a subscription that was chosen and could not be used here.
type runUnusable struct {
	Subscription string `json:"subscription"`
	Reason       string `json:"reason"`
}

// wantsRecord tells whether anybody asked for word of the run.
func (l *launch) wantsRecord() bool { return l.settings.Report != "" || l.settings.Summary }

// withoutRecord is an environment for what runs inside.
func withoutRecord(env claudecli.Environment) claudecli.Environment {
	return env.Unset(reportVar, summaryVar)
}

// failed ends a launch that came to no run.
func (l *launch) failed(err error) int {
	if l.wantsRecord() {
		status, words := statusFor(err), err.Error()
		document := l.document()
		document.Error, document.ExitStatus = &words, &status
		var interrupted *interruptedError
		if errors.As(err, &interrupted) {
			document.ExitStatus, document.Signal = nil, orNull(wrapper.SignalName(interrupted.signal))
		}
		l.tellRecord(document)
	}
	return l.fail(err)
}

// document is what is known of a launch, whatever came of it.
func (l *launch) document() runDocument {
	d := runDocument{
		StartedAt: timeOrNull(l.record.startedAt), EndedAt: timeOrNull(l.now()),
		WaitSeconds: l.record.waited.Round(time.Millisecond).Seconds(), Sessions: []runSession{}, Unusable: []runUnusable{},
	}
	for _, name := range slices.Sorted(maps.Keys(l.unusable)) {
		d.Unusable = append(d.Unusable, runUnusable{name, l.unusable[name]})
	}
	return d
}

// tellRun tells of the run, where anybody asked. Everything must be booked, and the store open.
func (f *failover) tellRun(ctx context.Context, last *attempt) {
	if !f.wantsRecord() {
		return
	}
	document, usage := f.document(), f.usageOf(ctx)
	var sum pool.Usage
	for _, at := range f.attempts {
		session := f.sessionDocument(ctx, at)
		if usage != nil {
			session.runFigures = runFiguresOf(usage[at.session.ID])
			sum = sum.Plus(usage[at.session.ID])
		}
		document.Sessions = append(document.Sessions, session)
	}
	if usage != nil {
		document.runFigures = runFiguresOf(sum)
	}
	latest := document.Sessions[len(document.Sessions)-1]
	document.Subscription, document.ConversationID = latest.Subscription, latest.ConversationID
	document.ExitStatus, document.Signal = latest.ExitStatus, latest.Signal
	document.Failovers = len(f.attempts) - 1
	if last.err != nil {
		document.Error = orNull(last.err.Error())
	}
	f.tellRecord(document)
}

// usageOf sums what is booked of the attempts, by session; nil where the store can't be asked.
func (f *failover) usageOf(ctx context.Context) map[string]pool.Usage {
	if f.store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	rows, err := f.store.Usage(ctx, pool.UsageQuery{By: []pool.Dimension{pool.BySession}, Since: pool.Moment(f.record.startedAt)})
	if err != nil {
		return nil
	}
	usage := map[string]pool.Usage{}
	for _, row := range rows {
		usage[row.Keys[0]] = row.Usage
	}
	return usage
}

func (f *failover) sessionDocument(ctx context.Context, at *attempt) runSession {
	session, end := at.session, endOf(at.result, at.err)
	if f.store != nil {
		if stored, err := f.store.Session(context.WithoutCancel(ctx), session.ID); err == nil {
			session = stored
		}
	}
	if session.EndedAt.IsZero() {
		session.EndedAt = f.now()
	}
	conversation := at.lastConversation()
	if conversation == "" {
		conversation = session.Conversation
	}
	return runSession{
		SessionID: session.ID, Subscription: orNull(at.subscription.Name), ConversationID: orNull(conversation),
		StartedAt: timeOrNull(session.StartedAt), EndedAt: timeOrNull(session.EndedAt),
		Met: orNull(string(session.Met)), ExitStatus: end.Code, Signal: orNull(end.Signal),
	}
}

// tellRecord writes the record and says the summary, as asked. Trouble with it changes nothing of the run.
func (l *launch) tellRecord(document runDocument) {
	if l.settings.Summary {
		l.warn("%s", document.summary())
	}
	if l.settings.Report == "" {
		return
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(document)
	if err == nil {
		err = replaceFile(l.settings.Report, text.Bytes())
	}
	if err != nil {
		l.warn("the record of the run could not be written: %v", err)
	}
}

// summary is the record in one line.
func (d runDocument) summary() string {
	words := "no run"
	switch {
	case d.Subscription != nil:
		words = "ran on " + *d.Subscription
	case len(d.Sessions) > 0:
		words = "ran on the default subscription"
	}
	if d.InputTokens != nil {
		words += fmt.Sprintf(": %d tokens", *d.InputTokens+*d.OutputTokens+*d.CacheCreationTokens+*d.CacheReadTokens)
	}
	if d.CostUSD != nil {
		words += fmt.Sprintf(", $%.4f", *d.CostUSD)
	}
	if d.Failovers > 0 {
		words += ", " + plural(d.Failovers, "failover")
	}
	if d.WaitSeconds > 0 {
		words += fmt.Sprintf(", waited %s", time.Duration(d.WaitSeconds*float64(time.Second)).Round(time.Second))
	}
	if d.Signal != nil {
		return words + ", ended by " + *d.Signal
	}
	if d.ExitStatus != nil {
		words += fmt.Sprintf(", exit status %d", *d.ExitStatus)
	}
	return words
}
