package claudecli

import (
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// ReadStream reads one line of --output-format stream-json. Its figures are the line's own: of an
// assistant line those of the message's start, which every line of the message repeats; of a result
// those of the turn.
func ReadStream(line []byte) Reading {
	value := whole(line)
	switch value.Get("type").Str {
	case "result":
		return readResult(value).Reading
	case "assistant":
		return readAnswer(value)
	case "message": // 0.2.74, without an envelope
		return readMessage(value)
	case "stream_event": // with --include-partial-messages, since 1.0.109
		return readPartial(value.Get("event"))
	case "rate_limit_event":
		return Reading{Limit: readRateLimit(value.Get("rate_limit_info"), pool.FromStream, time.Time{}).limit}
	case "":
		if isResult(value) {
			return readResult(value).Reading
		}
	}
	return Reading{} // user and tool lines may quote anything
}

// readPartial reads an event of the API: message_start has the message, message_delta its final figures.
func readPartial(event gjson.Result) Reading {
	switch event.Get("type").Str {
	case "message_start":
		return readMessage(event.Get("message"))
	case "message_delta":
		return Reading{Tokens: readUsage(event.Get("usage"))}
	}
	return Reading{}
}

// readMessage reads a message of the API.
func readMessage(message gjson.Result) Reading {
	return Reading{Tokens: readUsage(message.Get("usage")), Model: words(message.Get("model"))}
}

// readAnswer reads an assistant line, of the stream or of a transcript. One that the CLI made itself
// instead of an answer says what went wrong.
func readAnswer(value gjson.Result) Reading {
	message := value.Get("message")
	r := readMessage(message)
	cause := value.Get("error").Str // since 2.0.61
	if message.Get("model").Str != SyntheticModel && cause == "" && !value.Get("isApiErrorMessage").Bool() {
		return r
	}
	content := message.Get("content")
	if content.IsArray() {
		content = content.Get("0.text")
	}
	sentence := words(content)
	r.error(sentence)
	status, apiError := value.Get("api_error_status"), value.Get("api_error").Str
	if !status.Exists() { // as transcripts spell it
		status, apiError = value.Get("apiErrorStatus"), value.Get("apiError").Str
	}
	r.readCause(sentence, status, apiError, cause)
	return r
}
