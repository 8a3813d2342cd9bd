package fakeapi

import (
	"cmp"
	"slices"

	"claudepool/pool"
)

// Outcome says how a request ended.
type Outcome string

const (
	// Complete: the answer went out to its end.
	Complete Outcome = "complete"
	// Refused: an error was served; it cost nothing.
	Refused Outcome = "refused"
	// Aborted: the client went away before the end.
	Aborted Outcome = "aborted"
	// Cut: the server ended the connection before the end, as it was told to.
	Cut Outcome = "cut"
)

// Request is one request to the Messages API, and what became of it.
type Request struct {
	// Number counts from 1; the answer's figures follow from it.
	Number int    `json:"number"`
	Token  string `json:"token"`
	Model  string `json:"model"`
	Stream bool   `json:"stream"`
	// Prompt is the prompt that was answered, without what the CLI added.
	Prompt string `json:"prompt"`
	// Said is the answer's text or the error's message, Tool the tool that was to be used.
	Said   string `json:"said"`
	Tool   string `json:"tool,omitempty"`
	Status int    `json:"status"`
	// Outcome is "" while the answer is under way.
	Outcome Outcome `json:"outcome"`
	// Tokens is what the client was told: of an answer that did not reach its end, the figures that
	// opened it.
	Tokens pool.Tokens `json:"tokens"`
}

// Book is the sum of what one token had from one model.
type Book struct {
	Token string `json:"token"`
	Model string `json:"model"`
	// Messages and Tokens count the answers that went out to their end.
	Messages int64       `json:"messages"`
	Tokens   pool.Tokens `json:"tokens"`
	// Unfinished counts the answers that did not, and UnfinishedTokens the figures that opened them.
	Unfinished       int64       `json:"unfinished"`
	UnfinishedTokens pool.Tokens `json:"unfinished_tokens"`
}

// Requests returns a copy of every request so far, in the order in which they came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
	}
	return requests
}

// Books returns the sums over all requests, sorted by token and model. What was refused, and what is
// still under way, is in no book.
func (s *Server) Books() []Book {
	type key struct{ token, model string }
	books := map[key]Book{}
	for _, r := range s.Requests() {
		k := key{r.Token, r.Model}
		b := books[k]
		b.Token, b.Model = r.Token, r.Model
		switch r.Outcome {
		case Complete:
			b.Messages++
			b.Tokens = b.Tokens.Plus(r.Tokens)
		case Aborted, Cut:
			b.Unfinished++
			b.UnfinishedTokens = b.UnfinishedTokens.Plus(r.Tokens)
		default:
			continue
		}
		books[k] = b
	}
	sorted := make([]Book, 0, len(books))
	for _, b := range books {
		sorted = append(sorted, b)
	}
	slices.SortFunc(sorted, func(a, b Book) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.Model, b.Model))
	})
	return sorted
}

// Reset forgets the requests and the scripts. The figures go on: no two answers of a server are alike.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.scripts = nil, map[string][]Reply{}
}

// note enters a request into the books and returns the entry, which finish closes.
func (s *Server) note(r Request) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	r.Number = s.count
	s.requests = append(s.requests, &r)
	return &r
}

func (s *Server) finish(r *Request, outcome Outcome, told pool.Tokens) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Outcome, r.Tokens = outcome, told
}
