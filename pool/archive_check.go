package pool

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Bounds of a record that was not written by us, in bytes and by value: far beyond any real one, and small enough
// for what a store adds up.
const (
	maxRecordText  = 2 * MaxPathLength
	maxFigures     = 1 << 20
	maxRemoved     = 10_000
	maxNumber      = int64(1) << 40
	maxRecordSum   = int64(1e18)
	maxProcessText = 1024
)

// Checker tells whether records can be those of a ledger, before any of them is in a store: their order, their
// bounds, and that they refer to what there is. The zero Checker has seen none. It keeps the numbers of the sessions.
type Checker struct {
	last     Record
	sessions []int64
}

// Check returns an error for the first thing about a record that is wrong.
func (c *Checker) Check(r Record) error {
	kind, ok := r.kind()
	if !ok {
		return errors.New("it is not one record")
	}
	before, _ := c.last.kind()
	if kind < before || kind == before && r.compare(c.last) <= 0 {
		return errors.New("it is out of order")
	}
	if err := c.checkFields(r); err != nil {
		return err
	}
	if r.Session != nil {
		c.sessions = append(c.sessions, r.Session.Number)
	}
	c.last = r
	return nil
}

// kind numbers the kinds of records in their order, and tells whether it is one and no more.
func (r Record) kind() (kind int, ok bool) {
	n := 0
	for i, is := range []bool{
		r.Horizon != nil, r.Reset != nil, r.Pruned != nil, r.Session != nil, r.Visit != nil, r.Affinity != nil, r.Entry != nil,
		r.Tally != nil, r.Fork != nil, r.Checkpoint != nil,
	} {
		if is {
			kind = i + 1
			n++
		}
	}
	return kind, n == 1
}

// compare compares records of one kind. Entries are in whatever order they were booked.
func (r Record) compare(s Record) int {
	switch {
	case r.Reset != nil:
		return cmp.Or(r.Reset.Member.compare(s.Reset.Member), r.Reset.At.Compare(s.Reset.At))
	case r.Pruned != nil:
		a, b := r.Pruned, s.Pruned
		return cmp.Or(a.At.Compare(b.At), a.Member.compare(b.Member), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Project, b.Project))
	case r.Session != nil:
		return cmp.Compare(r.Session.Number, s.Session.Number)
	case r.Visit != nil:
		return cmp.Or(cmp.Compare(r.Visit.Conversation, s.Visit.Conversation), cmp.Compare(r.Visit.Session, s.Visit.Session))
	case r.Affinity != nil:
		return cmp.Compare(r.Affinity.Conversation, s.Affinity.Conversation)
	case r.Entry != nil:
		return 1
	case r.Tally != nil:
		a, b := r.Tally, s.Tally
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Conversation, b.Conversation), cmp.Compare(a.Model, b.Model))
	case r.Fork != nil:
		return cmp.Or(cmp.Compare(r.Fork.Conversation, s.Fork.Conversation), cmp.Compare(r.Fork.Path, s.Fork.Path))
	case r.Checkpoint != nil:
		return cmp.Compare(r.Checkpoint.Path, s.Checkpoint.Path)
	}
	return 0
}

func (m Member) compare(n Member) int {
	return cmp.Or(cmp.Compare(m.Name, n.Name), cmp.Compare(m.Removed, n.Removed))
}

// SortRecords puts records in their order. It leaves entries as they are.
func SortRecords(records []Record) {
	slices.SortStableFunc(records, func(r, s Record) int {
		a, _ := r.kind()
		b, _ := s.kind()
		if a != b || r.Entry != nil {
			return cmp.Compare(a, b)
		}
		return r.compare(s)
	})
}

