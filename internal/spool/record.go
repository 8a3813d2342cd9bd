package spool

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"claudepool/pool"
)

// errDamaged: the file does not even say whose record it is.
var errDamaged = errors.New("damaged")

// record is one file, read.
type record struct {
	header
	observed []pool.Observation
	ended    bool
	// troubles are why the store did not take the session.
	troubles []pool.Event
	// open is set where its writer had the file open when the reading began.
	open bool
}

// read reads a file. A line that is not whole, where its writer was killed or the disk was full, is
// passed over.
func read(path string) (record, error) {
	file, err := os.Open(path)
	if err != nil {
		return record{}, err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	r := record{open: isLocked(file)} // asked first: what is written after the answer is not missed
	if err := next(lines, &r.header); err != nil || r.Session.ID == "" {
		return record{}, errDamaged
	}
	for {
		var l line
		if err := next(lines, &l); errors.Is(err, io.EOF) {
			return r, nil
		} else if err != nil {
			continue
		}
		if l.Trouble != "" {
			r.troubles = append(r.troubles, pool.StoreTroubleEvent(l.Trouble, l.At))
		}
		if l.Observed != nil {
			r.observed = append(r.observed, *l.Observed)
		}
		if l.End != nil {
			r.Session.End, r.Session.EndedAt, r.ended = *l.End, l.EndedAt, true
			r.Session.End.Reason = cmp.Or(l.End.Reason, pool.EndedByExit)
		}
	}
}

func next(lines *bufio.Reader, v any) error {
	text, err := lines.ReadBytes('\n')
	if err != nil { // a last line without its end is not whole
		return io.EOF
	}
	return json.Unmarshal(text, v)
}

// stillWritten tells whether the session's wrapper may yet append.
func (r record) stillWritten(probe pool.Probe, now time.Time) bool {
	return !r.ended && (r.open || !r.Session.IsDead(probe, now))
}

func (r record) restore(ctx context.Context, store pool.Store, now time.Time) error {
	s := r.Session
	if !r.ended {
		s.EndedAt, s.End = now, pool.End{Reason: pool.EndedByReclaim}
	}
	if s.Subscription == "" {
		name, err := subscriptionAt(ctx, store, r.ConfigDir)
		if err != nil {
			return err
		}
		s.Subscription = name
	}
	// Before the record may go: what is told twice has one cause.
	if err := store.RecordEvents(ctx, r.troubles...); err != nil {
		return err
	}
	return store.Restore(ctx, s, r.observed)
}

// subscriptionAt returns the name of the subscription with a config directory, "" where there is none.
func subscriptionAt(ctx context.Context, store pool.Store, configDir string) (string, error) {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range subscriptions {
		if s.ConfigDir == configDir {
			return s.Name, nil
		}
	}
	return "", nil
}
