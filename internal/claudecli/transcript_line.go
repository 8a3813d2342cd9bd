package claudecli

import (
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// ReadTranscript reads one line of a transcript. A message stands there as several lines with the same
// id and the same figures; lines before 2.1.97 may hold those of its start only.
func ReadTranscript(line []byte) Reading {
	value := whole(line)
	switch value.Get("type").Str {
	case "assistant":
		return readTranscriptAnswer(value)
	case "cost-state":
		return readCostState(value)
	}
	return Reading{}
}

// readCostState reads the sums of the conversation so far (since 2.1.282).
func readCostState(value gjson.Result) Reading {
	usage := value.Get("modelUsage")
	r := Reading{Cost: amount(value.Get("totalCostUSD")), Model: dearest(usage)}
	for _, f := range readModelUsage(usage) {
		r.Tokens = r.Tokens.Plus(f.Tokens)
	}
	return r
}

func readTranscriptAnswer(value gjson.Result) Reading {
	r := readAnswer(value)
	r.Cost = amount(value.Get("costUSD"))                                     // before 1.0.9
	if quota := value.Get("quotaLimits"); r.Limit.Met() && quota.IsObject() { // 2.1.330
		if told := readRateLimit(quota, pool.FromResult, time.Time{}).limit; told.Met() {
			told.ResetsText = r.Limit.ResetsText
			r.Limit = told
		}
	}
	return r
}
