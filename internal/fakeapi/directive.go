package fakeapi

import (
	"strconv"
	"strings"
	"time"
)

// DefaultText is the answer to a prompt that asks for nothing in particular.
const DefaultText = "Done."

// answer is one message of the model: text first, then at most one use of a tool.
type answer struct {
	text string
	slow time.Duration
	tool *toolUse
	// reply, where set, goes before what the token's script says.
	reply *Reply
}

// toolUse is a call that the CLI is asked to make. The names are those that a CLI may know the tool by,
// the best first.
type toolUse struct {
	names []string
	input map[string]any
}

// parse turns a prompt into the answers that it asks for, one for each request of the turn.
func parse(prompt string) []answer {
	answers := []answer{{}}
	for {
		kind, argument, rest, found := nextDirective(prompt)
		if !found {
			break
		}
		prompt = rest
		last := &answers[len(answers)-1]
		if last.apply(kind, argument); last.tool != nil {
			answers = append(answers, answer{})
		}
	}
	return answers
}

func (a *answer) apply(kind, argument string) {
	switch kind {
	case "text":
		a.text = argument
	case "slow":
		a.slow, _ = time.ParseDuration(argument)
	case "bash":
		a.tool = &toolUse{names: []string{"Bash"}, input: map[string]any{
			"command": argument, "description": "Run a command",
		}}
	case "subagent":
		a.tool = subagent(argument, false)
	case "background":
		a.tool = subagent(argument, true)
	default:
		a.reply = replyOf(kind, argument)
	}
}

func replyOf(kind, argument string) *Reply {
	var reply Reply
	switch kind {
	case "warn":
		reply = Warning(argument)
	case "limit":
		reply = Limit(argument)
	case "overage":
		reply = OnOverage(argument)
	case "throttle":
		reply = Throttle()
	case "cut":
		reply = CutOff()
	case "status":
		status, _ := strconv.Atoi(argument)
		reply = Refuse(status)
	default:
		return nil
	}
	return &reply
}

// subagent is called Task by CLIs before 2.1.63 and Agent since.
func subagent(prompt string, background bool) *toolUse {
	input := map[string]any{
		"description": "Do a part", "prompt": prompt, "subagent_type": "general-purpose",
		// Said in both cases: what a CLI does without the word has changed over time.
		"run_in_background": background,
	}
	return &toolUse{names: []string{"Agent", "Task"}, input: input}
}

// nextDirective finds the first [[kind:argument]] in the text, which may hold directives itself.
func nextDirective(text string) (kind, argument, rest string, found bool) {
	start := strings.Index(text, "[[")
	if start < 0 {
		return "", "", "", false
	}
	body := text[start+2:]
	for at, depth := 0, 1; at+1 < len(body); at++ {
		switch body[at : at+2] {
		case "[[":
			depth++
			at++
		case "]]":
			if depth--; depth == 0 {
				kind, argument, _ = strings.Cut(body[:at], ":")
				return kind, argument, body[at+2:], true
			}
			at++
		}
	}
	return "", "", "", false
}
