package fakeclaude

import (
	"os"
	"strconv"
	"time"
)

// mark tells the test that the script got this far. The file appears whole or not at all.
func (a *actor) mark(words []string) error {
	return a.publish(first(words), []byte(strconv.Itoa(os.Getpid())))
}

func (a *actor) publish(name string, content []byte) error {
	temporary := a.path(name) + ".new" + strconv.Itoa(os.Getpid())
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, a.path(name))
}

// await waits for the test; MaxLife bounds it.
func (a *actor) await(words []string) error {
	for range time.Tick(3 * time.Millisecond) {
		if _, err := os.Stat(a.path(first(words))); err == nil {
			break
		}
	}
	return nil
}
