package pgstore

import (
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"claudepool/pool"
)

// IsAway tells whether an error of Open or of a Store says that the database can't be reached, for now: there is no way to
// it, it is starting or stopping, or has no connection left. A login that it refuses is not that.
func IsAway(err error) bool {
	var native *pgconn.PgError
	if errors.As(err, &native) {
		switch native.Code {
		case "57P01", "57P02", "57P03", tooManyConnections: // stopped by hand, crashed, starting
			return true
		}
		return native.Code[:min(len(native.Code), 2)] == "08"
	}
	if !errors.Is(err, pool.ErrUnreadable) {
		return false
	}
	var connecting *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connecting) || errors.As(err, &network) || pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF)
}
