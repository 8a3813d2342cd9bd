package claudecli

import (
	"bytes"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// MeterOptions says what a Meter reads, and whom it tells.
type MeterOptions struct {
	// Session is unique for the run: the ids of entries are made of it.
	Session    string
	Invocation Invocation
	Now        func() time.Time
	// Local is the zone of the machine, in which the CLI may speak of resets; nil means UTC.
	Local *time.Location
	// Report gets every observation. It must not block.
	Report func(pool.Observation)
	// Baseline tells what the CLI's cumulative figures can begin with for the conversation that the run is
	// first on; see Baseline.Of.
	Baseline func(conversation string) []Cumulative
}

// Meter reads along on what the CLI prints and reports usage, windows and conversations. It never
// fails: what it does not understand costs precision. Its memory is bounded whatever is written to it.
type Meter struct {
	MeterOptions
	framer *framer

	conversation string
	// model is what the CLI said at the start, for results that name none.
	model string
	// booked are the cumulative figures of the conversation that have been booked, spent their cost;
	// counted is set once it is known what they began with.
	booked  Cumulative
	spent   pool.NanoUSD
	counted bool
	// limit is what the latest rate_limit_event told of a limit: what the result says of it is vaguer.
	limit   Limit
	entries int
}

// NewMeter returns a Meter for one run of the CLI.
func NewMeter(o MeterOptions) *Meter {
	if o.Local == nil {
		o.Local = time.UTC
	}
	m := &Meter{MeterOptions: o}
	m.framer = newFramer(o.Invocation.OutputFormat == "stream-json", m.value)
	return m
}

// Write reads a part of the output. It always takes all of it.
func (m *Meter) Write(p []byte) (int, error) {
	m.framer.write(p)
	return len(p), nil
}

// Close reads what is left, once the output has ended.
func (m *Meter) Close() error {
	m.framer.close()
	return nil
}

// Words that stand in every value that matters: all others are passed over unread.
var telling = [][]byte{[]byte(`"result"`), []byte(`"rate_limit_event"`), []byte(`"init"`)}

// The beginnings of the lines that most of a stream is made of, and that tell nothing here: 2.1.330 writes
// the type first.
var untelling = [][]byte{[]byte(`{"type":"stream_event",`), []byte(`{"type":"assistant",`), []byte(`{"type":"user",`)}

func (m *Meter) value(text []byte) {
	if beginsWithAny(text, untelling) || !containsAny(text, telling) {
		return
	}
	// The type first: to check a long tool result to its end takes long.
	switch kind := gjson.GetBytes(text, "type").Str; kind {
	case "result", "rate_limit_event", "system", "":
		if gjson.ValidBytes(text) {
			m.tell(kind, gjson.ParseBytes(text))
		}
	}
}

func beginsWithAny(text []byte, words [][]byte) bool {
	for _, word := range words {
		if bytes.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

func containsAny(text []byte, words [][]byte) bool {
	for _, word := range words {
		if bytes.Contains(text, word) {
			return true
		}
	}
	return false
}

func (m *Meter) tell(kind string, value gjson.Result) {
	switch {
	case isResult(value):
		m.result(readResult(value))
	case kind == "system" && value.Get("subtype").Str == "init":
		m.model = modelName(value.Get("model").Str)
		m.moveTo(shortWord(value.Get("session_id")))
	case kind == "rate_limit_event":
		limits := readRateLimit(value.Get("rate_limit_info"), pool.FromStream, m.Now())
		if limits.limit.Met() {
			m.limit = limits.limit // not yet the end: where a subagent met it the run goes on
		}
		if len(limits.windows) > 0 {
			m.Report(pool.Observation{Windows: limits.windows})
		}
	}
}

// moveTo notes the conversation that the run is on. A second one begins at zero: it came by /clear.
func (m *Meter) moveTo(conversation string) {
	if conversation == "" || conversation == m.conversation {
		return
	}
	if m.conversation != "" {
		m.booked, m.spent, m.counted = nil, 0, true
	}
	m.conversation = conversation
	m.Report(pool.Observation{Conversation: conversation})
}

func (m *Meter) result(r result) {
	m.moveTo(r.conversation)
	m.begin(r)
	o := pool.Observation{Entries: m.book(r), Outcome: r.outcome()}
	// A command of the CLI's own, as /cost, ends well without a request (2.1.330): only what was used shows
	// that the API has answered.
	if o.Outcome == pool.NoOutcome && (len(o.Entries) > 0 || r.silent && !r.failed) {
		o.Outcome = pool.OutcomeAnswered
	}
	if r.Limit.Met() {
		o.Met = m.limitOf(r)
		if m.limit.ResetsAt.IsZero() {
			o.Windows = []pool.Window{r.Limit.window(pool.FromResult, m.Now(), m.Local)}
		}
	}
	if !o.Empty() {
		m.Report(o)
	}
}

// limitOf is the window of the limit that a result tells of: as its event named it, where there was one.
func (m *Meter) limitOf(r result) pool.WindowKind {
	if m.limit.Met() {
		return m.limit.Kind
	}
	return r.Limit.Kind
}

// begin sets, at the first result with figures, what the CLI's figures begin with. A CLI that did not
// carry the earlier ones on (up to 2.1.269) shows it by having less.
func (m *Meter) begin(r result) {
	if m.counted || r.models != nil && len(r.models) == 0 {
		return
	}
	m.counted = true
	if m.Baseline == nil {
		return
	}
	if before := r.beganWith(m.Baseline(m.conversation)); r.models.covers(before) {
		m.booked, m.spent = before, before.cost()
	}
}

// beganWith returns which of the baselines, the latest first, the figures of a first result go on from. One that was
// written after the start is taken only if what comes on top of it has room for the turn's own figures: it may be
// that of a run beside this one, which had begun before that ended, or this one's own.
func (r result) beganWith(baselines []Cumulative) Cumulative {
	for i, before := range baselines {
		if i == len(baselines)-1 {
			return before
		}
		if added, goesOn := r.models.Above(before); goesOn && r.Tokens != (pool.Tokens{}) && added.total().covers(Figures{Tokens: r.Tokens}) {
			return before
		}
	}
	return nil
}

// book returns entries for what the result adds to what was booked.
func (m *Meter) book(r result) []pool.Entry {
	if len(r.models) == 0 {
		return m.bookTurn(r)
	}
	var added Cumulative
	added, m.booked = r.models.bookOn(m.booked)
	m.spent = max(m.spent, m.booked.cost())
	var entries []pool.Entry
	for _, model := range added.names() {
		f := added[model]
		entries = append(entries, m.entry(model, f.Tokens, &f.Cost))
	}
	return entries
}

// bookTurn books a result without figures by model (up to 1.0.88): usage is that of the turn, cost is
// cumulative.
func (m *Meter) bookTurn(r result) []pool.Entry {
	if r.models != nil && len(m.booked) > 0 {
		return nil // a CLI that tells figures by model, and has nothing to tell
	}
	var cost *pool.NanoUSD
	if r.Cost != nil {
		total := pool.USD(*r.Cost)
		more := max(total-m.spent, 0)
		m.spent, cost = max(total, m.spent), &more
	}
	if r.Tokens == (pool.Tokens{}) && (cost == nil || *cost == 0) {
		return nil
	}
	return []pool.Entry{m.entry(m.model, r.Tokens, cost)}
}

// entry makes an entry. How many messages it stands for the output does not tell: num_turns is of the
// main loop only.
func (m *Meter) entry(model string, tokens pool.Tokens, cost *pool.NanoUSD) pool.Entry {
	m.entries++
	e := pool.Entry{
		ID: fmt.Sprintf("%s/%d", m.Session, m.entries), At: m.Now(), Conversation: m.conversation,
		Model: model, Tokens: tokens,
	}
	if cost != nil {
		e.Cost, e.CostSource = *cost, pool.CostFromCLI
	}
	return e
}
