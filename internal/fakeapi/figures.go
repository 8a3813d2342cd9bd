package fakeapi

import "claudepool/pool"

// Figures returns the usage of the answer with that number. Each kind of token grows by a prime of its
// own, so that a sum over the wrong answers, or of the wrong kinds, is hardly ever right by chance.
// They are small: a conversation of hundreds of turns stays far from the size at which the CLI compacts.
func Figures(number int) pool.Tokens {
	n := int64(number)
	fiveMinutes, hour := 101+11*n, 53+7*n
	return pool.Tokens{
		Input:           3 + 2*n,
		Output:          29 + 5*n,
		CacheCreation:   fiveMinutes + hour,
		CacheCreation1h: hour,
		CacheRead:       997 + 13*n,
	}
}

// opening returns the figures that open a streamed answer: all but the output, of which one token is
// told, as the API does.
func opening(final pool.Tokens) pool.Tokens {
	final.Output = 1
	return final
}

// usage is the JSON form of the figures.
func usage(t pool.Tokens) map[string]any {
	return map[string]any{
		"input_tokens":                t.Input,
		"output_tokens":               t.Output,
		"cache_creation_input_tokens": t.CacheCreation,
		"cache_read_input_tokens":     t.CacheRead,
		"cache_creation": map[string]any{
			"ephemeral_5m_input_tokens": t.CacheCreation - t.CacheCreation1h,
			"ephemeral_1h_input_tokens": t.CacheCreation1h,
		},
		"service_tier": "standard",
	}
}
