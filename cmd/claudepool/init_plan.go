package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"claudepool/pool"
)

// setup is what init is going to do.
type setup struct {
	makePool bool
	take     []pool.Subscription
	shim     bool
	startup  *startupLine // nil where nothing is added
}

// plan settles what is to be done, and does nothing itself.
func (c initCommand) plan(ctx context.Context, a *app, isAsking bool) (setup, error) {
	members, isThere, err := a.members(ctx)
	if err != nil {
		return setup{}, err
	}
	a.tellRealCLI()
	p := planner{initCommand: c, app: a, isAsking: isAsking, members: members, s: setup{makePool: !isThere}}
	for _, step := range []func() error{p.directories, p.theShim, p.startup} {
		if err := step(); err != nil {
			return setup{}, err
		}
	}
	return p.s, nil
}

// members are the subscriptions that the pool has; false where there is no pool.
func (a *app) members(ctx context.Context) ([]pool.Subscription, bool, error) {
	store, err := a.openStore(ctx, false)
	if errors.Is(err, pool.ErrNoPool) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer store.Close()
	members, err := store.Subscriptions(ctx)
	return members, true, err
}

func (a *app) tellRealCLI() {
	path, err := a.settings.lookup(a.env).Locate()
	if err != nil {
		a.warn("the real CLI was not found: %v", err)
		a.warn("%s", a.hintFor(err))
		return
	}
	a.printf("real CLI: %s\n", path)
}

// planner is one run of plan.
type planner struct {
	initCommand
	*app
	isAsking bool
	members  []pool.Subscription // of the pool, and those that are taken in
	s        setup
}

// directories settles which config directories are taken in.
func (p *planner) directories() error {
	for _, word := range p.Take {
		if err := p.takeWord(word); err != nil {
			return err
		}
	}
	if !p.isAsking || len(p.Take) > 0 || p.All {
		return p.takeFound()
	}
	for _, dir := range p.foundDirs(p.members) {
		if err := p.askFor(dir); err != nil {
			return err
		}
	}
	return nil
}

// takeFound takes in, without a question, what was found by its own name: all, or for a new pool that is told
// of none the login of plain claude.
func (p *planner) takeFound() error {
	for _, dir := range p.foundDirs(p.members) {
		isFirst := p.s.makePool && len(p.Take) == 0 && dir.isDefault
		switch {
		case dir.namedIn != "":
			p.printf("%s names %s; to take it in: claudepool init --take %s\n",
				p.settings.places.tilde(dir.namedIn), dir.path, shellQuote(dir.path+"="+dir.name))
		case p.All || p.Yes || isFirst:
			if err := p.takeIn(dir.path, dir.name, dir.isDefault); err != nil {
				return err
			}
		}
	}
	return nil
}

// askFor offers a directory. Enter takes in one that was found by its own name, and leaves any other.
func (p *planner) askFor(dir foundDir) error {
	words, standard := p.settings.places.tilde(dir.path), dir.name
	if dir.namedIn != "" {
		words, standard = fmt.Sprintf("%s, which %s names,", words, p.settings.places.tilde(dir.namedIn)), "-"
	}
	for {
		name, err := p.ask(fmt.Sprintf("take in %s as a subscription? its name, or - for no", words), standard)
		if err != nil {
			return err
		}
		switch strings.ToLower(name) { // a question that many answer before they have read it to its end
		case "-", "n", "no":
			return nil
		case "y", "yes":
			name = dir.name
		}
		if err = p.takeIn(dir.path, name, dir.isDefault); err == nil {
			return nil
		}
		p.warn("%v", err)
	}
}

// takeWord reads DIR=NAME. A directory may have = in its name, a subscription may not.
func (p *planner) takeWord(word string) error {
	const hint = "for example: claudepool init --take ~/.claude-work=work"
	at := strings.LastIndexByte(word, '=')
	if at < 1 || at == len(word)-1 {
		return withHint(&pool.InvalidError{Field: "take", Value: word, Want: "be a config directory and a name, as DIR=NAME"}, hint)
	}
	dir, name := p.expandHome(word[:at]), word[at+1:]
	if !isDir(dir) {
		return withHint(&pool.InvalidError{Field: "take", Value: word, Want: "name a config directory that is there"},
			"for a new one: claudepool add %s", shellQuote(name))
	}
	for _, m := range p.members {
		if isSameFile(dir, p.dirOf(m)) {
			if m.Name != name {
				p.warn("%s is in the pool already, as %s", dir, m.Name)
			}
			return nil
		}
	}
	return p.takeIn(dir, name, isSameFile(dir, p.settings.places.defaultConfigDir()))
}

