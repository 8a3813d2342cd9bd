package prices

import (
	"math/bits"

	"claudepool/pool"
)

// price is an amount of picodollars for one token, which is the same number as millionths of a dollar
// for a million tokens: prices of up to six decimals are whole numbers.
type price uint64

const picoPerNano = 1000

// rates are the prices of each kind of token.
type rates struct {
	input, output, cacheWrite5m, cacheWrite1h, cacheRead price
}

// cost is exact but for one rounding at the end. The tokens must be within the bounds of an entry.
func (r rates) cost(t pool.Tokens) pool.NanoUSD {
	var s sum
	s.add(t.Input, r.input)
	s.add(t.Output, r.output)
	s.add(t.CacheCreation-t.CacheCreation1h, r.cacheWrite5m)
	s.add(t.CacheCreation1h, r.cacheWrite1h)
	s.add(t.CacheRead, r.cacheRead)
	return s.nano()
}

// sum is an amount of picodollars in 128 bits: the largest entry at the largest price is beyond 64.
type sum struct{ high, low uint64 }

func (s *sum) add(tokens int64, each price) {
	high, low := bits.Mul64(uint64(tokens), uint64(each))
	var carry uint64
	s.low, carry = bits.Add64(s.low, low, 0)
	s.high, _ = bits.Add64(s.high, high, carry)
}

// nano rounds to the nearest nanodollar, a half up.
func (s *sum) nano() pool.NanoUSD {
	low, carry := bits.Add64(s.low, picoPerNano/2, 0)
	high := s.high + carry
	if high >= picoPerNano { // the quotient would not fit into 64 bits
		return pool.MaxCost
	}
	nano, _ := bits.Div64(high, low, picoPerNano)
	return pool.NanoUSD(min(nano, uint64(pool.MaxCost)))
}
