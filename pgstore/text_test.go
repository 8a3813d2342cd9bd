package pgstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", "naïve 🙂", "a\x00b", "\xff", "/src/\xe9t\xe9", "\xf4\x8f\xbf", "\U0010FFFF", "é\x80"} {
		kept := toText(s)
		require.NotContains(t, kept, "\x00")
		require.True(t, len(s) == 0 || len([]rune(kept)) > 0)
		require.Equal(t, s, fromText(kept))
	}
}
