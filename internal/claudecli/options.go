package claudecli

import "slices"

// optionKind says what follows an option. Options that are not known count as flags.
type optionKind int

const (
	flag optionKind = iota
	oneValue
	// optionalValue takes the next argument unless that looks like an option.
	optionalValue
	// listValue takes the next argument, and the operands that follow.
	listValue
)

// optionKinds are the options with a value, as `claude --help` and the program itself list them
// (2.1.330); some are hidden from the help.
var optionKinds = map[string]optionKind{
	"--accept-command": oneValue, "--advisor": oneValue, "--agent": oneValue, "--agent-color": oneValue,
	"--agent-id": oneValue, "--agent-name": oneValue, "--agent-type": oneValue, "--agents": oneValue,
	"--append-subagent-system-prompt": oneValue, "--append-subagent-system-prompt-file": oneValue,
	"--append-system-prompt": oneValue, "--append-system-prompt-file": oneValue, "--autocompact": oneValue,
	"--client-data-url": oneValue, "--correlation-id": oneValue, "--debug-file": oneValue,
	"--deep-link-cwd-b64": oneValue, "--deep-link-last-fetch": oneValue, "--deep-link-repo": oneValue,
	"--effort": oneValue, "--environment": oneValue, "--fallback-model": oneValue, "--fast-mode": oneValue,
	"--inherit-permission-mode": oneValue, "--initialize-fields": oneValue, "--input-format": oneValue,
	"--json-schema": oneValue, "--managed-settings": oneValue, "--max-budget-usd": oneValue,
	"--max-thinking-tokens": oneValue, "--max-turns": oneValue, "--messaging-socket-path": oneValue,
	"--model": oneValue, "--name": oneValue, "--output-format": oneValue, "--parent-session-id": oneValue,
	"--permission-mode": oneValue, "--permission-prompt-tool": oneValue, "--permission-prompts": oneValue,
	"--plan-mode-instructions": oneValue, "--plugin-dir": oneValue, "--plugin-dir-no-mcp": oneValue,
	"--plugin-url": oneValue, "--prefill": oneValue, "--prefill-b64": oneValue, "--project-config-root": oneValue,
	"--remote-control-session-name-prefix": oneValue, "--resume-drops-turn": oneValue,
	"--resume-session-at": oneValue, "--rewind-files": oneValue, "--sdk-url": oneValue,
	"--session-began-as-copy": oneValue, "--session-id": oneValue, "--setting-sources": oneValue,
	"--settings": oneValue, "--system-prompt": oneValue, "--system-prompt-file": oneValue,
	"--system-prompt-snapshot": oneValue, "--task-budget": oneValue, "--team-name": oneValue,
	"--teammate-mode": oneValue, "--thinking": oneValue, "--thinking-display": oneValue,
	"--watch-artifact": oneValue, "--watch-artifact-no-autoreact": oneValue, "--workload": oneValue,

	"--cloud": optionalValue, "--debug": optionalValue, "--from-pr": optionalValue,
	"--prompt-suggestions": optionalValue, "--rc": optionalValue, "--remote": optionalValue,
	"--remote-control": optionalValue, "--resume": optionalValue, "--teleport": optionalValue,
	"--worktree": optionalValue,

	"--add-dir": listValue, "--allowedTools": listValue, "--allowed-tools": listValue, "--betas": listValue,
	"--channels": listValue, "--dangerously-load-development-channels": listValue,
	"--disallowedTools": listValue, "--disallowed-tools": listValue, "--file": listValue,
	"--mcp-config": listValue, "--tools": listValue,
}

// shortNames are the options of one letter (2.1.330).
var shortNames = map[byte]string{
	'c': "--continue", 'd': "--debug", 'h': "--help", 'n': "--name", 'p': "--print", 'r': "--resume",
	'v': "--version", 'w': "--worktree",
}

// commandsWithoutModel are the commands that send nothing to a model, of 2.1.330 and of older
// versions. What a background session does is the daemon's run, not that of the command that asks
// for it.
var commandsWithoutModel = setOf(
	"agents", "attach", "auth", "auto-mode", "config", "doctor", "gateway", "help", "install", "kill", "login",
	"logout", "logs", "mcp", "migrate-installer", "plugin", "plugins", "project", "purge", "respawn", "rm",
	"setup-token", "stop", "update", "upgrade",
)

// commandsWithModel are the other commands (2.1.330).
var commandsWithModel = setOf("import", "remote-control", "ultrareview")

// talksAfterAll finds the exceptions: `plugin eval` runs prompts, and `auto-mode critique` is one
// (2.1.330).
func talksAfterAll(command string, args []string) bool {
	switch command {
	case "plugin", "plugins":
		return slices.Contains(args, "eval")
	case "auto-mode":
		return slices.Contains(args, "critique")
	}
	return false
}

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}
