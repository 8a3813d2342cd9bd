package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// offer goes on elsewhere after a CLI that a person used, and that has ended having met a limit: where they
// say so, or without a word where that is the setting. It returns nil where that was it.
func (f *failover) offer(ctx context.Context, at *attempt) *attempt {
	if at.err != nil || at.result.Signal != 0 {
		return nil
	}
	at.giveBack(ctx)
	at.settle(ctx) // the interface tells of limits in its transcript
	met, closed := f.stillClosed(ctx, at)
	conversation := at.lastConversation()
	if !closed || conversation == "" || transcriptOf(at, conversation) == "" {
		return nil
	}
	p := plan{args: claudecli.TakeUp(at.launch.argv[1:], conversation), conversation: conversation}
	target := f.likely(ctx, at, p)
	if target == "" || !f.agreed(at, met, target) {
		return nil
	}
	lease, err := f.elsewhere(ctx, at, p)
	if err != nil {
		if at.waitEnded(err); at.err == nil {
			f.warn("%v", err)
		}
		return nil
	}
	next := f.with(p.args)
	if err := next.provide(ctx, lease); err != nil {
		f.warn("the conversation can't be taken along: %v", err)
		f.returnUnused(ctx, lease)
		return nil
	}
	return f.run(ctx, next, lease, nil)
}

// stillClosed tells whether the session met a limit that keeps its subscription closed even now.
func (f *failover) stillClosed(ctx context.Context, at *attempt) (pool.Verdict, bool) {
	session, err := f.store.Session(ctx, at.session.ID)
	if err != nil || session.Met == "" {
		return pool.Verdict{}, false
	}
	candidates, err := f.store.Candidates(ctx, f.now())
	if err != nil {
		return pool.Verdict{}, false
	}
	for _, c := range candidates {
		if c.Subscription.Name == at.subscription.Name {
			v := f.settings.Policy.Judge(pool.Request{Model: f.invocation.Model, ModelOn: f.modelOn}, c, f.now())
			return v, v.Code == pool.Limited
		}
	}
	return pool.Verdict{}, false
}

// likely names the subscription that the conversation would go on on, "" where none has room.
func (f *failover) likely(ctx context.Context, at *attempt, p plan) string {
	request, err := f.requestAfter(ctx, at, p)
	if err != nil {
		return ""
	}
	candidates, err := f.store.Candidates(ctx, f.now())
	if err != nil {
		return ""
	}
	picked, _, err := f.settings.Policy.Choose(request, candidates, f.now())
	if err != nil {
		return ""
	}
	return picked.Subscription.Name
}

// agreed tells the person what happened, and asks unless the setting is to go on by itself.
func (f *failover) agreed(at *attempt, met pool.Verdict, target string) bool {
	words := fmt.Sprintf("%s is %s, which resets at %s", at.subscription.Name, met.Reason, localTime(met.FreeAt, f.now()))
	if f.settings.Failover == failoverAuto {
		f.warn("%s; going on on %s", words, target)
		return true
	}
	tty, err := openTerminal()
	if err != nil {
		return false
	}
	defer tty.Close()
	fmt.Fprintf(f.stderr, "claudepool: %s; continue the conversation on %s? [y/N] ", words, target)
	answer, answered := readAnswer(tty)
	if !answered {
		fmt.Fprintln(f.stderr)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}

// openTerminal opens the person's terminal, where there is one.
func openTerminal() (*os.File, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err == nil && !term.IsTerminal(int(tty.Fd())) {
		_ = tty.Close()
		err = os.ErrNotExist
	}
	return tty, err
}

// readAnswer reads a line; false where there is none, or a signal came first.
func readAnswer(tty *os.File) (string, bool) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(interrupted)
	line := make(chan string, 1)
	go func() {
		defer close(line)
		if text, err := bufio.NewReader(tty).ReadString('\n'); err == nil {
			line <- text
		}
	}()
	select {
	case text, ok := <-line:
		return text, ok
	case <-interrupted:
		return "", false
	}
}
