package memstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"claudepool/pool"
)

// Tasks implements pool.Store.
func (s *Store) Tasks(ctx context.Context) ([]pool.Task, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.tasks), func(a, b pool.Task) int { return cmp.Compare(a.Name, b.Name) }), nil
}

// BeginTask implements pool.Store.
func (s *Store) BeginTask(
	ctx context.Context, name string, every time.Duration, runner pool.Process, probe pool.Probe, now time.Time,
) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	task := s.tasks[name]
	taken := task.Runner != nil && *task.Runner != runner && task.IsRunning(probe, now)
	if taken || !task.IsDue(every, now) {
		return false, nil
	}
	task.Name, task.Runner, task.HeartbeatAt = name, &runner, pool.Moment(now)
	s.tasks[name] = task
	return true, nil
}

// KeepTask implements pool.Store.
func (s *Store) KeepTask(ctx context.Context, name string, runner pool.Process, now time.Time) (bool, error) {
	return s.changeTask(ctx, name, runner, func(t *pool.Task) { t.HeartbeatAt = pool.Moment(now) })
}

// EndTask implements pool.Store.
func (s *Store) EndTask(ctx context.Context, name string, runner pool.Process, report, trouble string, now time.Time) error {
	_, err := s.changeTask(ctx, name, runner, func(t *pool.Task) {
		*t = pool.Task{Name: name, LastRun: pool.Moment(now), Report: report, Trouble: trouble}
	})
	return err
}

// changeTask changes a task that is the runner's, and tells whether it is.
func (s *Store) changeTask(ctx context.Context, name string, runner pool.Process, change func(*pool.Task)) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	task := s.tasks[name]
	if task.Runner == nil || *task.Runner != runner {
		return false, nil
	}
	change(&task)
	s.tasks[name] = task
	return true, nil
}

// Checkpoint implements pool.Store: there is nothing to bring in order.
func (s *Store) Checkpoint(ctx context.Context) error { return ctx.Err() }
