package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/rogpeppe/go-internal/testscript"

	"claudepool/pgstore"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// await is `await FILE`: until the file is there.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	until(ts, func() error {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err
	})
}

// waiters is `waiters N`: until so many runs wait in the queue.
func waiters(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waiters N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	db := openDatabase(ts)
	defer db.Close()
	until(ts, func() error {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM queue`).Scan(&n); err != nil || n == want {
			return err
		}
		return fmt.Errorf("%d runs wait, not %d", n, want)
	})
}

// cooldown is `cooldown NAME TIME`: the subscription is left alone for so long.
func cooldown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cooldown NAME TIME")
	}
	length, err := time.ParseDuration(args[1])
	ts.Check(err)
	ctx := context.Background()
	store, err := openScriptStore(ctx, ts)
	ts.Check(err)
	defer store.Close()
	ts.Check(store.SetCooldown(ctx, args[0], time.Now().Add(length)))
}

func database(ts *testscript.TestScript) string { return filepath.Join(ts.Getenv("STATE"), "pool.db") }

// openDatabase opens the script's database beside the store.
func openDatabase(ts *testscript.TestScript) *sql.DB {
	driver, source := "sqlite", "file:"+database(ts)+"?mode=rw&_busy_timeout=5000"
	if at := ts.Getenv(databaseVar); isDatabaseURL(at) {
		driver, source = "pgx", at
	}
	db, err := sql.Open(driver, source)
	ts.Check(err)
	return db
}

func openScriptStore(ctx context.Context, ts *testscript.TestScript) (pool.Store, error) {
	if at := ts.Getenv(databaseVar); isDatabaseURL(at) {
		return pgstore.Open(ctx, at, pgstore.Options{})
	}
	return sqlitestore.Open(ctx, database(ts), sqlitestore.Options{})
}

// until waits for f to be without an error.
func until(ts *testscript.TestScript, f func() error) {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(30 * time.Second)
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			ts.Fatalf("never: %v", err)
		}
	}
}
