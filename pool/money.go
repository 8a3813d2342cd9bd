package pool

import "math"

// NanoUSD is an amount of money in billionths of a US dollar: whole numbers, so that sums are exact
// and do not depend on their order.
type NanoUSD int64

// USD converts dollars, rounding to the nearest nanodollar. NaN and negative amounts count as 0 and
// amounts beyond the range of NanoUSD (about nine billion dollars) as its largest value.
func USD(dollars float64) NanoUSD {
	nano := math.Round(dollars * 1e9)
	switch {
	case math.IsNaN(nano) || nano < 0:
		return 0
	case nano >= math.MaxInt64:
		return math.MaxInt64
	}
	return NanoUSD(nano)
}

// Dollars returns the amount in dollars.
func (n NanoUSD) Dollars() float64 { return float64(n) / 1e9 }
