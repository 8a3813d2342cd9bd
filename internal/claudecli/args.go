package claudecli

// Invocation is what the arguments of one run say.
type Invocation struct {
	// Headless is set by -p: the CLI prints an answer and ends.
	Headless bool
	// OutputFormat and InputFormat are as given, "" where not.
	OutputFormat, InputFormat string
	// Model is as given, "" where not: an alias or a full name.
	Model string
	// Settings are as given by --settings: a file, or the settings themselves; "" where not.
	Settings string
	// Resume is the conversation given to --resume, by id or name; "" where none is.
	Resume string
	// SessionID is the id that the new conversation is to have, "" where not given.
	SessionID     string
	Continue      bool
	Fork          bool
	NoPersistence bool
	Background    bool
	// Command is set where it is no prompt that talks to a model, but a command that does.
	Command bool
	// TalksToNoModel is set where the run ends without a request to a model: it needs no subscription.
	TalksToNoModel bool

	// resumes is set by --resume, with a value or without, and by the other options that take up a conversation.
	resumes bool
}

// NewConversation is the id of the conversation that the run begins, "" where that is not known
// before the CLI tells it. With --fork-session a resumed run begins one too.
func (i Invocation) NewConversation() string {
	if !i.BeginsConversation() {
		return ""
	}
	return i.SessionID
}

// BeginsConversation tells whether the run begins a conversation, and takes up none or forks it.
func (i Invocation) BeginsConversation() bool { return !i.resumes && !i.Continue || i.Fork }

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

// span is one option with its value, or one operand.
type span struct {
	// from and to are the first argument of it, and the first behind it.
	from, to int
	// options are the long names: several of a group of one-letter options, none of an operand.
	options []string
	// rest is set for what only belongs to an option that takes a list, and for the separator.
	rest bool
}

// parser reads arguments as commander.js does, the library that the CLI uses (2.1.330).
type parser struct {
	Invocation
	rest []string
	// spans are kept where they are wanted: where keep is set.
	keep  bool
	spans []span
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
	total := len(p.rest)
	for len(p.rest) > 0 {
		from := total - len(p.rest)
		arg := p.next()
		switch {
		case arg == "--":
			p.note(span{from: from, to: from + 1, rest: true})
			for i := range p.rest {
				p.note(span{from: from + 1 + i, to: from + 2 + i})
			}
			if len(p.rest) > 0 && !p.seen {
				p.operand(p.next())
			}
			return
		case len(arg) < 2 || arg[0] != '-':
			p.note(span{from: from, to: from + 1, rest: p.variadic != ""})
			if p.variadic == "" && p.operand(arg) {
				return
			}
		case arg[1] == '-':
			name := p.long(arg)
			p.note(span{from: from, to: total - len(p.rest), options: []string{name}})
		default:
			names := p.short(arg[1:])
			p.note(span{from: from, to: total - len(p.rest), options: names})
		}
	}
}

func (p *parser) note(s span) {
	if p.keep {
		p.spans = append(p.spans, s)
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
	p.Command = commandsWithModel[arg]
	return p.Command
}

// long reads --name, --name=value and --name value, and returns the name.
func (p *parser) long(arg string) (name string) {
	name, value, given := cut(arg)
	kind := optionKinds[name]
	p.variadic = ""
	if !given {
		value, given = p.value(kind)
		if kind == listValue {
			p.variadic = name
		}
	} else if kind == flag {
		return name // the CLI refuses a value here
	}
	p.apply(name, value, given)
	return name
}

// short reads a group of one-letter options, of which the last may have a value joined to it, and returns
// their names.
func (p *parser) short(group string) (names []string) {
	p.variadic = ""
	for group != "" {
		name := shortNames[group[0]]
		names = append(names, name)
		group = group[1:]
		kind := optionKinds[name]
		if kind != flag && group != "" {
			p.apply(name, group, true)
			return names
		}
		value, given := p.value(kind)
		p.apply(name, value, given)
		if name == "" {
			return names // an option that is not known: the rest of the group may be its value
		}
	}
	return names
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
	case "--settings":
		p.Settings = value
	case "--resume":
		p.resumes = true
		if given {
			p.Resume = value
		}
	case "--from-pr", "--teleport":
		p.resumes = true
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
