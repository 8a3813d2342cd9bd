package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func newTestParser(t *testing.T) (*kong.Kong, *bytes.Buffer) {
	var out bytes.Buffer
	parser, err := newParser(&app{stdout: &out, stderr: &out}, &commands{}, func(int) {})
	require.NoError(t, err)
	return parser, &out
}

// commandsBelow are the commands that can be run.
func commandsBelow(node *kong.Node) (leaves []*kong.Node) {
	for _, child := range node.Children {
		switch {
		case child.Hidden:
		case len(child.Children) > 0:
			leaves = append(leaves, commandsBelow(child)...)
		default:
			leaves = append(leaves, child)
		}
	}
	return leaves
}

func TestOverviewFitsAScreen(t *testing.T) {
	t.Parallel()
	parser, _ := newTestParser(t)
	text := overviewText(parser.Model.Node)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.LessOrEqual(t, len(lines), helpHeight, text)
	for _, line := range lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth, line)
	}
	for _, child := range commandsOf(parser.Model.Node) {
		require.Regexp(t, `\b`+child.word+`\b`, text)
	}
}

func TestEveryCommandHasExamplesThatParse(t *testing.T) {
	t.Parallel()
	parser, _ := newTestParser(t)
	leaves := map[string]bool{}
	for _, leaf := range commandsBelow(parser.Model.Node) {
		path := commandPath(leaf)
		leaves[path] = true
		require.NotEmpty(t, examples[path], "claudepool %s has no example", path)
	}
	for path, shown := range examples {
		require.True(t, leaves[path], "there is no command %q", path)
		for _, line := range exampleLines(path) {
			require.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth, line)
		}
		for _, e := range shown {
			words, _, _ := strings.Cut(e.words, " >")
			parser, _ := newTestParser(t)
			ctx, err := parser.Parse(shieldTags(strings.Fields(words)))
			require.NoError(t, err, e.words)
			require.Equal(t, path, commandPath(ctx.Selected()), e.words)
		}
	}
}

func TestHelpOfCommandsFitsAScreenWithTheirExamples(t *testing.T) {
	t.Parallel()
	parser, _ := newTestParser(t)
	for _, leaf := range commandsBelow(parser.Model.Node) {
		parser, out := newTestParser(t)
		_, err := parser.Parse(append(strings.Fields(commandPath(leaf)), "--help"))
		_ = err // what is missing is said behind the help
		require.Contains(t, out.String(), "\nExamples:\n", commandPath(leaf))
		require.LessOrEqual(t, strings.Count(out.String(), "\n"), commandHeight, out.String())
		for line := range strings.Lines(out.String()) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), helpWidth, line)
		}
	}
}

// Whatever is wrong with a command line, the help that is named is that of the command which was meant.
func TestEveryCommandRefusesUnknownFlags(t *testing.T) {
	t.Parallel()
	parser, _ := newTestParser(t)
	for _, leaf := range commandsBelow(parser.Model.Node) {
		path := commandPath(leaf)
		if path == "run" { // its flags are the CLI's
			continue
		}
		parser, _ := newTestParser(t)
		_, err := parser.Parse(append(strings.Fields(path), "--no-such-flag"))
		require.EqualError(t, err, "unknown flag --no-such-flag", path)
		require.Equal(t, "claudepool "+path, commandOf(err))
	}
}

// The scripts that go over all commands do so: a new one has to be seen without a home, in one that can't be
// written, and with odd names.
func TestScriptsOfThemesHaveEveryCommand(t *testing.T) {
	t.Parallel()
	parser, _ := newTestParser(t)
	for _, theme := range []string{"no-home", "read-only-home", "odd-names"} {
		script, err := os.ReadFile("testdata/script/" + theme + ".txtar")
		require.NoError(t, err)
		for _, leaf := range commandsBelow(parser.Model.Node) {
			path := commandPath(leaf)
			require.Regexp(t, `(?m)(^|\bclaudepool |\btry )`+path+`\b`, string(script), "%s.txtar has no claudepool %s", theme, path)
		}
	}
}
