package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Columns stay below each other, and within the terminal, whatever letters are in them.
func TestTablesOfWideLetters(t *testing.T) {
	t.Parallel()
	tab := table{columns: []column{{title: "DIRECTORY", shrinks: true}, {title: "N", right: true}}}
	tab.add("/home/me/日本語", "1")
	tab.add("/home/me/e\u0301te\u0301", "20") // accents of their own
	tab.add("/home/me/🎉", "3")
	require.Equal(t, ""+
		"DIRECTORY         N\n"+
		"/home/me/日本語   1\n"+
		"/home/me/e\u0301te\u0301     20\n"+
		"/home/me/🎉       3\n", tab.render(0))

	tab.add("/日本/日本/日本/日本/日本/日本", "4")
	require.Equal(t, "…本/日本/日本/日本", shortened(tab.rows[3][0], 18))
	require.Equal(t, "/日", beginning(tab.rows[3][0], 4))
	require.LessOrEqual(t, widthOf(shortened(tab.rows[3][0], 17)), 17)
}
