package fakeapi

import (
	"context"
	"fmt"
	"net/http"
)

// exchange is one request on its way to being answered.
type exchange struct {
	entry  *Request
	body   messagesRequest
	wanted answer
	reply  Reply
}

func requestID(number int) string { return fmt.Sprintf("req_fake%06d", number) }

func (s *Server) serve(ctx context.Context, w http.ResponseWriter, e exchange) {
	final := Figures(e.entry.Number)
	if e.reply.Until != nil {
		select {
		case <-e.reply.Until:
		case <-ctx.Done():
		}
	}
	switch {
	case e.reply.Status != 0:
		s.noteRefusal(e)
		refuse(w, e.reply)
	case e.body.Stream:
		outcome := s.stream(ctx, w, e, final)
		if outcome == Complete {
			return
		}
		s.finish(e.entry, outcome, opening(final))
		if outcome == Cut {
			panic(http.ErrAbortHandler) // the documented way to end a connection without its end
		}
	case wait(ctx, e.wanted.slow) != nil:
		s.finish(e.entry, Aborted, opening(final))
	default:
		s.finish(e.entry, Complete, final)
		writeJSON(w, http.StatusOK, e.whole(final))
	}
}

func (s *Server) noteRefusal(e exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.entry.Outcome, e.entry.Status, e.entry.Said = Refused, e.reply.Status, e.reply.Message
}

// refuse serves an error in the API's form. The CLI is told not to try again: it would, for minutes,
// and a real limit says the same.
func refuse(w http.ResponseWriter, reply Reply) {
	w.Header().Set("X-Should-Retry", "false")
	writeJSON(w, reply.Status, map[string]any{
		"type":       "error",
		"error":      map[string]any{"type": reply.Type, "message": reply.Message},
		"request_id": w.Header().Get("Request-Id"),
	})
}
