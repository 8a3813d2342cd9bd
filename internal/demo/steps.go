package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"claudepool/internal/sandbox"
)

// demo is the machine and what has happened on it.
type demo struct {
	*sandbox.Sandbox
	program string
}

var (
	asJSON   = []string{"--output-format", "json"}
	asStream = []string{"--output-format", "stream-json", "--verbose"}
)

func (d *demo) all(ctx context.Context) error {
	steps := []func(context.Context) error{d.makePool, d.oneAtATime, d.resume, d.atOnce, d.kill, d.tables, d.compare}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) makePool(context.Context) error {
	say("a pool of three subscriptions")
	typed("", "claudepool", "init")
	if err := d.Install(d.program); err != nil {
		return err
	}
	for _, name := range []string{"work", "personal", "ci-1"} {
		typed("", append([]string{"claudepool"}, d.AddArgs(name)...)...)
		if err := d.AddSubscription(name); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) oneAtATime(ctx context.Context) error {
	say("one run after the other, in all formats: words, a tool call, a subagent")
	runs := [][]string{
		{"-p", "say hello"},
		append([]string{"-p", "say hello"}, asJSON...),
		append([]string{"-p", "say hello"}, asStream...),
		append([]string{"-p", "[[text:I look.]][[bash:echo 42]][[text:It is 42.]]", "--allowedTools", "Bash"}, asJSON...),
		append([]string{"-p", "[[subagent:[[bash:echo 42]][[text:Found 42.]]]][[text:The subagent found it.]]", "--allowedTools", "Bash"}, asStream...),
	}
	for _, args := range runs {
		if _, err := d.claude(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) resume(ctx context.Context) error {
	say("a conversation that goes on in another process, maybe on another subscription")
	first, err := d.claude(ctx, append([]string{"-p", "[[text:Once.]]"}, asJSON...)...)
	if err != nil {
		return err
	}
	_, err = d.claude(ctx, append([]string{"-p", "[[text:And again.]]", "--resume", first.SessionID}, asStream...)...)
	return err
}

func (d *demo) atOnce(ctx context.Context) error {
	const crowd = 10
	say("%d at once", crowd)
	failed := make([]error, crowd)
	var group sync.WaitGroup
	for i := range crowd {
		args := append([]string{"-p", fmt.Sprintf("[[text:Number %d.]]", i+1)}, [][]string{asJSON, asStream}[i%2]...)
		group.Go(func() { _, failed[i] = d.claude(ctx, args...) })
	}
	group.Wait()
	return errors.Join(failed...)
}

// answer is what the demo reads of a result.
type answer struct {
	Type      string
	Result    string
	SessionID string `json:"session_id"`
	IsError   bool   `json:"is_error"`
}

// claude runs `claude ARGS` through the shim and shows the command with its result.
func (d *demo) claude(ctx context.Context, args ...string) (answer, error) {
	began := time.Now()
	cmd := d.Claude(ctx, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return answer{}, fmt.Errorf("claude %s: %w\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	last, err := lastAnswer(out)
	if err != nil {
		return answer{}, fmt.Errorf("claude %s: %w", strings.Join(args, " "), err)
	}
	typed(fmt.Sprintf("%.1f s: %s", time.Since(began).Seconds(), last.Result), append([]string{"claude"}, args...)...)
	return last, nil
}

// lastAnswer reads the output of a run, in any format.
func lastAnswer(out []byte) (answer, error) {
	out = bytes.TrimSpace(out)
	last := out[bytes.LastIndexByte(out, '\n')+1:]
	if !bytes.HasPrefix(last, []byte("{")) {
		return answer{Result: string(last)}, nil // the text format
	}
	var result answer
	if err := json.Unmarshal(last, &result); err != nil || result.Type != "result" || result.IsError {
		return answer{}, fmt.Errorf("no result in %q", out)
	}
	return result, nil
}

// kill kills a wrapper with -9 before its answer has come, and has its session reclaimed.
func (d *demo) kill(ctx context.Context) error {
	say("a wrapper killed with -9 in the middle of a turn")
	before := len(d.API.Requests())
	args := append([]string{"-p", "[[slow:30s]]"}, asStream...)
	typed("", append([]string{"claude"}, args...)...)
	cmd := d.Claude(ctx, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := until(ctx, "the API gets the request", func() bool { return len(d.API.Requests()) > before }); err != nil {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		return err
	}
	typed("", "kill", "-9", fmt.Sprint(cmd.Process.Pid))
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	_ = cmd.Wait() // killed, as wanted
	gone := func() bool { return d.API.Requests()[before].Outcome == "aborted" }
	if err := until(ctx, "the CLI behind it ends", gone); err != nil {
		return err
	}
	said, err := d.claudepool(ctx, "reclaim")
	if err != nil {
		return err
	}
	if !strings.Contains(said, fmt.Sprintf("process %d", cmd.Process.Pid)) {
		return fmt.Errorf("the session of process %d was not reclaimed", cmd.Process.Pid)
	}
	return nil
}

// until waits for something that is about to happen.
func until(ctx context.Context, what string, happened func() bool) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s: %w", what, ctx.Err())
		}
	}
	return nil
}

// claudepool runs `claudepool ARGS` and shows it with what it prints.
func (d *demo) claudepool(ctx context.Context, args ...string) (string, error) {
	typed("", append([]string{"claudepool"}, args...)...)
	out, err := d.Claudepool(ctx, args...).Output()
	fmt.Print(string(out))
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("claudepool %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return string(out), err
}

func (d *demo) tables(ctx context.Context) error {
	say("what the pool knows")
	for _, command := range []string{"sync", "status", "usage"} {
		if _, err := d.claudepool(ctx, command); err != nil {
			return err
		}
	}
	return nil
}
