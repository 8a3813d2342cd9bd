package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"golang.org/x/term"

	"claudepool/internal/claudecli"
)

type statuslineCommand struct {
	Then    string `xor:"install" placeholder:"CMD" help:"Run a status line of your own after it, with the same input: its lines come below."`
	Install bool   `xor:"install" help:"Set it in the settings of every subscription; a status line that is there is kept by --then."`
}

// Help says what it is for.
func (statuslineCommand) Help() string {
	return "The CLI runs it by itself, once it is installed: claudepool statusline --install"
}

// What bounds a status line, whatever is wrong: the CLI waits for it without end (2.1.330), and draws nothing
// meanwhile.
const (
	maxStatusLineInput = 1 << 20
	// inputTakes is for an input that does not end.
	inputTakes = 2 * time.Second
	// poolTakes is for a disk that does not answer, and lockTakes for somebody else's lock.
	poolTakes = time.Second
	lockTakes = 100 * time.Millisecond
	thenTakes = 5 * time.Second
)

// Run never fails: the CLI draws no status line whose command does.
func (c statuslineCommand) Run(a *app) error {
	if c.Install {
		return a.installStatusLine()
	}
	input := readInput(os.Stdin)
	if line := a.statusLine(input); line != "" {
		_, _ = io.WriteString(a.stdout, plain(line)+"\n") // best effort: nobody reads it any more
	}
	if c.Then != "" {
		ctx, cancel := context.WithTimeout(context.Background(), thenTakes)
		defer cancel()
		a.runThen(ctx, c.Then, input)
	}
	return nil
}

// drawsStatusLine tells whether a command line asks for the status line, which is drawn even where the settings
// are wrong.
func drawsStatusLine(args []string) bool {
	return len(args) > 0 && args[0] == "statusline" && !slices.Contains(args, "--install")
}

// readInput reads what the CLI tells; nothing where that is a person's terminal, or does not end.
func readInput(file *os.File) []byte {
	if term.IsTerminal(int(file.Fd())) {
		return nil
	}
	read := make(chan []byte, 1)
	go func() {
		input, _ := io.ReadAll(io.LimitReader(file, maxStatusLineInput)) // what came counts
		read <- input
	}()
	select {
	case input := <-read:
		return input
	case <-time.After(inputTakes):
		return nil
	}
}

// statusLine books what the input tells and makes the line, of as much as can be had in time.
func (a *app) statusLine(input []byte) string {
	now := a.now()
	told := claudecli.ReadStatusLineInput(input, now)
	active, _ := a.env.Get(subscriptionVar)
	line := statusLine{name: active, windows: told.Windows}
	if a.trouble != nil {
		return line.words(now) // which pool it would be is not known
	}
	ctx, cancel := context.WithTimeout(context.Background(), poolTakes)
	defer cancel()
	looked := make(chan statusLine, 1)
	go func() { looked <- a.lookAtPool(ctx, told, line) }()
	select {
	case line = <-looked:
	case <-ctx.Done():
	}
	return line.words(now)
}

// lookAtPool books what was told, and returns the line with what the pool knows. What it can't have stays as it is.
func (a *app) lookAtPool(ctx context.Context, told claudecli.StatusLine, line statusLine) statusLine {
	store, err := a.openStoreWith(ctx, storeOptions{busy: lockTakes, inPassing: true})
	if err != nil {
		return line
	}
	defer store.Close()
	t := teller{store: store, env: a.env, defaultDir: a.settings.places.defaultConfigDir(), now: a.now()}
	member, known, err := t.member(ctx)
	switch {
	case err != nil:
		return line
	case !known:
		return statusLine{} // the pool has no part in that run
	}
	line.name, line.api, line.running = member.Subscription.Name, member.Subscription.API, &member.Running
	news := newsIn(told.Windows, member.Windows, t.now)
	_ = t.tell(ctx, member.Subscription, told.Conversation, news) // best effort: the next time it is told again
	line.windows = withNews(member.Windows, news)
	line.today = t.today(ctx, member.Subscription)
	return line
}

// runThen runs the user's own status line. How it ends is its own affair.
func (a *app) runThen(ctx context.Context, command string, input []byte) {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), a.stdout, a.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what it starts ends with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	_ = cmd.Run()
}
