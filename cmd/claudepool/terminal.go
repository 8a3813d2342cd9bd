package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"claudepool/pool"
	"claudepool/wrapper"
)

// All of our own words to the user go through this file. They go to standard error, begin with
// "claudepool: ", have no capital and no full stop, and an error says in a second line what to type.
// Standard output belongs to the real CLI or to the answer of a command.

// The exit statuses that mean something; see sysexits(3). Everything else that fails is exitFailure.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitTemporary   = 75
	exitNotRunnable = 126
	exitConfig      = 78
)

// noPoolYet is what a launch says where there is no pool.
const noPoolYet = "there is no pool yet, running the CLI as it is; to make one: claudepool init"

// emptyPoolYet is the same where there is a pool with nothing in it.
const emptyPoolYet = "the pool is empty, running the CLI as it is; to add a subscription: claudepool add NAME"

// exitCode is an error that only says what status to end with: all has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit status %d", int(c)) }

// hinted is an error with what to type next.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

func withHint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// warn tells the user something in one line.
func (a *app) warn(format string, args ...any) { say(a.stderr, fmt.Sprintf(format, args...)) }

// fail tells an error and what to do about it, and returns the exit status for it. Where it was a signal we
// end by that, without a word.
func (a *app) fail(err error) int {
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	var interrupted *interruptedError
	if errors.As(err, &interrupted) {
		return wrapper.Result{Signal: interrupted.signal}.End()
	}
	say(a.stderr, err.Error())
	if hint := a.hintFor(err); hint != "" {
		say(a.stderr, hint)
	}
	return statusFor(err)
}

func say(w io.Writer, text string) {
	// A path or a word of somebody else's may have anything in it.
	fmt.Fprintf(w, "claudepool: %s\n", plain(strings.ReplaceAll(text, "\n", "; ")))
}

// statusFor returns the exit status for an error.
func statusFor(err error) int {
	var (
		start   *wrapper.StartError
		setting *settingError
		config  *configError
		usage   *usageError
		invalid *pool.InvalidError
		pin     *pinError
	)
	switch {
	case errors.As(err, &start):
		return start.Code()
	case isAway(err):
		return exitTemporary
	case errors.As(err, &usage), errors.As(err, &invalid):
		return exitUsage
	case errors.Is(err, wrapper.ErrRecursion):
		return exitNotRunnable
	case errors.Is(err, pool.ErrExhausted), errors.Is(err, pool.ErrBusy), errors.Is(err, pool.ErrFull):
		return exitTemporary
	case errors.As(err, &setting), errors.As(err, &config), errors.As(err, &pin), isBrokenStore(err):
		return exitConfig
	}
	return exitFailure
}

func isBrokenStore(err error) bool {
	for _, broken := range []error{pool.ErrNoPool, pool.ErrReadOnly, pool.ErrCorrupt, pool.ErrUnreadable, pool.ErrNewerSchema} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return false
}

// hintFor says what to type about an error, "" where nothing is known.
func (a *app) hintFor(err error) string {
	var (
		hint      *hinted
		exhausted *pool.ExhaustedError
		config    *configError
		setting   *settingError
		start     *wrapper.StartError
		invalid   *pool.InvalidError
	)
	switch {
	case errors.As(err, &hint):
		return hint.hint
	case errors.As(err, &exhausted):
		return a.exhaustedHint(exhausted)
	case errors.As(err, &config):
		return a.configHint(config)
	case errors.As(err, &setting):
		return fmt.Sprintf("unset %s, or set it to %s", setting.name, setting.want)
	case errors.As(err, &start):
		return startHint(start)
	case errors.As(err, &invalid):
		return "see what it takes: claudepool add --help"
	case isAway(err):
		return a.awayHint()
	case a.settings.onServer():
		return a.serverHint(err)
	}
	if errors.Is(err, pool.ErrReadOnly) || errors.Is(err, pool.ErrUnreadable) {
		return a.databaseHint(err)
	}
	return hintOf(err, shellQuote(a.settings.Database))
}

// hintOf is what to type about an error that carries nothing to say it with, "" where nothing is known.
func hintOf(err error, database string) string {
	for _, known := range hints {
		if errors.Is(err, known.err) {
			return strings.ReplaceAll(known.hint, "{}", database)
		}
	}
	return ""
}

// configHint says how a file is mended.
func (a *app) configHint(e *configError) string {
	mend := a.mend(e.path)
	var unreadable syscall.Errno
	switch {
	case errors.As(e.err, &unreadable):
		return "see what is there: ls -ld " + shellQuote(nearestThere(e.path))
	case e.near != "":
		return fmt.Sprintf("did you mean %s? %s", e.near, mend)
	case errors.Is(e, errNoSetting):
		return mend + "; all settings: claudepool config show"
	}
	return mend
}

// mend says how to edit a config file.
func (a *app) mend(path string) string {
	if path == a.settings.places.configFile() {
		return "mend it: claudepool config edit"
	}
	return "mend it: ${EDITOR:-vi} " + shellQuote(path)
}

// hints are what to type about errors that carry nothing to say it with. {} stands for the database.
var hints = []struct {
	err  error
	hint string
}{
	{pool.ErrNoPool, "make a pool: claudepool init"},
	{pool.ErrNameTaken, "choose another name, or see what is there: claudepool list"},
	{pool.ErrDirTaken, "choose another directory, or see what is there: claudepool list"},
	{pool.ErrInUse, "wait for its sessions to end, or see them: claudepool sessions"},
	{pool.ErrAmbiguous, "give more of the id; the whole ids: claudepool sessions --all"},
	{pool.ErrBusy, "try again; who has it open: fuser {}"},
	{pool.ErrFull, "make room on the disk of {} and try again"},
	{pool.ErrCorrupt, "put it aside and begin anew: mv {} {}.corrupt && rm -f {}-wal {}-shm && claudepool init"},
	{pool.ErrOlderSchema, "bring it up to date: claudepool doctor --fix"},
	{pool.ErrNewerSchema, "install the claudepool that made it, or use another database: export CLAUDEPOOL_DB=PATH"},
	{wrapper.ErrRecursion, "name the real CLI itself, not a script that calls `claude`: export CLAUDEPOOL_CLAUDE=/path/to/claude"},
}

// startHint says what to do about a CLI that could not be started.
func startHint(e *wrapper.StartError) string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return "install it, or name it: export CLAUDEPOOL_CLAUDE=/path/to/claude"
	case errors.Is(e.Err, fs.ErrPermission):
		return "make it one that can be run: chmod +x " + shellQuote(e.Path)
	}
	return "name the real CLI: export CLAUDEPOOL_CLAUDE=/path/to/claude"
}

// exhaustedHint says when the pool frees up, as far as that is known, or else what would free it.
func (a *app) exhaustedHint(e *pool.ExhaustedError) string {
	if !e.FreeAt.IsZero() {
		return fmt.Sprintf("the first one frees up at %s, in %s; see why: claudepool status",
			localTime(e.FreeAt, a.now()), span(e.FreeAt.Sub(a.now())))
	}
	if remedy := a.exhaustedRemedy(e); remedy != "" {
		return remedy
	}
	return "see why: claudepool explain"
}
