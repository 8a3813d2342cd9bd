package fakeclaude

import (
	"io"
	"os"
	"strconv"
	"time"
)

func (a *actor) out(words []string) error {
	_, err := os.Stdout.WriteString(first(words))
	return err
}

func (a *actor) err(words []string) error {
	_, err := os.Stderr.WriteString(first(words))
	return err
}

func (a *actor) outfile(words []string) error { return copyFile(os.Stdout, first(words)) }

func (a *actor) errfile(words []string) error { return copyFile(os.Stderr, first(words)) }

func copyFile(to io.Writer, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = to.Write(content)
	return err
}

func (a *actor) fill(words []string) error {
	n, err := strconv.Atoi(first(words))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(Pattern(n))
	return err
}

// Pattern returns n bytes of numbered lines, so that a test can tell what is missing from them.
func Pattern(n int) []byte {
	b := make([]byte, 0, n+16)
	for line := 0; len(b) < n; line++ {
		b = append(strconv.AppendInt(b, int64(line), 10), '\n')
	}
	return b[:n]
}

func (a *actor) trickle([]string) error {
	for range time.Tick(5 * time.Millisecond) {
		if _, err := os.Stdout.WriteString("drop\n"); err != nil {
			return err
		}
	}
	return nil
}
