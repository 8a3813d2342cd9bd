package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// completeCommand answers what the scripts of completion.go ask: what the last of the words of a command
// line may become.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints a word a line, behind a tab what it stands for. It has no errors: nothing is the answer to
// what is not understood.
func (c completeCommand) Run(a *app, ctx *kong.Context) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	for _, w := range (completion{app: a}).words(ctx.Model.Node, words[:len(words)-1], last) {
		if strings.HasPrefix(w.word, last) {
			a.printf("%s\t%s\n", w.word, plain(w.what))
		}
	}
	return nil
}

// completed is a word that may stand there, and what it is.
type completed struct{ word, what string }

// completion follows a command line through the grammar.
type completion struct {
	*app
	node *kong.Node
	// given are the arguments of the command so far.
	given []string
	// flag is the one whose value comes next, nil for none.
	flag *kong.Flag
	// noFlags is set behind --.
	noFlags bool
}

func (c completion) words(root *kong.Node, before []string, last string) []completed {
	c.node = root
	for _, word := range before {
		c.follow(word)
	}
	name, _, hasValue := strings.Cut(last, "=")
	switch {
	case c.flag != nil:
		return c.flagValues(c.flag, "")
	case c.passesOn():
		return nil
	case !c.noFlags && strings.HasPrefix(last, "--") && hasValue:
		return c.flagValues(flagNamed(c.node, name), name+"=")
	case !c.noFlags && strings.HasPrefix(last, "-") && c.node.Name != "tag":
		return flagsOf(c.node)
	}
	return append(commandsOf(c.node), c.argumentValues(last)...)
}

func (c *completion) follow(word string) {
	name, _, hasValue := strings.Cut(word, "=")
	switch {
	case c.flag != nil:
		c.flag = nil
	case c.noFlags || c.passesOn():
		c.given = append(c.given, word)
	case word == "--":
		c.noFlags = true
	case strings.HasPrefix(word, "--"):
		if flag := flagNamed(c.node, name); flag != nil && !flag.IsBool() && !hasValue {
			c.flag = flag
		}
	default:
		if child := childNamed(c.node, word); child != nil {
			c.node = child
			return
		}
		c.given = append(c.given, word)
	}
}

// passesOn tells whether what comes is for another program.
func (c completion) passesOn() bool {
	p := c.positional()
	return p != nil && p.Passthrough && len(c.given) >= len(c.node.Positional)-1 && (c.noFlags || len(c.given) >= len(c.node.Positional))
}

// positional is the argument that comes next, nil where none does.
func (c completion) positional() *kong.Positional {
	n := len(c.node.Positional)
	if n == 0 || len(c.given) >= n && !c.node.Positional[n-1].IsCumulative() {
		return nil
	}
	return c.node.Positional[min(len(c.given), n-1)]
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// flagNamed finds --name, nil where the command has none.
func flagNamed(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if "--"+flag.Name == name {
				return flag
			}
		}
	}
	return nil
}

func commandsOf(node *kong.Node) (words []completed) {
	for _, child := range node.Children {
		if !child.Hidden {
			words = append(words, completed{child.Name, child.Help})
		}
	}
	return words
}

func flagsOf(node *kong.Node) (words []completed) {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			words = append(words, completed{"--" + flag.Name, firstSentence(flag.Help)})
		}
	}
	return words
}

// firstSentence ends a help text at its first stop, or what comes before an aside.
func firstSentence(text string) string {
	for _, end := range []string{"; ", ". ", " ("} {
		text, _, _ = strings.Cut(text, end)
	}
	return strings.TrimSuffix(text, ".")
}
