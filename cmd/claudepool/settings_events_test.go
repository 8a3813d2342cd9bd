package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestThresholds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]float64{
		"[0.9, 0.5, 0.9, 1]": {0.5, 0.9, 1}, "[]": {}, "[10]": {10},
		"[0]": nil, "[-0.5]": nil, "[10.5]": nil, "[nan]": nil, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.5]": nil,
	} {
		s, err := loadSettings(homeWith(t, "thresholds = "+text))
		if want == nil {
			require.ErrorContains(t, err, "a list of at most 10 shares", text)
			require.Equal(t, pool.DefaultThresholds, s.Thresholds, text)
			continue
		}
		require.NoError(t, err, text)
		require.NotNil(t, s.Thresholds, "%s: nil would be the default", text)
		require.ElementsMatch(t, want, s.Thresholds, text)
		require.IsIncreasing(t, append([]float64{0}, append(s.Thresholds, 11)...), text)
	}
}
