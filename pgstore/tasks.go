package pgstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Tasks implements pool.Store.
func (s *Store) Tasks(ctx context.Context) ([]pool.Task, error) {
	tasks, err := queryTasks(ctx, s.db, taskColumns+` ORDER BY name`)
	return tasks, translate("list the tasks", err)
}

// BeginTask implements pool.Store. The process of who runs the task is looked at before the write lock is
// taken: what is found then counts only where nobody has changed the task since.
func (s *Store) BeginTask(
	ctx context.Context, name string, every time.Duration, runner pool.Process, probe pool.Probe, now time.Time,
) (began bool, err error) {
	what := "begin the task " + name
	known, err := s.task(ctx, name)
	if err != nil {
		return false, translate(what, err)
	}
	taken := known.Runner != nil && *known.Runner != runner && known.IsRunning(probe, now)
	if taken || !known.IsDue(every, now) {
		return false, nil
	}
	err = s.write(ctx, what, func(tx pgx.Tx) error {
		result, err := tx.Exec(ctx, `
			INSERT INTO tasks (name, trouble, report, runner, heartbeat_at) VALUES ($1, '', '', $2, $3)
			ON CONFLICT (name) DO UPDATE SET runner = excluded.runner, heartbeat_at = excluded.heartbeat_at
			WHERE tasks.runner = $4 AND ($4 = '' OR tasks.heartbeat_at = $5) AND tasks.last_run IS NOT DISTINCT FROM $6`,
			name, runnerText(&runner), now.UnixMilli(), runnerText(known.Runner), known.HeartbeatAt.UnixMilli(), millis(known.LastRun))
		began, err = changed(result, err)
		return err
	})
	return began, err
}

// KeepTask implements pool.Store.
func (s *Store) KeepTask(ctx context.Context, name string, runner pool.Process, now time.Time) (kept bool, err error) {
	err = s.write(ctx, "keep the task "+name, func(tx pgx.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE tasks SET heartbeat_at = $1 WHERE name = $2 AND runner = $3`,
			now.UnixMilli(), name, runnerText(&runner))
		kept, err = changed(result, err)
		return err
	})
	return kept, err
}

// EndTask implements pool.Store.
func (s *Store) EndTask(ctx context.Context, name string, runner pool.Process, report, trouble string, now time.Time) error {
	return s.write(ctx, "end the task "+name, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE tasks SET last_run = $1, report = $2, trouble = $3, runner = '', heartbeat_at = 0
			WHERE name = $4 AND runner = $5`, now.UnixMilli(), report, trouble, name, runnerText(&runner))
		return err
	})
}

// task returns what is known of one task, which may never have begun.
func (s *Store) task(ctx context.Context, name string) (pool.Task, error) {
	tasks, err := queryTasks(ctx, s.db, taskColumns+` WHERE name = $1`, name)
	if err != nil || len(tasks) == 0 {
		return pool.Task{}, err
	}
	return tasks[0], nil
}

const taskColumns = `SELECT name, last_run, trouble, report, runner, heartbeat_at FROM tasks`

func queryTasks(ctx context.Context, q querier, query string, args ...any) (tasks []pool.Task, err error) {
	err = each(ctx, q, func(rows pgx.Rows) error {
		var t pool.Task
		var lastRun, heartbeat pgtype.Int8
		var runner string
		if err := rows.Scan(&t.Name, &lastRun, &t.Trouble, &t.Report, &runner, &heartbeat); err != nil {
			return err
		}
		t.LastRun = moment(lastRun)
		if runner != "" {
			t.HeartbeatAt = moment(heartbeat)
			if err := json.Unmarshal([]byte(runner), &t.Runner); err != nil {
				return err
			}
		}
		tasks = append(tasks, t)
		return nil
	}, query, args...)
	return tasks, err
}

// runnerText is a process as the database keeps it, "" for none.
func runnerText(runner *pool.Process) string {
	if runner == nil {
		return ""
	}
	text, _ := json.Marshal(runner) // strings and numbers: never fails
	return string(text)
}
