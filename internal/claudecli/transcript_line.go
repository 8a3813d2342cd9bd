package claudecli

import (
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

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
