package claudecli

import (
	"bytes"
	"math"
	"strings"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// Reading is what one line of the CLI tells.
type Reading struct {
	// Tokens are the figures of the line itself: what they cover differs from kind to kind.
	Tokens pool.Tokens
	// Cost is the line's own figure, in dollars; nil where it has none.
	Cost *float64
	// Model is "" where the line names none.
	Model   string
	Limit   Limit
	Refusal Refusal
	// Throttled is set where the API turned a request down for its rate, with no word of a plan.
	Throttled bool
}

// SyntheticModel marks messages that the CLI made itself; they cost nothing.
const SyntheticModel = "<synthetic>"

// count reads a number of tokens: never negative, whatever stands there.
func count(r gjson.Result) int64 {
	if r.Type != gjson.Number || math.IsNaN(r.Num) || r.Num <= 0 {
		return 0
	}
	if r.Num >= float64(pool.MaxTokens) {
		return pool.MaxTokens
	}
	return int64(r.Num)
}

// amount reads dollars, nil where there is no number.
func amount(r gjson.Result) *float64 {
	if r.Type != gjson.Number || math.IsNaN(r.Num) || math.IsInf(r.Num, 0) || r.Num < 0 {
		return nil
	}
	return &r.Num
}

// readUsage reads a `usage` object of the Messages API. The nested figures of cache_creation are the
// better ones: the flat one was 0 beside them before 2.1.152.
func readUsage(usage gjson.Result) pool.Tokens {
	if !usage.IsObject() {
		return pool.Tokens{}
	}
	t := pool.Tokens{
		Input:           count(usage.Get("input_tokens")),
		Output:          count(usage.Get("output_tokens")),
		CacheCreation:   count(usage.Get("cache_creation_input_tokens")),
		CacheCreation1h: count(usage.Get("cache_creation.ephemeral_1h_input_tokens")),
		CacheRead:       count(usage.Get("cache_read_input_tokens")),
	}
	nested := t.CacheCreation1h + count(usage.Get("cache_creation.ephemeral_5m_input_tokens"))
	if t.CacheCreation == 0 {
		t.CacheCreation = nested
	}
	t.CacheCreation1h = min(t.CacheCreation1h, t.CacheCreation)
	return t
}

// whole returns the document as far as it can be believed: of a number at the very end the rest may be
// cut off, and 9.2 be 9.2e-05.
func whole(document []byte) gjson.Result {
	document = bytes.TrimSpace(document)
	return gjson.ParseBytes(bytes.TrimRight(document, "0123456789+-.eE"))
}

// words returns a string, "" where it is none or was cut off.
func words(r gjson.Result) string {
	if r.Type != gjson.String || len(r.Raw) < 2 || r.Raw[len(r.Raw)-1] != '"' {
		return ""
	}
	return r.Str
}

// modelName is the model as the API knows it: the CLI marks a large context as "[1m]" (2.1.96).
func modelName(name string) string {
	if i := strings.IndexByte(name, '['); i > 0 && strings.HasSuffix(name, "]") {
		return name[:i]
	}
	return name
}
