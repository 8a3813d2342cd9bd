package main

import (
	"cmp"
	"errors"

	"github.com/alecthomas/kong"
)

// usageError is what kong says of a command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// commands is the grammar of `claudepool …`.
type commands struct {
	Init         initCommand         `cmd:"" help:"Make the pool, with the login in ~/.claude as its first subscription."`
	Add          addCommand          `cmd:"" help:"Add a subscription."`
	Login        loginCommand        `cmd:"" help:"Sign in to a subscription, with the real CLI's own sign-in."`
	SyncSettings syncSettingsCommand `cmd:"" help:"Copy the MCP servers of the user's scope to a subscription."`
	Set          setCommand          `cmd:"" help:"Change settings of a subscription."`
	Rename       renameCommand       `cmd:"" help:"Give a subscription another name; its config directory stays."`
	Tag          tagCommand          `cmd:"" help:"Put tags on a subscription, or take them away."`
	Remove       removeCommand       `cmd:"" help:"Take a subscription out of the pool; its config directory stays."`
	Enable       enableCommand       `cmd:"" help:"Let a subscription be picked again."`
	Disable      disableCommand      `cmd:"" help:"Keep a subscription from being picked."`
	List         listCommand         `cmd:"" help:"List the subscriptions and their settings."`
	Status       statusCommand       `cmd:"" help:"Show what each subscription has room for."`
	Explain      explainCommand      `cmd:"" help:"Say which subscription a run here would be on, and why."`
	Cooldown     cooldownCommand     `cmd:"" help:"Keep a subscription from being picked for a while, or lift what keeps it closed."`
	Usage        usageCommand        `cmd:"" help:"Add up tokens and cost."`
	Sessions     sessionsCommand     `cmd:"" help:"List the running sessions, or all."`
	Release      releaseCommand      `cmd:"" help:"Give a session's place back by hand; the CLI in it runs on."`
	Reclaim      reclaimCommand      `cmd:"" help:"End the sessions whose process is gone, and book what waits in the spool."`
	Sync         syncCommand         `cmd:"" help:"Read the transcripts into the ledger."`
	Prune        pruneCommand        `cmd:"" help:"Turn old detail of the ledger into totals."`
	Maintain     maintainCommand     `cmd:"" help:"Run what is due of the pool's own upkeep, once or for good."`
	Notify       notifyCommand       `cmd:"" help:"Deliver events to the channels, see what waits, and try a channel."`
	Rebalance    rebalanceCommand    `cmd:"" help:"Let idle conversations go on with a subscription that is used less."`
	Run          runCommand          `cmd:"" help:"Run the real CLI as the shim does."`
	Exec         execCommand         `cmd:"" help:"Run a command with a subscription's environment."`
	Env          envCommand          `cmd:"" help:"Print a subscription's environment, for eval in a shell."`
	Shim         shimCommand         `cmd:"" help:"Put claudepool in the place of claude, or take it away."`
	Shellenv     shellenvCommand     `cmd:"" help:"Print what puts the shim first on PATH, for eval in a shell."`
	Export       exportCommand       `cmd:"" help:"Print the pool's subscriptions, or its ledger, without secrets."`
	Import       importCommand       `cmd:"" help:"Take in what export printed: subscriptions, or a ledger."`
	Completion   completionCommand   `cmd:"" help:"Print the completion for a shell."`
	Man          manCommand          `cmd:"" help:"Print the manual page."`
	Complete     completeCommand     `cmd:"" name:"__complete" hidden:""`
	Config       configCommand       `cmd:"" help:"Show, edit and check the settings."`
	Doctor       doctorCommand       `cmd:"" help:"Say what is wrong with the pool and around it, and mend it."`
	Statusline   statuslineCommand   `cmd:"" help:"Print a line for the CLI's status line, and book what the CLI tells it."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

// manageMain is `claudepool …`.
func manageMain(a *app, args []string) int {
	if len(args) > 0 && args[0] == "run" { // a launch: no time for the grammar
		if run, ok := splitRunArgs(args[1:]); ok {
			return runWrapped(a, run)
		}
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "--version":
		args = []string{"version"}
	case args[0] == "help":
		args = append(args[1:len(args):len(args)], "--help")
	case args[0] == "": // the beginning of every command
		return a.fail(withHint(&usageError{errors.New("no command has an empty name")}, "see all: claudepool --help"))
	case args[0] == "tag":
		args = shieldTags(args)
	}
	var grammar commands
	exited := -1
	parser, err := newParser(a, &grammar, func(code int) { exited = code })
	if err != nil {
		return a.fail(err)
	}
	ctx, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help has been printed
		return exited
	case err != nil:
		return a.fail(withHint(&usageError{err}, "see how: %s --help", commandOf(err)))
	}
	if err := cmp.Or(ctx.Run(a), a.lost); err != nil {
		return a.fail(err)
	}
	return 0
}

func newParser(a *app, grammar *commands, exit func(int)) (*kong.Kong, error) {
	return kong.New(grammar, append(readArguments(),
		kong.Name("claudepool"), kong.Description("Runs the real claude CLI on one of your own subscriptions."),
		kong.Writers(a.stdout, a.stderr), kong.Exit(exit), kong.Help(a.printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))...)
}

// commandOf names the command, as far as a wrong command line has got to one.
func commandOf(err error) string {
	words := "claudepool"
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		if node := wrong.Context.Selected(); node != nil {
			words = node.FullPath()
		}
	}
	return words
}
