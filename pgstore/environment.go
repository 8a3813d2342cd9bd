package pgstore

import "encoding/json"

// joinPairs writes pairs of a variable and a text that may hold anything; "" is none.
func joinPairs[T any](pairs []T) string {
	if len(pairs) == 0 {
		return ""
	}
	text, _ := json.Marshal(pairs) // structs of strings have no errors
	return string(text)
}

// splitPairs reads what joinPairs wrote. What something else wrote is none.
func splitPairs[T any](text string) []T {
	if text == "" {
		return nil // as it is of a subscription that was given none
	}
	var pairs []T
	if json.Unmarshal([]byte(text), &pairs) != nil {
		return nil
	}
	return pairs
}
