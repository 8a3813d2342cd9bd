package transcripts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/transcripts"
)

// provide makes the conversation c of the place available in another directory, and returns the copy.
func (p place) provide(path, to string) string {
	p.Helper()
	require.NoError(p, transcripts.Provide(ctx, p.store, noPrice, path, to))
	return filepath.Join(to, "slug", filepath.Base(path))
}

func (p place) syncAll(to string) {
	p.Helper()
	_, err := transcripts.Sync(ctx, p.store, noPrice, transcripts.Root{Dir: p.dir}, transcripts.Root{Dir: to})
	require.NoError(p, err)
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func add(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content(t, path)+text), 0o600))
}

// The next CLI has all of the conversation, and what it adds is all that is booked of the copy.
func TestAConversationIsProvidedAndBookedOnce(t *testing.T) {
	p := newPlace(t)
	whole := message("c", "m1", 1, 2) + message("c", "m2", 10, 20) + costState("c", 15, 30)
	path := p.write("c.jsonl", whole)
	p.write("c/subagents/agent-1.jsonl", message("c", "m3", 4, 8))
	p.write("c/tool-results/out.txt", "some output")
	p.write("other.jsonl", message("other", "m9", 100, 100))
	to := filepath.Join(t.TempDir(), "missing", "projects")
	path2 := p.provide(path, to)
	require.Equal(t, whole, content(t, path2))
	require.Equal(t, message("c", "m3", 4, 8), content(t, filepath.Join(to, "slug/c/subagents/agent-1.jsonl")))
	require.Equal(t, "some output", content(t, filepath.Join(to, "slug/c/tool-results/out.txt")))
	require.NoFileExists(t, filepath.Join(to, "slug/other.jsonl"))
	info, err := os.Stat(path2)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path2))
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing half copied is left")

	p.syncAll(to)
	require.Equal(t, "4: 115 in, 130 out", p.total())
	add(t, path2, message("c", "m4", 3, 3)+costState("c", 18, 33))
	p.syncAll(to)
	require.Equal(t, "5: 118 in, 133 out", p.total())
	p.syncAll(to)
	require.Equal(t, "5: 118 in, 133 out", p.total())
}

// What goes there and back again counts once.
func TestAConversationThatComesBack(t *testing.T) {
	p := newPlace(t)
	path := p.write("c.jsonl", message("c", "m1", 1, 1)+costState("c", 1, 1))
	to := filepath.Join(t.TempDir(), "projects")
	path2 := p.provide(path, to)
	add(t, path2, message("c", "m2", 2, 2)+costState("c", 3, 3))
	require.NoError(t, transcripts.Provide(ctx, p.store, noPrice, path2, p.dir))
	require.Equal(t, content(t, path2), content(t, path))
	add(t, path, message("c", "m3", 4, 4)+costState("c", 7, 7))
	p.syncAll(to)
	require.Equal(t, "3: 7 in, 7 out", p.total())
}

func TestATranscriptThatIsThereIsNotOverwritten(t *testing.T) {
	p := newPlace(t)
	path := p.write("c.jsonl", message("c", "m1", 1, 1))
	to := filepath.Join(t.TempDir(), "projects")
	path2 := p.provide(path, to)
	longer := message("c", "m1", 1, 1) + message("c", "m2", 2, 2)
	require.NoError(t, os.WriteFile(path2, []byte(longer), 0o600))
	p.provide(path, to)
	require.Equal(t, longer, content(t, path2), "it has more")
	require.NoError(t, os.WriteFile(path2, []byte(longer[:10]), 0o600))
	p.provide(path, to)
	require.Equal(t, content(t, path), content(t, path2), "it has less")
}

func TestSharedDirectoriesAreLeftAlone(t *testing.T) {
	p := newPlace(t)
	path := p.write("c.jsonl", message("c", "m1", 1, 1))
	shared := filepath.Join(t.TempDir(), "projects")
	require.NoError(t, os.Symlink(p.dir, shared))
	before, err := os.Stat(path)
	require.NoError(t, err)
	p.provide(path, shared)
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))

	// A link to another directory is followed: the copy is known by the place it is in.
	other, link := t.TempDir(), filepath.Join(t.TempDir(), "projects")
	require.NoError(t, os.Symlink(other, link))
	p.provide(path, link)
	known, err := p.store.Checkpoints(ctx, "")
	require.NoError(t, err)
	real, err := filepath.EvalSymlinks(other)
	require.NoError(t, err)
	require.Contains(t, known, filepath.Join(real, "slug", "c.jsonl"))
	p.syncAll(real)
	require.Equal(t, "1: 1 in, 1 out", p.total())
}

