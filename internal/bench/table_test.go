package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableCountsWhatIsOverItsBar(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	over := printTable(&out, []row{
		{what: "a", bar: "≤ 1 ms", measured: "2 ms"},
		{what: "bc", bar: "≤ 3 ms", measured: "2 ms", ok: true, script: "9"},
	})
	require.Equal(t, 1, over)
	require.Equal(t, `| what | bar    | measured |      | claudepool | child alone | script |
| ---- | ------ | -------- | ---- | ---------- | ----------- | ------ |
| a    | ≤ 1 ms | 2 ms     | over |            |             |        |
| bc   | ≤ 3 ms | 2 ms     | ok   |            |             | 9      |
`, out.String())
}
