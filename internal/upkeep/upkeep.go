// Package upkeep runs the pieces of maintenance of a pool, each as often as it should and by one process at a time.
// What becomes of one never keeps the others from running.
package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"claudepool/pool"
)

const (
	// RetryAfter is how long after a failure a task is due again that is due less often.
	RetryAfter = 10 * time.Minute
	// Grace is how long a task that was told to stop may take to finish or roll back.
	Grace = 5 * time.Second
	// endTakes bounds noting what came of a task.
	endTakes = 5 * time.Second
	// mostTrouble bounds, in bytes, what is kept of a failure.
	mostTrouble = 500
)

// Interrupted is the trouble of a task that was told to stop. It goes on another time, and nothing is wrong.
const Interrupted = "interrupted"

// Report is what a task says of itself.
type Report struct {
	// Words are for people, "" where nothing was to be done.
	Words string
	// Data is kept as JSON, nil for nothing.
	Data any
}

// Task is a piece of maintenance.
type Task struct {
	Name string
	// Every is how often it runs; 0 is whenever there is a chance.
	Every time.Duration
	Run   func(context.Context) (Report, error)
}

// Outcome is what came of a task that was run.
type Outcome struct {
	Task   string
	Took   time.Duration
	Report Report
	// Trouble is why it failed, "" where it did not; a panic is one too.
	Trouble string
}

// Runner runs tasks for a process.
type Runner struct {
	Store pool.Tasks
	Self  pool.Process
	Probe pool.Probe
	Now   func() time.Time
	// Beat is how often it says that it lives; 0 stands for pool.HeartbeatEvery.
	Beat time.Duration
}

// every is how long after its last run a task is due.
func every(t Task, last pool.Task) time.Duration {
	if last.Trouble != "" {
		return min(t.Every, RetryAfter)
	}
	return t.Every
}

// Due returns those of the tasks that are to run now and that nobody runs. known is what the store says of them.
func (r Runner) Due(tasks []Task, known []pool.Task) (due []Task) {
	byName := map[string]pool.Task{}
	for _, k := range known {
		byName[k.Name] = k
	}
	for _, t := range tasks {
		last := byName[t.Name]
		if t.Every = every(t, last); last.IsDue(t.Every, r.Now()) && !last.IsRunning(r.Probe, r.Now()) {
			due = append(due, t)
		}
	}
	return due
}

// RunDue runs the tasks that are due, one after the other, and returns what came of those that ran. It stops between two
// of them where ctx is cancelled. Errors: those of the store, beside the outcomes so far.
func (r Runner) RunDue(ctx context.Context, tasks ...Task) (outcomes []Outcome, err error) {
	known, err := r.Store.Tasks(ctx)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, t := range r.Due(tasks, known) {
		if ctx.Err() != nil {
			break
		}
		outcome, ran, err := r.run(ctx, t)
		if ran {
			outcomes = append(outcomes, outcome)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("task %s: %w", t.Name, err))
		}
	}
	return outcomes, errors.Join(errs...)
}

// run runs a task, unless another process has begun it meanwhile.
func (r Runner) run(ctx context.Context, t Task) (o Outcome, ran bool, err error) {
	began, err := r.Store.BeginTask(ctx, t.Name, t.Every, r.Self, r.Probe, r.Now())
	if err != nil || !began {
		return o, false, err
	}
	start := r.Now()
	o = Outcome{Task: t.Name}
	report, stopped, failure := r.keep(ctx, t)
	o.Report, o.Took, o.Trouble = report, r.Now().Sub(start), trouble(ctx, failure)
	if !stopped { // it still runs, and is ours until we are gone
		return o, true, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTakes)
	defer cancel()
	return o, true, r.Store.EndTask(ctx, t.Name, r.Self, o.Report.text(), o.Trouble, r.Now())
}

// errTaken is why a task is told to stop that another process has taken: it took us for dead.
var errTaken = errors.New("another process has taken it over")

// keep runs a task and says meanwhile that we live. stopped is false where it was told to stop and did not.
func (r Runner) keep(ctx context.Context, t Task) (report Report, stopped bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type result struct {
		report Report
		err    error
	}
	done := make(chan result, 1)
	go func() {
		report, err := guarded(ctx, t)
		done <- result{report, err}
	}()
	go r.beat(ctx, t.Name, cancel)
	select {
	case got := <-done:
		return got.report, true, got.err
	case <-ctx.Done():
	}
	select {
	case got := <-done:
		return got.report, true, got.err
	case <-time.After(Grace):
		return report, false, fmt.Errorf("it did not stop within %v: %w", Grace, context.Cause(ctx))
	}
}

// guarded makes a panic an error.
func guarded(ctx context.Context, t Task) (report Report, err error) {
	defer func() {
		if r := recover(); r != nil {
			report, err = Report{}, fmt.Errorf("panic: %v", r)
		}
	}()
	return t.Run(ctx)
}

// beat says now and then that we live, until the task has ended.
func (r Runner) beat(ctx context.Context, name string, cancel context.CancelCauseFunc) {
	every := r.Beat
	if every == 0 {
		every = pool.HeartbeatEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if kept, err := r.Store.KeepTask(ctx, name, r.Self, r.Now()); err == nil && !kept {
			cancel(errTaken)
			return
		}
	}
}

// text is what the store keeps of a report.
func (r Report) text() string {
	if r.Data == nil {
		return ""
	}
	text, err := json.Marshal(r.Data)
	if err != nil {
		return "" // no report is worth a failure
	}
	return string(text)
}

// trouble is what the store keeps of an error of a task that ran under ctx.
func trouble(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return ""
	case ctx.Err() != nil:
		return Interrupted
	}
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), mostTrouble)], "")
}
