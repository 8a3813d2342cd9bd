package ledgerfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"claudepool/pool"
)

// maxLine bounds a line, in bytes: more than any record has.
const maxLine = 4 << 20

// Read returns the records of a ledger, each checked, and at its end that all of them have been there. The first error is
// the last that it returns. Errors: *LineError, and those of the reader.
func Read(r io.Reader, home Home) iter.Seq2[pool.Record, error] {
	return moved(func(yield func(pool.Record, error) bool) {
		reading := reader{lines: bufio.NewScanner(r)}
		reading.lines.Buffer(make([]byte, 1<<16), maxLine)
		for {
			record, more, err := reading.next()
			if err != nil {
				yield(pool.Record{}, reading.wrap(err))
				return
			}
			if !more || !yield(record, nil) {
				return
			}
		}
	}, home.expand)
}

// Inspect reads all of a ledger and returns what is in it, and the names of the subscriptions that it is of, without
// those that were removed. Errors: those of Read.
func Inspect(r io.Reader) (contents pool.Contents, subscriptions map[string]bool, err error) {
	subscriptions = map[string]bool{}
	for record, err := range Read(r, "") {
		if err == nil {
			err = contents.Add(record)
		}
		if err != nil {
			return contents, subscriptions, err
		}
		if m, has := record.Of(); has && m.Name != "" && m.Removed == 0 {
			subscriptions[m.Name] = true
		}
	}
	return contents, subscriptions, nil
}

// Begins tells whether a text begins as a ledger does.
func Begins(text []byte) bool { return bytes.HasPrefix(text, []byte(`{"claudepool_ledger":`)) }

// reader reads one ledger.
type reader struct {
	lines   *bufio.Scanner
	number  int
	checker pool.Checker
	so      pool.Contents
}

// wrap says in which line an error is. Those of the underlying reader are in none.
func (r *reader) wrap(err error) error {
	if r.lines.Err() != nil && !errors.Is(r.lines.Err(), bufio.ErrTooLong) {
		return err
	}
	return &LineError{max(r.number, 1), err}
}

// next returns the next record, and false once the last line has been read.
func (r *reader) next() (record pool.Record, more bool, err error) {
	if r.number == 0 {
		if err := r.first(); err != nil {
			return record, false, err
		}
	}
	text, more, err := r.line()
	switch {
	case err != nil:
		return record, false, err
	case !more:
		return record, false, ErrCutOff
	}
	l, err := decode(text)
	switch {
	case err != nil:
		return record, false, err
	case l.Version != nil:
		return record, false, errors.New("another ledger begins here")
	case l.End != nil:
		return record, false, r.end(l)
	}
	if err := r.checker.Check(l.Record); err != nil {
		return record, false, err
	}
	return l.Record, true, r.so.Add(l.Record)
}

// line returns the next line, and false where there is none.
func (r *reader) line() ([]byte, bool, error) {
	if !r.lines.Scan() {
		if errors.Is(r.lines.Err(), bufio.ErrTooLong) {
			r.number++
			return nil, false, errors.New("it is longer than any record")
		}
		return nil, false, r.lines.Err()
	}
	r.number++
	return r.lines.Bytes(), true, nil
}

// first reads the line with the version, whatever else a newer one has in it.
func (r *reader) first() error {
	text, more, err := r.line()
	if err != nil {
		return err
	}
	var l struct {
		Version int `json:"claudepool_ledger"`
	}
	if !more || json.Unmarshal(text, &l) != nil || l.Version < 1 {
		return ErrNoLedger
	}
	if l.Version > version {
		return fmt.Errorf("%w: its version is %d, and this one knows %d", ErrNewer, l.Version, version)
	}
	return nil
}

// end checks the last line.
func (r *reader) end(l line) error {
	if l.Record != (pool.Record{}) || *l.End != r.so {
		return errors.New("its counts and sums are not those of the lines before")
	}
	_, more, err := r.line()
	if more {
		err = errors.New("there is more after its end")
	}
	return err
}

// decode reads a line, and refuses what it does not know.
func decode(text []byte) (l line, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	switch err := d.Decode(&l); {
	case errors.Is(err, io.EOF):
		return l, errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return l, ErrCutOff
	case err != nil:
		return l, err
	}
	if len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return l, errors.New("there is more than one record in it")
	}
	return l, nil
}
