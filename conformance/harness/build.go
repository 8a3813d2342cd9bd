package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// WrapperVar names what the wrapped way runs: the built binary where it is empty, else "direct" (the
// program itself, so nothing may differ), "script" (script(1), an imperfect wrapper: much must), or the
// path of any other wrapper that runs $CLAUDEPOOL_CLAUDE when it is called `claude`.
const WrapperVar = "CONFORMANCE_WRAPPER"

// Programs that Main built. Claude is the stand-in for the real CLI, Claudepool the product.
var (
	Claude     string
	Claudepool string
)

// Main builds the programs, runs the tests and returns the exit status.
func Main(m *testing.M) int {
	keepInheritedFiles()
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(dir)
	// A test that runs as somebody else must be able to reach the programs.
	if err := os.Chmod(dir, 0o755); err != nil {
		return complain(err)
	}
	Claude = filepath.Join(dir, "real", "claude")
	if err := build(Claude, "claudepool/internal/fakeclaude/cmd/claude"); err != nil {
		return complain(err)
	}
	if os.Getenv(WrapperVar) == "" {
		Claudepool = filepath.Join(dir, "bin", "claudepool")
		if err := build(Claudepool, "claudepool/cmd/claudepool"); err != nil {
			return complain(err)
		}
	}
	return m.Run()
}

// keepInheritedFiles hands on nothing that whoever started the tests had open: runs compare what is.
func keepInheritedFiles() {
	for fd := 3; fd < 1024; fd++ {
		unix.CloseOnExec(fd)
	}
}

func build(to, pkg string) error {
	cmd := exec.Command("go", "build", "-o", to, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
