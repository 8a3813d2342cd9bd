package claudecli

import "slices"

// GoOnPrompt is what a conversation that was broken off by a limit is told, for the model to take it up
// again: the finished results of tools are in it, so nothing is done twice (2.1.330).
const GoOnPrompt = "Continue from where you left off."

// GoOn returns the arguments for a run that goes on with the conversation which a run with args has begun or
// taken up: all options stay, but for those that name a conversation, and the prompt.
func GoOn(args []string, conversation string) []string {
	return append(TakeUp(args, conversation), GoOnPrompt)
}

// TakeUp is GoOn for a person, who says themselves how it is to go on.
func TakeUp(args []string, conversation string) []string {
	var kept []string
	for _, s := range spansOf(args) {
		switch own := args[s.from:s.to]; {
		case s.rest && args[s.from] == "--", len(s.options) == 0 && !s.rest:
		case len(s.options) > 1:
			kept = append(kept, withoutConversation(own)...)
		case len(s.options) == 1 && slices.Contains(conversationOptions, s.options[0]):
		default:
			kept = append(kept, own...)
		}
	}
	return append(kept, "--resume", conversation)
}

// Again returns the arguments for a run that does the same as one with args has begun to do on a
// conversation, of which nothing has come yet. That conversation has to be out of the way where the run
// began it: the CLI refuses an id that is in use (2.1.330).
func Again(args []string, conversation string) []string {
	inv := ParseArgs(args)
	switch {
	case conversation == "":
		return args
	case !inv.BeginsConversation() && inv.Continue:
		return resumeInstead(args, conversation)
	case inv.BeginsConversation() && inv.SessionID == "":
		return append([]string{"--session-id", conversation}, args...)
	}
	return args
}

// resumeInstead names the conversation that --continue took up: by now another may be the latest. It does
// so in the same place, where what follows may need an option before it: a prompt behind a list of tools.
func resumeInstead(args []string, conversation string) []string {
	var again []string
	for _, s := range spansOf(args) {
		own := args[s.from:s.to]
		switch {
		case !slices.Contains(s.options, "--continue"):
			again = append(again, own...)
			continue
		case len(s.options) > 1:
			again = append(again, withoutConversation(own)...)
		}
		again = append(again, "--resume", conversation)
	}
	return again
}

// conversationOptions are the options that name a conversation, or a place in one (2.1.330).
var conversationOptions = []string{
	"--resume", "--continue", "--session-id", "--fork-session", "--from-pr", "--teleport",
	"--resume-session-at", "--resume-drops-turn", "--rewind-files",
}

// withoutConversation takes -c and -r out of a group of one-letter options and their values. That of -r
// goes too, whether it is joined to it or follows the group; nothing else can come behind it.
func withoutConversation(own []string) []string {
	kept, values := "-", own[1:]
	for group := own[0][1:]; group != ""; group = group[1:] {
		name := shortNames[group[0]]
		if name == "--resume" {
			values = nil
			break
		}
		if name == "" || optionKinds[name] != flag { // the rest is its value
			kept += group
			break
		}
		if name != "--continue" {
			kept += group[:1]
		}
	}
	if kept == "-" {
		return nil
	}
	return append([]string{kept}, values...)
}

func spansOf(args []string) []span {
	p := parser{rest: args, prints: printsAnswer(args), keep: true}
	p.run()
	return p.spans
}
