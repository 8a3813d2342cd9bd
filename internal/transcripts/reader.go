package transcripts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

const (
	chunk = 1 << 20
	// maxLine is longer than any line that matters: what the model says in one answer has a limit, of some
	// 128,000 tokens. Longer ones, as snapshots of hundreds of megabytes, are passed over.
	maxLine = 8 << 20
	// maxBatch is how many messages and errors are booked in one transaction.
	maxBatch = 2000
)

// figures is what a checkpoint keeps of the lines before it.
type figures struct {
	// Highest are the CLI's cumulative figures so far.
	Highest claudecli.Cumulative `json:"highest,omitempty"`
	// Stated is set once there were any.
	Stated bool `json:"stated,omitempty"`
	// At and CWD are those of the latest line that had them.
	At  time.Time `json:"at,omitzero"`
	CWD string    `json:"cwd,omitempty"`
}

// reader reads one transcript.
type reader struct {
	*syncer
	path     string
	identity string
	modified time.Time
	known    pool.Checkpoint
	figures  figures
	// start is where reading began, and offset the end of the last whole line that was read.
	start, offset int64
	// skipped is how much was passed over of a line that is too long.
	skipped  int64
	messages []pool.Message
	at       map[string]int // index into messages, by id
	stated   []pool.Stated
	signals  signals
}

func newReader(s *syncer, path string, info fs.FileInfo, known pool.Checkpoint) *reader {
	r := &reader{
		syncer: s, path: path, identity: identityOf(info), modified: info.ModTime(), known: known, at: map[string]int{},
	}
	_ = json.Unmarshal([]byte(known.Figures), &r.figures) // "" for a new one: nothing was before
	return r
}

// read books all whole lines from the offset on.
func (r *reader) read(ctx context.Context, file *os.File) error {
	if err := r.seek(file); err != nil {
		return &readError{err}
	}
	buf := make([]byte, 0, chunk)
	for ctx.Err() == nil {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := file.Read(buf[len(buf):cap(buf)])
		rest, failed := r.lines(ctx, buf[:len(buf)+n])
		if failed != nil {
			return failed
		}
		if r.skipped > 0 || len(rest) >= maxLine {
			r.skipped += int64(len(rest))
			rest = nil
		}
		if len(rest) == 0 && cap(buf) > chunk { // grown for a long line that is behind us
			buf = make([]byte, 0, chunk)
		}
		buf = buf[:copy(buf[:cap(buf)], rest)]
		if err != nil {
			if failed := r.book(ctx); failed != nil || errors.Is(err, io.EOF) {
				return failed
			}
			return &readError{err}
		}
	}
	return ctx.Err()
}

// seek goes to where the file was read to last: to its start if no line ends there, as where the CLI wrote
// it anew.
func (r *reader) seek(file *os.File) error {
	if r.offset > 0 {
		before := []byte{0}
		if _, err := file.ReadAt(before, r.offset-1); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if before[0] != '\n' {
			r.offset = 0
		}
	}
	r.start = r.offset
	_, err := file.Seek(r.offset, io.SeekStart)
	return err
}

// lines takes all whole lines of a piece of the file and returns what is left of it.
func (r *reader) lines(ctx context.Context, piece []byte) ([]byte, error) {
	for {
		i := bytes.IndexByte(piece, '\n')
		if i < 0 {
			return piece, nil
		}
		if r.skipped == 0 {
			r.line(piece[:i])
		}
		r.offset += r.skipped + int64(i) + 1
		r.skipped = 0
		piece = piece[i+1:]
		if len(r.messages)+len(r.signals.failures) >= maxBatch {
			if err := r.book(ctx); err != nil {
				return nil, err
			}
		}
	}
}

func (r *reader) line(text []byte) {
	l, ok := claudecli.ReadTranscriptLine(text)
	if !ok {
		return
	}
	if !l.At.IsZero() {
		r.figures.At = l.At
	} else if r.figures.At.IsZero() {
		r.figures.At = r.modified
	}
	if l.CWD != "" {
		r.figures.CWD = l.CWD
	}
	if r.as != "" {
		l.Conversation = r.as
	}
	switch {
	case l.Figures != nil:
		r.state(l)
	case r.signals.failure(l, r.figures.At):
	default:
		r.message(l)
	}
}

func (r *reader) message(l claudecli.TranscriptLine) {
	r.report.Messages++
	r.signals.answer(l.Conversation, r.figures.At)
	m := pool.Message{
		ID: l.ID, At: r.figures.At, Conversation: l.Conversation, Model: l.Model, Project: r.figures.CWD, Tokens: l.Tokens,
	}
	if cost, known := r.estimate(l.Model, l.Tokens); known {
		m.Cost, m.CostSource = cost, pool.CostEstimated
	}
	if i, known := r.at[l.ID]; known {
		if l.Tokens.Total() > r.messages[i].Tokens.Total() { // an earlier line had the figures of the start
			m.At = r.messages[i].At
			r.messages[i] = m
		}
		return
	}
	r.at[l.ID] = len(r.messages)
	r.messages = append(r.messages, m)
}

// state takes cumulative figures. Figures below the highest add nothing: they are those of a second
// process on the conversation, or were read before.
func (r *reader) state(l claudecli.TranscriptLine) {
	added, ok := l.Figures.Above(r.figures.Highest)
	first := !r.figures.Stated
	r.figures.Stated = true
	if !ok {
		return
	}
	r.figures.Highest = l.Figures
	for model, f := range added {
		if f == (claudecli.Figures{}) {
			continue
		}
		r.stated = append(r.stated, pool.Stated{
			At: r.figures.At, Conversation: l.Conversation, Model: model, Project: r.figures.CWD,
			Tokens: f.Tokens, Cost: f.Cost, First: first,
		})
	}
}

// book gives the ledger what has been read so far.
func (r *reader) book(ctx context.Context) error {
	text, err := json.Marshal(r.figures)
	if err != nil {
		return err
	}
	next := pool.Checkpoint{Path: r.path, Identity: r.identity, Offset: r.offset, Figures: string(text)}
	if next == r.known {
		return nil
	}
	err = r.ledger.BookTranscript(ctx, pool.Transcript{
		Before: r.known, Checkpoint: next, Owner: r.owner, Messages: r.messages, Stated: r.stated,
		Signals: r.signals.take(), ReadAt: time.Now(),
	})
	r.known = next
	r.messages, r.stated = nil, nil
	clear(r.at)
	return err
}
