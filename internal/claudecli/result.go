package claudecli

import (
	"cmp"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// usageLimitReached is the `api_error` of a limit (present by 2.1.308).
const usageLimitReached = "usage_limit_reached"

// result is what a result object tells: the last line of a turn in stream-json, all of json.
type result struct {
	Reading
	conversation string
	// models is nil before 1.0.128, which told no more than usage.
	models Cumulative
	// turns is how many turns of the main loop it stands for, 0 where not told.
	turns int
	// failed is set where it is an error.
	failed bool
	// silent is set where it tells no usage at all, as before 1.0.17.
	silent bool
}

// isResult tells whether a value is a result; 0.2.74 gave it no type.
func isResult(value gjson.Result) bool {
	kind := value.Get("type")
	return kind.Str == "result" || !kind.Exists() && isOldResult(value)
}

func isOldResult(value gjson.Result) bool {
	return value.Get("role").Str == "system" && value.Get("cost_usd").Exists()
}

func readResult(value gjson.Result) result {
	usage := value.Get("modelUsage")
	r := result{
		conversation: shortWord(value.Get("session_id")),
		models:       readModelUsage(usage),
		turns:        int(min(count(value.Get("num_turns")), int64(pool.MaxMessages))),
		silent:       !value.Get("usage").Exists() && !usage.Exists(),
	}
	r.Tokens = readUsage(value.Get("usage"))
	for _, name := range []string{"total_cost_usd", "total_cost", "cost_usd"} { // since 1.0.22; 1.0.0; 0.2.74
		if r.Cost = amount(value.Get(name)); r.Cost != nil {
			break
		}
	}
	r.Model = dearest(usage)
	r.readError(value)
	return r
}

// readError reads the error of a result. A run that answered can have said anything; only what the CLI
// calls an error of its own counts. 0.2.74 did not say which it was.
func (r *result) readError(value gjson.Result) {
	failed := value.Get("is_error")
	if !failed.Bool() && (failed.Exists() || !isOldResult(value)) {
		return
	}
	r.failed = true
	sentence := words(value.Get("result"))
	r.error(sentence)
	r.readCause(sentence, value.Get("api_error_status"), value.Get("api_error").Str, "")
}

// dearest is the model of a `modelUsage` object that cost the most, as it stands there: results do not
// name the main one.
func dearest(usage gjson.Result) string {
	var model string
	most := -1.0
	usage.ForEach(func(key, value gjson.Result) bool {
		cost := value.Get("costUSD").Num
		if cost > most || cost == most && cmp.Less(key.Str, model) {
			model, most = key.Str, cost
		}
		return true
	})
	return model
}
