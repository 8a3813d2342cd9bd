package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type manCommand struct{}

// Help says how to use it.
func (manCommand) Help() string {
	return `To read it: claudepool man | man -l -
To install it: claudepool man >~/.local/share/man/man1/claudepool.1`
}

// Run prints the manual page, made from the grammar.
func (manCommand) Run(a *app, ctx *kong.Context) error {
	a.printf("%s", manPage(ctx.Model.Node))
	return nil
}

// page is a manual page in the making, in the man(7) macros.
type page struct{ strings.Builder }

func manPage(root *kong.Node) string {
	var p page
	p.macro("TH", "CLAUDEPOOL", "1", "", "claudepool", "User Commands")
	p.macro("SH", "NAME")
	p.WriteString("claudepool \\- stand in for claude, on one of your own subscriptions\n")
	p.macro("SH", "SYNOPSIS")
	p.WriteString(".B claudepool\n.I command\n.RI [ argument \\ ...]\n.br\n.B claude\n.RI [ argument \\ ...]\n")
	p.macro("SH", "DESCRIPTION")
	for _, paragraph := range manDescription {
		p.macro("PP")
		p.text(paragraph)
	}
	p.macro("SH", "COMMANDS")
	for _, child := range root.Children {
		p.command(child)
	}
	p.terms("ENVIRONMENT", manEnvironment())
	p.terms("FILES", manFiles)
	p.terms("EXIT STATUS", manExits)
	p.macro("SH", "SEE ALSO")
	p.WriteString(".BR claude (1)\n")
	return p.String()
}

// macro is a line with a request and its arguments.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, arg := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `""`) + `"`)
	}
	p.WriteByte('\n')
}

// text is a paragraph; a line that begins like a request is none.
func (p *page) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = roff(line)
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		p.WriteString(line + "\n")
	}
}

// roff escapes what would be read as something else.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "≥", `\(>=`).Replace(text)
}

// command is a command, or those below it.
func (p *page) command(node *kong.Node) {
	switch {
	case node.Hidden:
		return
	case len(node.Children) > 0:
		for _, child := range node.Children {
			p.command(child)
		}
		return
	}
	p.macro("SS", "claudepool "+commandPath(node)+synopsis(node))
	p.text(node.Help)
	if node.Detail != "" {
		p.macro("PP")
		p.macro("nf")
		p.text(node.Detail)
		p.macro("fi")
	}
	for _, arg := range node.Positional {
		p.term(arg.Summary(), arg.Help)
	}
	for _, flag := range node.Flags {
		if !flag.Hidden && flag.Name != "help" {
			p.term(flagWords(flag), flag.Help)
		}
	}
	p.examples(commandPath(node))
}

func (p *page) examples(path string) {
	lines := exampleLines(path)
	if len(lines) == 0 {
		return
	}
	p.macro("PP")
	p.text("For example:")
	p.macro("PP")
	p.macro("nf")
	p.text(strings.Join(lines, "\n"))
	p.macro("fi")
}

func (p *page) term(term, help string) {
	p.macro("TP")
	p.macro("B", term)
	p.text(help)
}

func (p *page) terms(title string, terms []manTerm) {
	p.macro("SH", title)
	for _, t := range terms {
		p.term(t.term, t.help)
	}
}

// synopsis is what follows the name of a command.
func synopsis(node *kong.Node) string {
	words := ""
	for _, arg := range node.Positional {
		words += " " + arg.Summary()
	}
	for _, flag := range node.Flags {
		if !flag.Hidden && flag.Name != "help" {
			return words + " [flags]"
		}
	}
	return words
}

// flagWords is a flag with the name of its value.
func flagWords(flag *kong.Flag) string {
	if flag.IsBool() {
		return "--" + flag.Name
	}
	return fmt.Sprintf("--%s %s", flag.Name, flag.FormatPlaceHolder())
}
