package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"

	"claudepool/internal/claudecli"
)

// The pool's database is a file, or on a server where the setting is a URL. The URL may hold a password: whatever is shown
// of it goes through databaseWords.

// How the setting is called.
const (
	databaseKey = "db"
	databaseVar = "CLAUDEPOOL_DB"
)

// serverSchemes are how the URL of a PostgreSQL begins.
var serverSchemes = []string{"postgres://", "postgresql://"}

// isDatabaseURL tells whether a setting is not the path of a file. A text of libpq's other form is not either, though it is
// none that we take: it must not be shown.
func isDatabaseURL(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(text, "password=")
}

func (s settings) onServer() bool { return isDatabaseURL(s.Database) }

// setDatabase takes over where the database is. A URL that can be read in two ways is refused, for then nobody knows what
// of it is the password.
func (s *settings) setDatabase(g given) error {
	path := s.places.path(g)
	if _, clear := showableURL(path); isDatabaseURL(path) && !clear {
		return g.refused("the path of a file, or a URL as postgres://user@host/database, with what is special in a name or password written as %40")
	}
	s.Database = cmp.Or(path, s.Database)
	return nil
}

// databaseWords is where the database is, without what is secret of it.
func (s settings) databaseWords() string { return hidePassword(s.Database) }

// hidePassword is a setting of the database as it may be shown.
func hidePassword(text string) string {
	if !isDatabaseURL(text) {
		return text
	}
	shown, _ := showableURL(text)
	return shown
}

// publicSettings are those that a URL may show; they say which database it is, and the others how to get there.
var publicSettings = []string{"host", "port", "dbname", "service", "search_path"}

// showableURL is a URL without what is secret, and false where that can't be told apart: then it is its scheme, if that.
func showableURL(text string) (shown string, clear bool) {
	scheme := ""
	for _, known := range serverSchemes {
		if strings.HasPrefix(text, known) {
			scheme = known
		}
	}
	u, err := url.Parse(text)
	if scheme == "" || err != nil || u.Fragment != "" || strings.ContainsAny(u.EscapedPath()+u.RawQuery, "@#") {
		return scheme + "…", false
	}
	kept := url.Values{}
	for _, name := range publicSettings {
		if value := u.Query().Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	u.RawQuery = kept.Encode()
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	if u.Path == "" {
		u.Path = "/" // or it would be without its slashes, where it has no host
	}
	return u.String(), true
}

// serverVariables say which database is meant where the URL does not.
var serverVariables = []string{"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE", "PGUSER"}

// serverSettings are the values of these variables, "" where none is set.
func serverSettings(env claudecli.Environment) (all string) {
	for _, name := range serverVariables {
		if value, _ := env.Get(name); value != "" {
			all += name + "=" + value + "\n"
		}
	}
	return all
}

// databaseFile is the path of the database, and of one on a server what stands for it on this machine: what belongs to the
// database lies beside it. It is absolute, unless the current directory is gone.
func (s settings) databaseFile() string {
	if s.onServer() {
		sum := sha256.Sum256([]byte(s.databaseWords() + "\n" + s.places.server))
		return filepath.Join(s.places.state, "servers", hex.EncodeToString(sum[:8]), "pool")
	}
	if path, err := filepath.Abs(s.Database); err == nil {
		return path
	}
	return s.Database
}
