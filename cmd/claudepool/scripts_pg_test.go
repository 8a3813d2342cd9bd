//go:build pg

package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// onPostgreSQL are the scripts that say nothing of a file, and so hold for a pool on PostgreSQL as well.
var onPostgreSQL = []string{
	"cooldown", "crowd", "env", "env-command", "everyday-home", "exec", "explain", "failover", "limit", "login", "notify", "prune",
	"rebalance", "remove", "rename", "sessions", "set", "sync-settings", "tag", "usage", "usage-by", "wait",
}

// madeUpPassword is in the URL of every script's database, and must not be in anything that is told.
const madeUpPassword = "made-up%20pass%2Fword"

// TestScriptsOnPostgreSQL runs them, and those of testdata/script-pg, each on a database of its own, to which it goes
// through a proxy.
func TestScriptsOnPostgreSQL(t *testing.T) {
	server := os.Getenv("CLAUDEPOOL_TEST_PG")
	require.NotEmpty(t, server, "these tests need a PostgreSQL; run: make test-pg")
	files, err := filepath.Glob("testdata/script-pg/*.txtar")
	require.NoError(t, err)
	for _, name := range onPostgreSQL {
		files = append(files, "testdata/script/"+name+".txtar")
	}
	p := scriptParams(func(env *testscript.Env) error { return giveDatabase(env, server) })
	p.Files, p.Cmds["pg"] = files, pgCommand
	testscript.Run(t, p)
}

var databases atomic.Int64

// giveDatabase makes an empty database, and says in the script's environment where it is.
func giveDatabase(env *testscript.Env, server string) error {
	name := fmt.Sprintf("script_%d_%d", os.Getpid(), databases.Add(1))
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return err
	}
	u, err := url.Parse(server)
	if err != nil {
		return err
	}
	way, err := newProxy(u.Host)
	if err != nil {
		return err
	}
	env.Defer(way.away)
	env.Values[proxyKey{}] = way
	shown := fmt.Sprintf("postgres://%s@%s/%s", u.User.Username(), way.addr, name)
	env.Setenv("PG_SHOWN", shown)
	at := fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable&connect_timeout=", u.User.Username(), madeUpPassword, way.addr, name)
	env.Setenv("CLAUDEPOOL_DB", at+"20") // the machine may be busy
	env.Setenv("CLAUDEPOOL_DB_QUICK", at+"1")
	return nil
}
