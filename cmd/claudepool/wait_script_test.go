package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

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
	db, err := sql.Open("sqlite", "file:"+database(ts)+"?mode=ro&_busy_timeout=5000")
	ts.Check(err)
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
	store, err := sqlitestore.Open(ctx, database(ts), sqlitestore.Options{})
	ts.Check(err)
	defer store.Close()
	ts.Check(store.SetCooldown(ctx, args[0], time.Now().Add(length)))
}

func database(ts *testscript.TestScript) string { return filepath.Join(ts.Getenv("STATE"), "pool.db") }

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