func TestProvideFailsWhereItCanNotWrite(t *testing.T) {
	p := newPlace(t)
	path := p.write("c.jsonl", message("c", "m1", 1, 1))
	file := filepath.Join(t.TempDir(), "projects")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Error(t, transcripts.Provide(ctx, p.store, noPrice, path, file))
}

func TestTheTranscriptThatWasWrittenLastIsFound(t *testing.T) {
	p := newPlace(t)
	older, newer := p.write("c.jsonl", ""), p.write("../elsewhere/c.jsonl", "")
	require.NoError(t, os.Chtimes(older, noon, noon))
	require.NoError(t, os.Chtimes(newer, noon, noon.Add(time.Hour)))
	dirs := []string{"", filepath.Join(t.TempDir(), "none"), p.dir}
	require.Equal(t, newer, transcripts.Find(dirs, "c"))
	for _, conversation := range []string{"", "none", "*", "../slug/c", `c\`, "c?", "[c]"} {
		require.Empty(t, transcripts.Find(dirs, conversation), conversation)
	}
}

func TestWhatIsPutAsideComesBackUnlessItWasBegunAnew(t *testing.T) {
	p := newPlace(t)
	for _, anew := range []bool{true, false} {
		path := p.write("c.jsonl", "first")
		aside, err := transcripts.PutAside(path, "session")
		require.NoError(t, err)
		require.NoFileExists(t, path)
		require.FileExists(t, path+".session")
		require.Empty(t, transcripts.Find([]string{p.dir}, "c"), "no CLI takes it for a conversation")
		want := "first"
		if anew {
			want = "second"
			p.write("c.jsonl", want)
		}
		aside.Settle()
		require.Equal(t, want, content(t, path))
		require.NoFileExists(t, path+".session")
	}
	aside, err := transcripts.PutAside("", "session")
	require.NoError(t, err)
	aside.Settle()
	_, err = transcripts.PutAside(filepath.Join(p.dir, "none.jsonl"), "session")
	require.Error(t, err)
}

func TestWhetherTheAPIHasAnsweredSince(t *testing.T) {
	p := newPlace(t)
	limit := `{"type":"assistant","sessionId":"c","timestamp":"2026-11-24T12:00:01Z","isApiErrorMessage":true,"message":{"id":"x","model":"<synthetic>","content":[{"type":"text","text":"You've hit your session limit"}]}}` + "\n"
	filler := `{"type":"user","sessionId":"c","x":"` + strings.Repeat("y", 5<<20) + `"}` + "\n"
	for name, c := range map[string]struct {
		text  string
		since time.Time
		want  bool
	}{
		"before":              {message("c", "m1", 1, 1), noon.Add(time.Second), false},
		"since":               {message("c", "m1", 1, 1), noon.Add(-time.Second), true},
		"at the same moment":  {message("c", "m1", 1, 1), noon, true},
		"nothing":             {"", noon, false},
		"a limit":             {limit, noon, false},
		"before, and a limit": {message("c", "m1", 1, 1) + limit, noon.Add(500 * time.Millisecond), false},
		"no JSON":             {"\x00{\n", noon, false},
		"all of the end":      {message("c", "m1", 1, 1) + filler, noon.Add(time.Second), true},
		"before in the end":   {filler + message("c", "m1", 1, 1) + limit, noon.Add(500 * time.Millisecond), false},
	} {
		path := p.write("c.jsonl", c.text)
		require.Equal(t, c.want, transcripts.AnsweredSince(path, c.since), name)
	}
	require.True(t, transcripts.AnsweredSince(filepath.Join(p.dir, "none.jsonl"), noon), "nobody knows")
	require.True(t, transcripts.AnsweredSince(p.dir, noon), "nobody knows")
}
