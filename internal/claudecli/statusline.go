package claudecli

import "github.com/tidwall/gjson"

// ReadStatusLine reads what a status line command gets (1.0.71 on): the figures of the last answer, the
// cost of the session so far, and the windows (2.1.80 on), which are full at 100.
func ReadStatusLine(input []byte) Reading {
	value := whole(input)
	r := Reading{
		Tokens: readUsage(value.Get("context_window.current_usage")),
		Cost:   amount(value.Get("cost.total_cost_usd")),
		Model:  words(value.Get("model.id")),
	}
	value.Get("rate_limits").ForEach(func(key, window gjson.Result) bool {
		if used := amount(window.Get("used_percentage")); used == nil || *used < 100 {
			return true
		}
		if kind := windowKind(key); kind != "" {
			r.Limit = Limit{Kind: kind, ResetsAt: resetTime(window.Get("resets_at"))}
		}
		return !r.Limit.Met()
	})
	return r
}
