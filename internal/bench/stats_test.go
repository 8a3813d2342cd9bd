package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantiles(t *testing.T) {
	t.Parallel()
	var hundred samples
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	require.EqualValues(t, 1, hundred.quantile(0))
	require.EqualValues(t, 50, hundred.median())
	require.EqualValues(t, 99, hundred.p99())
	require.EqualValues(t, 100, hundred.quantile(1))
	require.Zero(t, samples{}.median())
	require.EqualValues(t, 7, samples{7}.p99())
}

func TestRates(t *testing.T) {
	t.Parallel()
	require.Equal(t, "200 MB/s (100…900)", rates{900e6, 100e6, 200e6}.String())
	require.Zero(t, rates{}.median())
}