func (c *Checker) checkFields(r Record) error {
	switch {
	case r.Horizon != nil:
		return checkMoment("before", r.Horizon.Before, PruneStep)
	case r.Reset != nil:
		if r.Reset.Name == "" {
			return &InvalidError{"subscription", "", "be the name of one"}
		}
		return cmp.Or(r.Reset.Member.check(), checkMoment("at", r.Reset.At, time.Minute))
	case r.Pruned != nil:
		return c.checkPruned(*r.Pruned)
	case r.Session != nil:
		return r.Session.check()
	case r.Visit != nil:
		v := r.Visit
		return cmp.Or(c.checkSession(v.Session), checkText("conversation", v.Conversation, 1), checkStoredTime("since", v.Since), checkStoredTime("until", v.Until))
	case r.Affinity != nil:
		return r.Affinity.check()
	case r.Entry != nil:
		return c.checkEntry(*r.Entry)
	case r.Tally != nil:
		return c.checkTally(*r.Tally)
	case r.Fork != nil:
		return cmp.Or(checkText("conversation", r.Fork.Conversation, 0), checkText("path", r.Fork.Path, 0))
	case r.Checkpoint != nil:
		return r.Checkpoint.check()
	}
	return nil
}

func (c *Checker) checkSession(number int64) error {
	if _, found := slices.BinarySearch(c.sessions, number); !found {
		return &InvalidError{"session", fmt.Sprint(number), "be the number of one that came before"}
	}
	return nil
}

func (c *Checker) checkPruned(p PrunedRecord) error {
	return cmp.Or(checkMoment("at", p.At, PruneStep), p.Member.check(), checkText("model", p.Model, 0), checkText("project", p.Project, 0),
		checkTokens(p.Usage, maxRecordSum), checkSum("cost", int64(p.Usage.Cost)), checkSum("estimated cost", int64(p.Usage.CostEstimated)))
}

func (c *Checker) checkEntry(e EntryRecord) error {
	return cmp.Or(c.checkSession(e.Session), checkText("id", e.ID, 1), checkMoment("at", e.At, time.Millisecond),
		checkText("conversation", e.Conversation, 0), checkText("model", e.Model, 0), checkTokens(e.Usage, maxRecordSum), e.checkCost())
}

// checkCost: the cost of a message is unknown, the CLI's, or a list price; of what was told it can be all of these
// in part.
func (e EntryRecord) checkCost() error {
	u := e.Usage
	switch {
	case u.CostUnknown < 0 || u.CostUnknown > 1:
		return &InvalidError{"cost_unknown", fmt.Sprint(u.CostUnknown), "be 0 or 1"}
	case u.CostUnknown == 1 && u.Cost != 0:
		return &InvalidError{"cost", fmt.Sprint(u.Cost), "be left out where it is unknown"}
	case !e.Told && u.Messages != 1:
		return &InvalidError{"messages", fmt.Sprint(u.Messages), "be 1 for a message"}
	case !e.Told && (u.Cost < 0 || u.CostEstimated != 0 && u.CostEstimated != u.Cost):
		return &InvalidError{"cost", fmt.Sprint(u.Cost), "not be negative, and all or nothing of it estimated"}
	}
	return cmp.Or(checkSum("cost", int64(u.Cost)), checkSum("estimated cost", int64(u.CostEstimated)))
}

func (c *Checker) checkTally(t TallyRecord) error {
	err := cmp.Or(c.checkSession(t.Session), checkText("conversation", t.Conversation, 0), checkText("model", t.Model, 0),
		checkMoment("latest", t.Latest, time.Millisecond))
	for _, u := range []Usage{t.Printed, t.Stated, t.Tally.Messages} {
		err = cmp.Or(err, checkSum("cost", int64(u.Cost)), checkSum("estimated cost", int64(u.CostEstimated)), checkSum("cost_unknown", u.CostUnknown))
		for _, n := range figuresOf(u) {
			err = cmp.Or(err, checkSum("tokens", n))
		}
	}
	return err
}

