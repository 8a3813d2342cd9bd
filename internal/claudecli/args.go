package claudecli

// Invocation is what the arguments of one run say.
type Invocation struct {
	// Headless is set by -p: the CLI prints an answer and ends.
	Headless bool
	// OutputFormat and InputFormat are as given, "" where not.
	OutputFormat, InputFormat string
	// Model is as given, "" where not: an alias or a full name.
	Model string
	// Resume is the conversation given to --resume, by id or name; "" where none is.
	Resume string
	// SessionID is the id that the new conversation is to have, "" where not given.
	SessionID     string
	Continue      bool
	Fork          bool
	NoPersistence bool
	Background    bool
	// TalksToNoModel is set where the run ends without a request to a model: it needs no subscription.
	TalksToNoModel bool

	// resumes is set by --resume, with a value or without.
	resumes bool
}

// NewConversation is the id of the conversation that the run begins, "" where that is not known
// before the CLI tells it. With --fork-session a resumed run begins one too.
func (i Invocation) NewConversation() string {
	if (i.resumes || i.Continue) && !i.Fork {
		return ""
	}
	return i.SessionID
}

// TellsUsage tells whether standard output carries figures of usage. Headless does not matter: where
// standard output is no terminal the CLI answers and ends without -p as well (2.1.330).
func (i Invocation) TellsUsage() bool {
	return i.OutputFormat == "json" || i.OutputFormat == "stream-json"
}

// ParseArgs reads the arguments of the CLI, without its own name. It never fails: what the CLI would
// refuse may be read either way.
func ParseArgs(args []string) Invocation {
	p := parser{rest: args, prints: printsAnswer(args)}
	p.run()
	return p.Invocation
}

// parser reads arguments as commander.js does, the library that the CLI uses (2.1.330).
type parser struct {
	Invocation
	rest []string
	// variadic is the option that takes the operands that follow, "" where none does.
	variadic string
	// seen is set once there was an operand: only the first can be a command.
	seen bool
	// prints is set where -p stands anywhere: then no operand is a command. `claude mcp list -p` answers
	// the prompt "mcp" (2.1.330).
	prints bool
}

// printsAnswer finds -p as the CLI does before it looks at anything else: as a word of its own.
func printsAnswer(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "-p", "--print":
			return true
		case "--":
			return false
		}
	}
	return false
}

func (p *parser) run() {
	for len(p.rest) > 0 {
		arg := p.next()
		switch {
		case arg == "--":
			if len(p.rest) > 0 && !p.seen {
				p.operand(p.next())
			}
			return
		case len(arg) < 2 || arg[0] != '-':
			if p.variadic == "" && p.operand(arg) {
				return
			}
		case arg[1] == '-':
			p.long(arg)
		default:
			p.short(arg[1:])
		}
	}
}

func (p *parser) next() string {
	arg := p.rest[0]
	p.rest = p.rest[1:]
	return arg
}

// operand takes an argument that is no option, and tells whether the rest is a command's own.
func (p *parser) operand(arg string) bool {
	first := !p.seen
	p.seen = true
	if !first || p.prints {
		return false
	}
	if commandsWithoutModel[arg] {
		p.TalksToNoModel = !talksAfterAll(arg, p.rest)
		return true
	}
	return commandsWithModel[arg]
}

// long reads --name, --name=value and --name value.
func (p *parser) long(arg string) {
	name, value, given := cut(arg)
	kind := optionKinds[name]
	p.variadic = ""
	if !given {
		value, given = p.value(kind)
		if kind == listValue {
			p.variadic = name
		}
	} else if kind == flag {
		return // the CLI refuses a value here
	}
	p.apply(name, value, given)
}

// short reads a group of one-letter options, of which the last may have a value joined to it.
func (p *parser) short(group string) {
	p.variadic = ""
	for group != "" {
		name := shortNames[group[0]]
		group = group[1:]
		kind := optionKinds[name]
		if kind != flag && group != "" {
			p.apply(name, group, true)
			return
		}
		value, given := p.value(kind)
		p.apply(name, value, given)
		if name == "" {
			return // an option that is not known: the rest of the group may be its value
		}
	}
}

// value takes the value of an option off the arguments that follow it.
func (p *parser) value(kind optionKind) (value string, given bool) {
	switch {
	case kind == flag || len(p.rest) == 0:
		return "", false
	case kind == optionalValue && looksLikeOption(p.rest[0]):
		return "", false
	}
	return p.next(), true // a required value may begin with a dash
}

func (p *parser) apply(name, value string, given bool) {
	switch name {
	case "--print":
		p.Headless = true
	case "--output-format":
		p.OutputFormat = value
	case "--input-format":
		p.InputFormat = value
	case "--model":
		p.Model = value
	case "--resume":
		p.resumes = true
		if given {
			p.Resume = value
		}
	case "--session-id":
		p.SessionID = value
	case "--continue":
		p.Continue = true
	case "--fork-session":
		p.Fork = true
	case "--no-session-persistence":
		p.NoPersistence = true
	case "--bg", "--background":
		p.Background = true
	case "--version", "--help":
		p.TalksToNoModel = true
	}
}

func looksLikeOption(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

func cut(arg string) (name, value string, given bool) {
	for i := range len(arg) {
		if arg[i] == '=' {
			return arg[:i], arg[i+1:], true
		}
	}
	return arg, "", false
}
