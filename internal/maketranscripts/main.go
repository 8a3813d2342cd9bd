// Command maketranscripts writes transcripts as the CLI 2.1.330 does, for measurements: a config
// directory whose projects have about as many bytes as asked for, with the mix of lines of real ones.
//
//	go run ./internal/maketranscripts -bytes 1073741824 DIR
//
// The same seed makes the same files.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() { os.Exit(run()) }

func run() int {
	bytes := flag.Int64("bytes", 1<<30, "about how many `bytes` to write")
	seed := flag.Uint64("seed", 1, "the `seed`")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "maketranscripts: name the directory to write to")
		return 2
	}
	w := &writer{dir: flag.Arg(0), rand: rand.New(rand.NewPCG(*seed, 2)), at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	for w.written < *bytes {
		if err := w.conversation(); err != nil {
			fmt.Fprintln(os.Stderr, "maketranscripts:", err)
			return 1
		}
	}
	fmt.Printf("%d bytes, %d messages, %d files\n", w.written, w.messages, w.files)
	return 0
}

type writer struct {
	dir     string
	rand    *rand.Rand
	at      time.Time
	written int64
	// messages and files count what was written.
	messages, files int
}

// conversation writes one transcript of 0.1 to 8 MB.
func (w *writer) conversation() error {
	id := fmt.Sprintf("%08x-0000-4000-8000-%012x", w.files, w.rand.Uint64()>>16)
	project := filepath.Join(w.dir, "projects", fmt.Sprintf("-home-me-src-project-%d", w.rand.IntN(30)))
	if err := os.MkdirAll(project, 0o700); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(project, id+".jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	w.files++
	out := bufio.NewWriterSize(file, 1<<20)
	size := int64(100<<10 + w.rand.IntN(8<<20))
	cwd := "/home/me/src/" + filepath.Base(project)
	for begun := w.written; w.written-begun < size; {
		w.turn(out, id, cwd)
	}
	return out.Flush()
}

var models = []string{"claude-opus-5-5", "claude-sonnet-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"}

// turn writes a prompt or tool result, now and then a long one, and the answer in one to three blocks.
func (w *writer) turn(out *bufio.Writer, id, cwd string) {
	w.at = w.at.Add(time.Duration(1+w.rand.IntN(9)) * time.Second)
	at := w.at.Format("2006-01-02T15:04:05.000Z")
	length := 200 + w.rand.IntN(4000)
	if w.rand.IntN(8) == 0 {
		length = 20_000 + w.rand.IntN(100_000)
	}
	w.line(out, `{"parentUuid":"%016x","isSidechain":false,"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":"%s"}]},"uuid":"%016x","timestamp":"%s","userType":"external","cwd":"%s","sessionId":"%s","version":"2.1.330"}`,
		w.rand.Uint64(), w.text(length), w.rand.Uint64(), at, cwd, id)
	w.messages++
	message := fmt.Sprintf("msg_%016x%08x", w.rand.Uint64(), w.messages)
	model := models[w.rand.IntN(len(models))]
	usage := fmt.Sprintf(`{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,"output_tokens":%d,"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":%[2]d},"inference_geo":"","iterations":[],"speed":"standard"}`,
		1+w.rand.IntN(50), w.rand.IntN(5000), w.rand.IntN(100_000), 1+w.rand.IntN(2000))
	for range 1 + w.rand.IntN(3) {
		w.line(out, `{"parentUuid":"%016x","isSidechain":false,"message":{"content":[{"text":"%s","type":"text"}],"id":"%s","model":"%s","role":"assistant","stop_reason":"tool_use","stop_sequence":null,"type":"message","usage":%s},"requestId":"req_%s","type":"assistant","uuid":"%016x","timestamp":"%s","userType":"external","cwd":"%s","sessionId":"%s","version":"2.1.330"}`,
			w.rand.Uint64(), w.text(100+w.rand.IntN(1500)), message, model, usage, message, w.rand.Uint64(), at, cwd, id)
	}
	if w.rand.IntN(20) == 0 {
		w.line(out, `{"type":"file-history-snapshot","messageId":"%016x","snapshot":{"content":"%s"},"isSnapshotUpdate":false}`,
			w.rand.Uint64(), w.text(w.rand.IntN(200_000)))
	}
}

func (w *writer) line(out *bufio.Writer, format string, args ...any) {
	n, _ := fmt.Fprintf(out, format+"\n", args...) // Flush tells the error
	w.written += int64(n)
}

// prose is what texts are cut from: words, escapes, and what could be taken for figures.
var prose = strings.Repeat(`func main() {\n\tfmt.Println(\"hello\")\n} // the usage of the assistant is \"output_tokens\":12 and that says nothing \\ `, 2000)

func (w *writer) text(length int) string {
	start := w.rand.IntN(1000) * 113
	text := prose[start%113 : min(start%113+length, len(prose))]
	return strings.TrimRight(text, `\`)
}