func (r *SessionRecord) check() error {
	switch {
	case r.Number < 1 || r.Number > maxNumber:
		return &InvalidError{"number", fmt.Sprint(r.Number), "be from 1 to 2^40"}
	case (r.ID == "") != (r.End.Reason == EndedOutside):
		return &InvalidError{"id", r.ID, "be there, but for use outside"}
	case r.EndedAt.IsZero() != (r.End.Reason == ""):
		return &InvalidError{"end", string(r.End.Reason), "have a reason where the session has ended, and else none"}
	case r.ActiveAt.Before(r.StartedAt):
		return &InvalidError{"active_at", r.ActiveAt.Format(time.RFC3339Nano), "not be before started_at"}
	case r.Said != "" && r.Said != StateRunning && r.Said != StateIdle:
		return &InvalidError{"said", string(r.Said), "be running or idle"}
	}
	err := r.Member.check()
	for _, t := range []time.Time{r.StartedAt, r.HeartbeatAt, r.ActiveAt, r.EndedAt} {
		err = cmp.Or(err, checkStoredTime("time", t))
	}
	for _, text := range []string{r.ID, r.Conversation, r.CWD, r.Follows, string(r.Met), string(r.End.Reason), r.End.Signal} {
		err = cmp.Or(err, checkText("text of a session", text, 0))
	}
	for _, text := range []string{r.Process.Host, r.Process.BootID, r.Process.PIDNamespace} {
		if len(text) > maxProcessText {
			err = cmp.Or(err, error(&InvalidError{"process", text, "have at most 1024 bytes"}))
		}
	}
	return err
}

func (r *AffinityRecord) check() error {
	if r.Name == "" {
		return &InvalidError{"subscription", "", "be the name of one"}
	}
	return cmp.Or(checkText("conversation", r.Conversation, 1), r.Member.check(), checkText("project", r.Project, 0),
		checkStoredTime("active_at", r.ActiveAt), checkStoredTime("moved_at", r.MovedAt))
}

func (r *CheckpointRecord) check() error {
	if r.Offset < 0 {
		return &InvalidError{"offset", fmt.Sprint(r.Offset), "not be negative"}
	}
	if len(r.Figures) > maxFigures {
		return &InvalidError{"figures", r.Figures, "have at most 1 MB"}
	}
	return cmp.Or(checkText("path", r.Path, 1), checkText("identity", r.Identity, 0), checkStoredTime("latest", r.Latest))
}

func (m Member) check() error {
	if m.Name == "" {
		if m.Removed != 0 || m.Tags != nil {
			return &InvalidError{"subscription", "", "have a name"}
		}
		return nil
	}
	if m.Removed < 0 || m.Removed > maxRemoved || m.Removed == 0 && m.Tags != nil {
		return &InvalidError{"removed", fmt.Sprint(m.Removed), "be from 0 to 10000, and more than 0 where there are tags"}
	}
	return cmp.Or(CheckName("name", m.Name), checkTags(m.Tags))
}

func checkText(field, text string, least int) error {
	if len(text) < least || len(text) > maxRecordText {
		return &InvalidError{field, text, fmt.Sprintf("have from %d to %d bytes", least, maxRecordText)}
	}
	return nil
}

// checkMoment checks a time that entries can have, in whole steps.
func checkMoment(field string, t time.Time, step time.Duration) error {
	if t.Before(earliest) || t.After(latest) || !t.Truncate(step).Equal(t) {
		return &InvalidError{field, t.Format(time.RFC3339Nano), fmt.Sprintf("be a time since 1970, in steps of %v", step)}
	}
	return checkStoredTime(field, t)
}

// checkStoredTime checks that a time is in the form that stores keep it in.
func checkStoredTime(field string, t time.Time) error {
	if t != Moment(t) {
		return &InvalidError{field, t.Format(time.RFC3339Nano), "be in UTC and whole milliseconds"}
	}
	return nil
}

func checkTokens(u Usage, most int64) error {
	for _, n := range figuresOf(u) {
		if n < 0 || n > most {
			return &InvalidError{"number of tokens or messages", fmt.Sprint(n), "not be negative"}
		}
	}
	if u.Tokens.CacheCreation1h > u.Tokens.CacheCreation {
		return &InvalidError{"cache_creation_1h", fmt.Sprint(u.Tokens.CacheCreation1h), "be a part of cache_creation"}
	}
	return nil
}

func figuresOf(u Usage) []int64 {
	t := u.Tokens
	return []int64{u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead}
}

func checkSum(field string, n int64) error {
	if n < -maxRecordSum || n > maxRecordSum {
		return &InvalidError{field, fmt.Sprint(n), "be from -10^18 to 10^18"}
	}
	return nil
}
