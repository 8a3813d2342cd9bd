package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// webhook is `webhook VAR`: a server on the loopback from then on, with its address in the variable. It appends what it gets to the file
// requests, and answers with the status in the file answer, 200 where there is none.
func webhook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: webhook VAR")
	}
	requests, answer := ts.MkAbs("requests"), ts.MkAbs("answer")
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		if file, err := os.OpenFile(requests, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err == nil {
			fmt.Fprintf(file, "%s %s %s\n%s\n", r.Method, r.URL.Path, r.Header.Get("Authorization"), body)
			_ = file.Close()
		}
		if text, err := os.ReadFile(answer); err == nil {
			code, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			w.WriteHeader(code)
		}
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
