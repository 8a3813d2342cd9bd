package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's table is what `make simulate` prints. After a change of the choice: run it, and see whether
// the default strategy still holds.
func TestREADMEHasTheTable(t *testing.T) {
	t.Parallel()
	var printed strings.Builder
	printTable(&printed, strategies(), defaultSeeds, defaultLoad)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(readme), "<!-- make simulate -->\n")
	require.True(t, found)
	table, _, found := strings.Cut(after, "<!-- end -->")
	require.True(t, found)
	require.Equal(t, strings.TrimSpace(printed.String()), strings.TrimSpace(table))
}
