package pgstore

import (
	"context"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PostgreSQL takes no text that is not valid UTF-8, as a path may be. A byte that can't be is kept as a character of
// the last private use area, which nothing else uses.
const (
	privateUse = 0x10FE00 // and the 255 that follow
	lastByte   = 0xFF
)

// database is a pool of connections, and transaction one of its transactions, that take and give any text.
type (
	database    struct{ *pgxpool.Pool }
	transaction struct{ pgx.Tx }
	anyRows     struct{ pgx.Rows }
	anyRow      struct{ pgx.Row }
)

func (db database) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	rows, err := db.Pool.Query(ctx, query, toTexts(args)...)
	return anyRows{rows}, err
}

func (db database) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return anyRow{db.Pool.QueryRow(ctx, query, toTexts(args)...)}
}

func (tx transaction) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	return tx.Tx.Exec(ctx, query, toTexts(args)...)
}

func (tx transaction) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	rows, err := tx.Tx.Query(ctx, query, toTexts(args)...)
	return anyRows{rows}, err
}

func (tx transaction) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return anyRow{tx.Tx.QueryRow(ctx, query, toTexts(args)...)}
}

func (r anyRows) Scan(targets ...any) error { return fromTexts(r.Rows.Scan(targets...), targets) }

func (r anyRow) Scan(targets ...any) error { return fromTexts(r.Row.Scan(targets...), targets) }

// toTexts puts texts among the arguments of a statement into what the database takes.
func toTexts(args []any) []any {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = toText(arg)
		case []string:
			texts := make([]string, len(arg))
			for j, s := range arg {
				texts[j] = toText(s)
			}
			args[i] = texts
		case pgtype.Text:
			arg.String = toText(arg.String)
			args[i] = arg
		default:
			if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
				args[i] = toText(v.String())
			}
		}
	}
	return args
}

// fromTexts undoes it in what was scanned.
func fromTexts(err error, targets []any) error {
	for _, target := range targets {
		switch target := target.(type) {
		case *string:
			*target = fromText(*target)
		case *pgtype.Text:
			target.String = fromText(target.String)
		default:
			if v := reflect.ValueOf(target).Elem(); v.Kind() == reflect.String {
				v.SetString(fromText(v.String()))
			}
		}
	}
	return err
}

// toText is a text as the database keeps it.
func toText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == 0 || r == utf8.RuneError && size == 1 {
			r = privateUse + rune(s[0])
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// fromText is the text that toText made s of.
func fromText(s string) string {
	if !strings.Contains(s, "\xf4\x8f") { // how the last private use area begins; most often there is none
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r >= privateUse && r <= privateUse+lastByte {
			b.WriteByte(byte(r - privateUse))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
