package ledgerfile

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"claudepool/pool"
)

// Write writes the ledger of a store, and returns what is in it.
func Write(ctx context.Context, w io.Writer, ledger pool.Archive, home Home) (pool.Contents, error) {
	var contents pool.Contents
	buffer := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(buffer)
	e.SetEscapeHTML(false)
	first := version
	if err := e.Encode(line{Version: &first}); err != nil {
		return contents, err
	}
	for r, err := range moved(dumped(ctx, ledger), home.shorten) {
		if err == nil {
			err = errors.Join(contents.Add(r), e.Encode(line{Record: r}))
		}
		if err != nil {
			return contents, err
		}
	}
	if err := e.Encode(line{End: &contents}); err != nil {
		return contents, err
	}
	return contents, buffer.Flush()
}

var errStop = errors.New("no more")

// dumped are the records of a store.
func dumped(ctx context.Context, ledger pool.Archive) iter.Seq2[pool.Record, error] {
	return func(yield func(pool.Record, error) bool) {
		err := ledger.Dump(ctx, func(r pool.Record) error {
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(pool.Record{}, err)
		}
	}
}
