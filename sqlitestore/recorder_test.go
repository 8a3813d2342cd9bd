package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"
)

// Recorder opens stores and writes down every statement that they run, each once, so that none can be forgotten where
// plans are looked at.
type Recorder struct {
	mu         sync.Mutex
	statements map[string][]any // the arguments of one run, by the statement
}

// NewRecorder has recorded nothing yet.
func NewRecorder() *Recorder { return &Recorder{statements: map[string][]any{}} }

// Open opens the database at path, which it makes; that alone is not recorded.
func (r *Recorder) Open(t testing.TB, path string) *Store {
	s, err := Open(context.Background(), path, Options{Create: true}) // that of a test is over in its cleanup
	require.NoError(t, err)
	require.NoError(t, s.Close())
	base, err := sqlite.NewConnector(dsn(path, DefaultBusyTimeout))
	require.NoError(t, err)
	db := sql.OpenDB(recordingConnector{base, r})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &Store{db: db, thresholds: s.thresholds}
}

func (r *Recorder) note(query string, args []driver.NamedValue) {
	query = oneLine(query)
	if strings.HasPrefix(query, "EXPLAIN") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.statements[query]) > 0 {
		return
	}
	values := make([]any, 0, len(args))
	for _, a := range args {
		values = append(values, a.Value)
	}
	r.statements[query] = values
}

func oneLine(query string) string { return strings.Join(strings.Fields(query), " ") }

type recordingConnector struct {
	driver.Connector
	*Recorder
}

func (r recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return recordingConn{conn.(sqliteConn), r.Recorder}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type recordingConn struct {
	sqliteConn
	*Recorder
}

// Prepare notes a statement without arguments: those of its first run are as good as any.
func (c recordingConn) Prepare(query string) (driver.Stmt, error) {
	c.note(query, make([]driver.NamedValue, strings.Count(query, "?")))
	return c.sqliteConn.Prepare(query)
}

func (c recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.note(query, args)
	return c.sqliteConn.ExecContext(ctx, query, args)
}

func (c recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(query, args)
	return c.sqliteConn.QueryContext(ctx, query, args)
}
