// Command fakeapi serves the stand-in for the Messages API by hand, to look at what the real CLI makes
// of it: start it, set ANTHROPIC_BASE_URL to the address that it prints, and get /books for the books.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"claudepool/internal/fakeapi"
)

func main() { os.Exit(run()) }

func run() int {
	address := flag.String("addr", "127.0.0.1:8787", "the address to serve on; port 0 for any free one")
	flag.Parse()
	server, err := fakeapi.Start(*address)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakeapi:", err)
		return 1
	}
	defer server.Close()
	fmt.Println(server.URL)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	<-interrupted
	return 0
}
