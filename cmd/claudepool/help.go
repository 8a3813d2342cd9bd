package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// helpWidth and helpHeight are the screen that the overview fits, commandHeight what the help of a command may take.
const (
	helpWidth     = 80
	helpHeight    = 24
	commandHeight = 40
)

// overview are the commands that the overview says something of; it names the others.
var overview = []struct {
	title    string
	commands []string
}{
	{"To begin", []string{"init", "add", "doctor"}},
	{"Every day", []string{"status", "explain", "usage", "list", "set", "run", "exec"}},
}

// printHelp prints the overview, or the help of a command with its examples.
func (a *app) printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	node := ctx.Selected()
	if node == nil {
		a.printf("%s", overviewText(ctx.Model.Node))
		return nil
	}
	examples := ""
	if lines := exampleLines(commandPath(node)); len(lines) > 0 {
		examples = "\nExamples:\n" + strings.Join(lines, "\n") + "\n"
	}
	if heightOf(options, ctx)+strings.Count(examples, "\n") > commandHeight {
		options.ValueFormatter = func(v *kong.Value) string { return firstSentence(v.Help) }
		examples += "\nThe manual page tells more of the flags: claudepool man\n"
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	a.printf("%s", examples)
	return nil
}

// heightOf is how many lines kong's help takes, as wide as the screen that the overview fits.
func heightOf(options kong.HelpOptions, ctx *kong.Context) int {
	var text bytes.Buffer
	stdout := ctx.Stdout
	ctx.Stdout = &text
	defer func() { ctx.Stdout = stdout }()
	if kong.DefaultHelpPrinter(options, ctx) != nil {
		return 0 // it will fail again, and be told
	}
	return bytes.Count(text.Bytes(), []byte("\n"))
}

// exampleLines are the examples of a command, with what they are for in a column of its own.
func exampleLines(path string) (lines []string) {
	width := 0
	for _, e := range examples[path] {
		if e.what != "" {
			width = max(width, len(e.words))
		}
	}
	for _, e := range examples[path] {
		line := "  claudepool " + e.words
		if e.what != "" {
			line = fmt.Sprintf("  claudepool %-*s  # %s", width, e.words, e.what)
		}
		lines = append(lines, line)
	}
	return lines
}

// commandPath is what follows claudepool on the command line.
func commandPath(node *kong.Node) string {
	var names []string
	for ; node != nil && node.Type == kong.CommandNode; node = node.Parent {
		names = append([]string{node.Name}, names...)
	}
	return strings.Join(names, " ")
}

func overviewText(root *kong.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: claudepool COMMAND …\n", root.Help)
	told := map[string]bool{}
	for _, part := range overview {
		fmt.Fprintf(&b, "\n%s:\n", part.title)
		for _, name := range part.commands {
			if child := childNamed(root, name); child != nil {
				told[name] = true
				fmt.Fprintf(&b, "  %-8s  %s\n", name, cutTo(firstSentence(child.Help), helpWidth-12))
			}
		}
	}
	var more []string
	for _, c := range commandsOf(root) {
		if !told[c.word] {
			more = append(more, c.word)
		}
	}
	fmt.Fprintf(&b, "\nAlso:\n%s", wordLines(more, helpWidth))
	b.WriteString("\nclaudepool COMMAND --help tells more of one, claudepool man of all.\n")
	return b.String()
}

// cutTo shortens a text at a word.
func cutTo(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	cut := string(letters[:most-2])
	return cut[:strings.LastIndexByte(cut, ' ')] + " …"
}

// wordLines sets words in lines of a width, indented.
func wordLines(words []string, width int) string {
	var b strings.Builder
	line := " "
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		if len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}
