package main

import (
	"fmt"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// silent is `silent TIME`: all conversations were last heard of so long ago.
func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silent TIME")
	}
	length, err := time.ParseDuration(args[0])
	ts.Check(err)
	db := openDatabase(ts)
	defer db.Close()
	_, err = db.Exec(fmt.Sprintf(`UPDATE conversations SET active_at = %d`, time.Now().Add(-length).UnixMilli()))
	ts.Check(err)
}