// takeIn puts a directory on the list, checked as add does it.
func (p *planner) takeIn(dir, name string, isDefault bool) error {
	c := addCommand{Name: name, ConfigDir: dir, NoRampUp: true} // it is in use already
	if isDefault {
		c.ConfigDir, c.DefaultDir = "", true
	}
	sub, err := c.subscription(p.app)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.members, func(m pool.Subscription) bool { return m.Name == name }) {
		return fmt.Errorf("add subscription %s: %w", name, pool.ErrNameTaken)
	}
	p.members, p.s.take = append(p.members, sub), append(p.s.take, sub)
	return nil
}

// theShim settles whether it is put in place.
func (p *planner) theShim() (err error) {
	if shim := p.lookAtShim(); p.NoShim || shim.Installed || shim.First {
		return nil
	}
	if err := p.refuseForeign(p.settings.places.shim()); err != nil {
		return err
	}
	p.s.shim, err = p.agreed("install the shim, so that plain claude uses the pool?")
	return err
}

// startup settles whether the start-up file of the shell gets its line.
func (p *planner) startup() (err error) {
	shim := p.lookAtShim()
	if p.NoShim || p.NoRC || !p.RC && (shim.First || !shim.Installed && !p.s.shim) {
		return nil
	}
	line, err := p.startupLine()
	switch {
	case err != nil && p.RC:
		return err
	case err != nil || p.hasShimFirst(line.shell):
		return nil
	}
	if err := line.checkAppendable(); err != nil {
		if p.RC {
			return err
		}
		p.warn("%v", err) // what to add where is told in the end
		return nil
	}
	switch {
	case p.RC:
		p.s.startup = &line
		return nil
	case !p.isAsking && !p.Yes:
		return nil // a file of the user's own: only where they say so
	}
	p.printf("the line that puts the shim first on PATH: %s\n", line.text)
	yes, err := p.agreed(fmt.Sprintf("add it to %s?", p.tildes(line.files)))
	if yes {
		p.s.startup = &line
	}
	return err
}

// agreed asks, and takes yes where nobody is to be asked.
func (p *planner) agreed(question string) (bool, error) {
	if !p.isAsking {
		return true, nil
	}
	return p.askYes(question)
}

// isNothing tells whether all has been done before.
func (s setup) isNothing() bool {
	return !s.makePool && len(s.take) == 0 && !s.shim && s.startup == nil
}

// carryOut does it. It takes an instant, in which Ctrl-C is left without effect.
func (s setup) carryOut(ctx context.Context, a *app) error {
	held := make(chan os.Signal, 1)
	signal.Notify(held, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(held)
	if s.isNothing() {
		a.printf("there is a pool already, nothing was changed: %s\n", a.settings.databaseWords())
	} else if err := s.fill(ctx, a); err != nil {
		return err
	}
	if s.shim {
		if err := a.installShim(); err != nil {
			return err
		}
	}
	if s.startup != nil {
		if err := a.addStartupLine(*s.startup); err != nil {
			return err
		}
	}
	a.warnOfConfigDirVar()
	if s.startup == nil && !a.hasShimFirst(a.loginShell()) {
		a.tellShimLeft()
	}
	return nil
}

// tellShimLeft says what is left to do by hand.
func (a *app) tellShimLeft() {
	shim := a.lookAtShim()
	switch {
	case shim.First:
	case shim.Installed:
		a.printf("%s", a.shellenvAdvice())
	default:
		a.printf("to have plain claude use the pool: claudepool shim install\n")
	}
}

// fill makes the pool where there is none, and adds its subscriptions.
func (s setup) fill(ctx context.Context, a *app) (err error) {
	store, err := a.openStore(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if s.makePool {
		a.printf("made the pool %s\n", a.settings.databaseWords())
	}
	for _, sub := range s.take {
		if _, err := store.AddSubscription(ctx, sub); err != nil {
			return err
		}
		a.printf("added %s: the login in %s\n", sub.Name, a.dirOf(sub))
		a.warnOfSettings(sub)
	}
	return nil
}
