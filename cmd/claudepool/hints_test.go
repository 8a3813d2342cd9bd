package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hintedCommand finds what is to be typed in one of our own lines: behind a colon, up to what goes on behind it.
var hintedCommand = regexp.MustCompile(`: claudepool ([a-z][^;,("]*)`)

// What a hint says is to be typed is a command line that the grammar knows, in every script that has the words of one.
func TestHintsAreCommandLines(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	require.NoError(t, err)
	found := 0
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		require.NoError(t, err)
		for _, line := range strings.Split(string(text), "\n") {
			line = strings.NewReplacer("stderr '^", "", "$'", "", "''", "'", `\`, "").Replace(line) // one that is a pattern
			if !strings.HasPrefix(line, "claudepool: ") {
				continue
			}
			for _, match := range hintedCommand.FindAllStringSubmatch(line, -1) {
				words, _, _ := strings.Cut(match[1], " or ")
				words, _, _ = strings.Cut(words, " && ")
				words, _, _ = strings.Cut(words, " | ")
				found++
				parser, _ := newTestParser(t)
				_, err := parser.Parse(shieldTags(strings.Fields(words)))
				if strings.Contains(words, "--help") {
					err = nil // what is missing is said behind the help
				}
				require.NoError(t, err, "%s: %s", script, line)
			}
		}
	}
	require.Greater(t, found, 100)
}
