package main

// manTerm is a word and what it means.
type manTerm struct{ term, help string }

var manDescription = []string{
	"claudepool stands in for claude, the Claude Code CLI. Called by the name claude, as the shim does it, it picks one of the user's own " +
		"subscriptions from a pool, starts the real, unmodified CLI on it, stays out of the way, and books every token in a ledger. " +
		"Every argument is the CLI's then. Called by its own name it manages the pool.",
	"It never reads, copies, stores or sends a credential: each subscription keeps its own config directory, in which only the CLI signs in.",
	"A NAME is the name of a subscription, or how it begins where no other begins so; remove, and settings, take whole names only.",
}

// manEnvironment are the settings that have a variable; what else there is comes from the declarations.
func manEnvironment() (terms []manTerm) {
	for d := range declarations() {
		if d.variable != "" {
			terms = append(terms, manTerm{d.variable, d.words})
		}
	}
	return append(terms,
		manTerm{"CLAUDE_CONFIG_DIR", "where the user has set it, claude runs there, and the pool does not choose"},
		manTerm{"NO_COLOR", "tables have no colours where it is set"},
	)
}

var manFiles = []manTerm{
	{"~/.config/claudepool/config.toml", "settings; see claudepool config show"},
	{"~/.config/claudepool/prices.toml", "list prices for what the CLI gave no cost for"},
	{"~/.local/state/claudepool/pool.db", "the pool: subscriptions, sessions, windows and the ledger"},
	{"~/.local/share/claudepool/subscriptions/NAME", "config directories that claudepool has made"},
	{"~/.local/share/claudepool/shim", "the shim"},
}

var manExits = []manTerm{
	{"the CLI's own", "of a run; where a signal ended the CLI, claudepool ends by the same signal"},
	{"1", "something failed, and standard error says what"},
	{"2", "the command line is wrong"},
	{"75", "no subscription has room, or the database is busy"},
	{"78", "a setting or the database is wrong"},
	{"126, 127", "the real CLI can't be run, or is missing"},
}
