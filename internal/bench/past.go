package main

import (
	"database/sql"
	"fmt"
	"time"
)

// pastBar is how much longer a run may take, from its launch to its end, in a pool with a long past.
const pastBar = 3 * time.Millisecond

// longPast repeats the session of one run, and the checkpoint of a transcript.
var longPast = []string{
	`WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
	INSERT INTO sessions (id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
		started_at, heartbeat_at, active_at, ended_at, follows, met, end_reason, exit_code, signal)
	SELECT printf('%016x', n), subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
		started_at - n * 1000, heartbeat_at - n * 1000, active_at - n * 1000, ended_at - n * 1000, follows, met, end_reason, exit_code, signal
	FROM n, (SELECT * FROM sessions LIMIT 1)`,
	`WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
	INSERT INTO checkpoints (path, identity, offset, figures, latest) SELECT '/projects/' || n || '.jsonl', n, n, '{}', 0 FROM n`,
}

// measurePast measures what 100,000 sessions and 10,000 transcripts of before add to a run as a whole.
func measurePast(b *bench) ([]row, error) {
	fresh, err := b.newSandbox(3, 0)
	if err != nil {
		return nil, err
	}
	old, err := b.newSandbox(3, 0)
	if err != nil {
		return nil, err
	}
	child, err := trueChild()
	if err != nil {
		return nil, err
	}
	contestants := []contestant{fresh.claudepool(), old.claudepool()}
	contestants[0].name, contestants[1].name = "without a past", "with one"
	if _, err := onPipes(contestants[1].command(child, "-p", "hi"), ignore); err != nil {
		return nil, err
	}
	if err := old.query(haveLongPast); err != nil {
		return nil, err
	}
	taken, err := interleave(contestants, b.scale(200), func(way contestant) (time.Duration, error) {
		return onPipes(way.command(child, "-p", "hi"), ignore)
	})
	if err != nil {
		return nil, err
	}
	added := taken["with one"].median() - taken["without a past"].median()
	return []row{{
		what: "the same, after 100,000 sessions and 10,000 transcripts", bar: fmt.Sprintf("≤ %s more than without a past", millis(pastBar)),
		measured: millis(added), ok: added <= pastBar,
		claudepool: fmt.Sprintf("%s; without %s", taken["with one"], taken["without a past"]),
	}}, nil
}

func haveLongPast(db *sql.DB) error {
	for _, statement := range longPast {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}
