package claudecli

import (
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// The corpus says what is to be read of a line alone, whatever it is part of. The program reads streams and files; this
// puts the same readers together for one line.

// ReadResult reads the output of --output-format json: a result object or, with --verbose, an array of
// all events, of which the result is the last (1.0.0 to 2.1.330). 0.2.74 spreads both over lines, and
// gives the array's messages no type.
func ReadResult(output []byte) Reading {
	value := whole(output)
	if !value.IsArray() {
		r := readResult(value).Reading
		if !gjson.ValidBytes(output) {
			r.Cost = nil // what was cut off may have said another
		}
		return r
	}
	var last, message Reading
	var found bool
	value.ForEach(func(_, event gjson.Result) bool {
		switch {
		case isResult(event):
			last, found = readResult(event).Reading, true
		case event.Get("role").Str == "assistant": // 0.2.74
			message = readMessage(event)
		}
		return true
	})
	if found && last.Tokens == (pool.Tokens{}) && last.Model == "" {
		last.Tokens, last.Model = message.Tokens, message.Model
	}
	return last
}

// ReadStatusLine reads what is told of the last answer, and of the first window that is full.
func ReadStatusLine(input []byte) Reading {
	s := ReadStatusLineInput(input, time.Time{})
	r := Reading{Tokens: s.Tokens, Cost: s.Cost, Model: s.Model}
	for _, w := range s.Windows {
		if w.Status == pool.StatusRejected {
			r.Limit = Limit{Kind: w.Kind, ResetsAt: w.ResetsAt}
			break
		}
	}
	return r
}

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
