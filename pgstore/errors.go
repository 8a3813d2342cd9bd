package pgstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"claudepool/pool"
)

// The codes of errors that are told apart; see https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	tooManyConnections   = "53300"
	diskFull             = "53100"
	outOfMemory          = "53200"
	readOnlyTransaction  = "25006"
	mayNot               = "42501"
	queryCanceled        = "57014"
)

// translate puts what was being done in front of an error and makes the native errors of PostgreSQL, and those of the
// connection, match the sentinels of pool.
func translate(what string, err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "\n") {
		err = oneLine{err}
	}
	if sentinel := sentinelFor(err); sentinel != nil && !isTranslated(err) {
		return fmt.Errorf("%s: %w: %w", what, sentinel, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// oneLine is an error of pgx that takes several lines, in one.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }
func (e oneLine) Unwrap() error { return e.error }

func isTranslated(err error) bool {
	for _, sentinel := range []error{
		pool.ErrBusy, pool.ErrFull, pool.ErrReadOnly, pool.ErrCorrupt, pool.ErrUnreadable,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// sentinelFor returns nil for an error that stands for a fault of ours, or for a context that has ended.
func sentinelFor(err error) error {
	var native *pgconn.PgError
	if errors.As(err, &native) {
		return sentinelForCode(native.Code)
	}
	var connecting *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connecting):
		return pool.ErrUnreadable // its own time-out is no context of the caller's
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil
	case errors.As(err, &network), pgconn.SafeToRetry(err), errors.Is(err, io.ErrUnexpectedEOF):
		return pool.ErrUnreadable
	}
	return nil
}

func sentinelForCode(code string) error {
	switch code {
	case serializationFailure, deadlockDetected, lockNotAvailable, tooManyConnections, outOfMemory, queryCanceled:
		return pool.ErrBusy
	case diskFull:
		return pool.ErrFull
	case readOnlyTransaction, mayNot:
		return pool.ErrReadOnly
	}
	switch class := code[:min(len(code), 2)]; class {
	case "08", "28", "3D", "3F", "53", "57", "58": // connection, login, no such database or schema, resources, shutdown, system
		return pool.ErrUnreadable
	case "XX": // damaged data or index, or an internal error
		return pool.ErrCorrupt
	}
	return nil
}
