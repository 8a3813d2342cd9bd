package fakeapi

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a running stand-in. Its methods may be called from any goroutine.
type Server struct {
	// URL is the base address, for ANTHROPIC_BASE_URL.
	URL string

	http *http.Server
	stop context.CancelFunc

	mu       sync.Mutex
	count    int
	requests []*Request
	scripts  map[string][]Reply
}

// Start serves on the address, "127.0.0.1:0" for a free port of the loopback interface, until Close.
func Start(address string) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{URL: "http://" + listener.Addr().String(), stop: stop, scripts: map[string][]Reply{}}
	s.http = &http.Server{
		Handler:     s.routes(),
		BaseContext: func(net.Listener) context.Context { return ctx },
		// Only so that a client that never sends its headers can't hold Close up.
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = s.http.Serve(listener) }() // ends with Close, which is the only error
	return s, nil
}

// Close ends every connection, slow answers included.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close() // nothing is left to do about a listener that does not close
}

// Script sets how the token is met: one reply a request, in this order, the last one for good. The CLI
// may ask again by itself after an error. A directive in the prompt goes before the script.
func (s *Server) Script(token string, replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts[token] = replies
}

// reply takes the next reply of the token's script. Without one a subscription has room, and an API
// key hears of no plan.
func (s *Server) reply(token string, subscription bool) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	script := s.scripts[token]
	switch {
	case len(script) > 1:
		s.scripts[token] = script[1:]
		return script[0]
	case len(script) == 1:
		return script[0]
	case subscription:
		return Answer()
	}
	return Reply{}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", s.messages)
	mux.HandleFunc("POST /v1/messages/count_tokens", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"input_tokens": 1009})
	})
	mux.HandleFunc("GET /books", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"books": s.Books(), "requests": s.Requests()})
	})
	// Whatever else the CLI asks for is none of its business here: it takes this as "nothing special".
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{})
	})
	return mux
}

func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	var body messagesRequest
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, Reply{Status: http.StatusBadRequest, Type: "invalid_request_error", Message: err.Error()})
		return
	}
	token, subscription := tokenOf(r)
	wanted := body.wanted()
	reply := s.reply(token, subscription)
	if wanted.reply != nil {
		reply = *wanted.reply
	}
	prompt, _ := body.turn()
	entry := s.note(Request{
		Token: token, Model: body.Model, Stream: body.Stream, Prompt: prompt, Status: http.StatusOK,
		Said: wanted.text, Tool: body.toolName(wanted.tool),
	})
	w.Header().Set("Request-Id", requestID(entry.Number))
	reply.Plan.write(w.Header())
	s.serve(r.Context(), w, exchange{entry: entry, body: body, wanted: wanted, reply: reply})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client that is gone needs no answer
}
