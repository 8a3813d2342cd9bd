package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// findings are the headings of docs/prototype-review.md: each has to be answered.
var findings = []string{
	"Missing or duplicate types", "Unused configuration", "Index growth", "Unvalidated CLI output", "Key parsing", "Cache coherence",
	"Linear stale scans", "Two-step reassignment", "Unhandled errors in intervals", "Unsafe error messages", "Division by zero",
	"Unbounded and special values in configuration", "Concurrent updates during iteration", "Batches that are not atomic",
	"Webhooks without time limit, retry or failover", "Shutdown that does not wait",
}

// namedTest is a line that names a test: the directory of its package, its function, and those below that.
var namedTest = regexp.MustCompile("(?m)^- `([a-z/]+)\\.((?:Test|Fuzz)\\w+)((?:/\\w+)*)`$")

// TestReviewNamesItsTests holds docs/prototype-review.md: each finding has its tests, and each that is named exists.
func TestReviewNamesItsTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/prototype-review.md")
	require.NoError(t, err)
	sections := strings.Split(string(text), "\n## ")[1:]
	require.Len(t, sections, len(findings))
	for i, section := range sections {
		require.True(t, strings.HasPrefix(section, findings[i]+"\n"), findings[i])
		named := namedTest.FindAllStringSubmatch(section, -1)
		require.NotEmpty(t, named, findings[i])
		require.Len(t, named, strings.Count(section, "\n- "), "a line of %s names no test", findings[i])
		for _, test := range named {
			require.Contains(t, sourcesOf(t, "../../"+test[1], "_test.go"), "\nfunc "+test[2]+"(", "%s.%s", test[1], test[2])
			for _, sub := range strings.Split(test[3], "/")[1:] { // those of stores are in maps, by name
				require.Contains(t, sourcesOf(t, "../../pool/pooltest", ".go"), `"`+sub+`":`, test[0])
			}
		}
	}
}

// sourcesOf is the text of the files of a directory whose names end so.
func sourcesOf(t *testing.T, dir, end string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+end))
	require.NoError(t, err)
	var text strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		text.Write(data)
	}
	return text.String()
}
