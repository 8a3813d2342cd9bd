// Command benchccusage reads the same transcripts with `claudepool sync` and with ccusage, side by side
// and offline, holds the sync against its bars, and compares the totals of both. The exit status is 1
// where a bar is missed or the totals differ.
//
//	make bench-ccusage                      # 1 GB of transcripts
//	make bench-ccusage BYTES=100000000      # less
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

func main() { os.Exit(run()) }

func run() int {
	bytes := flag.Int64("bytes", 1<<30, "about how many `bytes` of transcripts to make")
	program := flag.String("program", "bin/claudepool", "the claudepool `binary`")
	ccusage := flag.String("ccusage", "", "the ccusage `binary`, as scripts/install-ccusage prints it")
	flag.Parse()
	missed, err := compare(*bytes, *program, *ccusage)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchccusage:", err)
		return 1
	}
	if missed > 0 {
		fmt.Printf("\n%d missed\n", missed)
		return 1
	}
	return 0
}

// compare does it all and returns how many bars were missed, differing totals included.
func compare(bytes int64, program, ccusage string) (missed int, err error) {
	scratch, err := os.MkdirTemp("", "claudepool-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch) // best effort
	g, err := newGround(scratch, program, ccusage)
	if err != nil {
		return 0, err
	}
	if err := g.makeTranscripts(bytes); err != nil {
		return 0, err
	}
	rows, err := measure(g)
	if err != nil {
		return 0, err
	}
	fmt.Printf("load %s; MB are 1,000,000 bytes; %d MB of transcripts, in the page cache\n\n", load(), g.size/1e6)
	missed = printRows(rows)
	ours, err := g.ours()
	if err != nil {
		return 0, err
	}
	theirs, err := g.theirs()
	if err != nil {
		return 0, err
	}
	fmt.Println()
	return missed + printTotals(ours, theirs), nil
}

// ground is a directory with a home of its own, a pool, and a config directory with transcripts.
type ground struct {
	dir, transcripts string
	program, ccusage string
	env              []string
	// size is that of all transcripts.
	size int64
}

func newGround(dir, program, ccusage string) (*ground, error) {
	g := &ground{dir: dir, transcripts: filepath.Join(dir, "subscription"), ccusage: ccusage}
	if ccusage == "" {
		return nil, errors.New("-ccusage is missing: `make bench-ccusage` gives it")
	}
	var err error
	if g.program, err = filepath.Abs(program); err != nil {
		return nil, err
	}
	if _, err := os.Stat(g.program); err != nil {
		return nil, fmt.Errorf("%w: `make build` makes it", err)
	}
	// Nothing of the caller's: neither logins nor settings, and no way to the network by a proxy.
	g.env = []string{"HOME=" + dir, "CLAUDE_CONFIG_DIR=" + g.transcripts, "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC", "LANG=C.UTF-8", "CLAUDEPOOL_MAINTAIN=off"}
	return g, os.MkdirAll(g.transcripts, 0o700)
}

func (g *ground) makeTranscripts(bytes int64) error {
	cmd := exec.Command("go", "run", "./internal/maketranscripts", "-bytes", strconv.FormatInt(bytes, 10), g.transcripts)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	buf := make([]byte, 1<<20)
	return filepath.Walk(g.transcripts, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		g.size += info.Size()
		return readThrough(path, buf) // so that the page cache has it for all alike
	})
}

func readThrough(path string, buf []byte) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		if n, err := f.Read(buf); n == 0 || err != nil {
			return nil
		}
	}
}

// load is what the machine did beside us.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
