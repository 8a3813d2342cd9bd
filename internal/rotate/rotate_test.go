package rotate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/rotate"
)

// writerVar makes the test binary a process that writes to the log that it names.
const writerVar = "ROTATE_TEST_WRITER"

const linesEach = 400

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVar); path != "" {
		os.Exit(write(path))
	}
	os.Exit(m.Run())
}

func write(path string) int {
	file := rotate.File{Path: path, Most: 40_000}
	for i := range linesEach {
		if _, err := fmt.Fprintf(&file, "%d-%d %s\n", os.Getpid(), i, strings.Repeat("x", 40)); err != nil {
			return 1
		}
	}
	return 0
}

func TestManyProcessesShareOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "logs", "log")
	const writers = 6 // 6 × 400 lines of 50 bytes: more than three files of 40,000 bytes, and less than four
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), writerVar+"="+path)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Greater(t, len(files), 2)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Less(t, len(text), 40_000+2*writers*60, "%s: beyond its bound by what was being written", file)
		for line := range strings.Lines(string(text)) {
			name, rest, _ := strings.Cut(line, " ")
			require.Equal(t, strings.Repeat("x", 40)+"\n", rest, "lines do not mix")
			require.False(t, seen[name], "no line is there twice")
			seen[name] = true
		}
	}
	require.Len(t, seen, writers*linesEach, "no line is lost")
}

func TestOldOnesAreBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	file := rotate.File{Path: path, Most: 1}
	for i := range 10 {
		_, err := fmt.Fprintf(&file, "%d\n", i)
		require.NoError(t, err)
	}
	require.NoError(t, file.Close())
	for name, want := range map[string]string{"": "9\n", ".1": "8\n", ".2": "7\n", ".3": "6\n"} {
		text, err := os.ReadFile(path + name)
		require.NoError(t, err)
		require.Equal(t, want, string(text), name)
	}
	require.NoFileExists(t, path+".4")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestWithoutABoundItGrows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	file := rotate.File{Path: path}
	for range 3 {
		_, err := file.Write([]byte("line\n"))
		require.NoError(t, err)
	}
	require.NoFileExists(t, path+".1")
}

// A log that somebody moved or removed is begun anew.
func TestAFileThatIsGoneIsMadeAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	file := rotate.File{Path: path}
	for range 2 {
		_, err := file.Write([]byte("line\n"))
		require.NoError(t, err)
		require.FileExists(t, path)
		require.NoError(t, os.Remove(path))
	}
}

func TestWhatIsNoPlainFileIsNeverPutAside(t *testing.T) {
	t.Parallel()
	file := rotate.File{Path: os.DevNull, Most: 1}
	for range 3 {
		_, err := file.Write([]byte("line\n"))
		require.NoError(t, err)
	}
}
