package fakeapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"claudepool/pool"
)

// event is one server-sent event of a streamed answer.
type event struct {
	name string
	data map[string]any
}

// blocks returns the answer's content: text, then the use of a tool.
func (e exchange) blocks() []map[string]any {
	var blocks []map[string]any
	if e.wanted.text != "" {
		blocks = append(blocks, map[string]any{"type": "text", "text": e.wanted.text})
	}
	if tool := e.wanted.tool; tool != nil {
		blocks = append(blocks, map[string]any{
			"type": "tool_use", "id": fmt.Sprintf("toolu_fake%06d", e.entry.Number),
			"name": e.body.toolName(tool), "input": tool.input,
		})
	}
	return blocks
}

func (e exchange) stopReason() string {
	if e.wanted.tool != nil {
		return "tool_use"
	}
	return "end_turn"
}

// whole is the answer as one message.
func (e exchange) whole(final pool.Tokens) map[string]any {
	message := e.head(final)
	message["content"] = e.blocks()
	message["stop_reason"] = e.stopReason()
	return message
}

func (e exchange) head(tokens pool.Tokens) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("msg_fake%06d", e.entry.Number), "type": "message", "role": "assistant",
		"model": e.body.Model, "content": []any{}, "stop_reason": nil, "stop_sequence": nil,
		"usage": usage(tokens),
	}
}

// events is the answer as the API streams it: text word by word, a tool's input in one piece.
func (e exchange) events(final pool.Tokens) []event {
	events := []event{{"message_start", map[string]any{"message": e.head(opening(final))}}}
	for index, block := range e.blocks() {
		events = append(events, blockEvents(index, block)...)
	}
	return append(events,
		event{"message_delta", map[string]any{
			"delta": map[string]any{"stop_reason": e.stopReason(), "stop_sequence": nil}, "usage": usage(final),
		}},
		event{"message_stop", map[string]any{}})
}

func blockEvents(index int, block map[string]any) []event {
	delta := func(delta map[string]any) event {
		return event{"content_block_delta", map[string]any{"index": index, "delta": delta}}
	}
	start := map[string]any{"type": "text", "text": ""}
	var deltas []event
	if text, isText := block["text"].(string); isText {
		for _, piece := range strings.SplitAfter(text, " ") {
			deltas = append(deltas, delta(map[string]any{"type": "text_delta", "text": piece}))
		}
	} else {
		input, _ := json.Marshal(block["input"]) // strings and a bool: this can't fail
		deltas = append(deltas, delta(map[string]any{"type": "input_json_delta", "partial_json": string(input)}))
		start = map[string]any{"type": "tool_use", "id": block["id"], "name": block["name"], "input": map[string]any{}}
	}
	events := []event{{"content_block_start", map[string]any{"index": index, "content_block": start}}}
	events = append(events, deltas...)
	return append(events, event{"content_block_stop", map[string]any{"index": index}})
}

// stream writes the answer event by event, and stops where the client is gone or the reply says so. It
// is booked as complete before the client can know its end, and so before the client's own end.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, e exchange, final pool.Tokens) Outcome {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	events := e.events(final)
	pause := e.wanted.slow / time.Duration(len(events))
	told := false // the figures, which the client may have written down by now
	for i, ev := range events {
		if i > 0 && wait(ctx, pause) != nil {
			return brokenOff(told)
		}
		if e.reply.Cut && i >= len(events)/2 {
			return Cut
		}
		if ev.name == "message_delta" {
			s.finish(e.entry, Complete, final)
		}
		if writeEvent(w, ev) != nil || flush() != nil {
			return brokenOff(told)
		}
		told = told || ev.name == "message_delta"
	}
	return Complete
}

// brokenOff is what became of an answer whose client has gone: one that was told its figures was served.
func brokenOff(told bool) Outcome {
	if told {
		return Complete
	}
	return Aborted
}

func writeEvent(w http.ResponseWriter, ev event) error {
	ev.data["type"] = ev.name
	data, err := json.Marshal(ev.data)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", ev.name, data)
	return err
}

// wait pauses for d; it fails where the client has gone away.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}
