package claudecli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

func writeFile(t *testing.T, text string, mode os.FileMode, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), mode))
	return file
}

// An editor's settings have comments, and may have what looks like one in a string.
func TestEditorWrapper(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:               "",
		`{}`:             "",
		`{"other": "x"}`: "",
		`{"claudeCode.claudeProcessWrapper": "/a b/claude"}`:                                                    "/a b/claude",
		"// \"claudeCode.claudeProcessWrapper\": \"/no\"\n{/* { */ \"claudeCode.claudeProcessWrapper\":\"/x\"}": "/x",
		`{"u": "http://a/*\"//", "claudeCode.claudeProcessWrapper": "/x//y"}`:                                   "/x//y",
		`{"claudeCode": {"claudeProcessWrapper": "/nested"}}`:                                                   "",
		`{"claudeCode.claudeProcessWrapper": "/x`:                                                               "",
	} {
		require.Equal(t, want, claudecli.EditorWrapper(writeFile(t, text, 0o600, t.TempDir(), "settings.json")), text)
	}
}

func TestIsEditorsCLI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.False(t, claudecli.HasEditorExtension(dir))
	own := writeFile(t, "", 0o755, dir, "anthropic.claude-code-2.1.330-linux-x64", "resources/native-binary/claude")
	require.True(t, claudecli.HasEditorExtension(dir))
	require.True(t, claudecli.IsEditorsCLI(own))
	require.False(t, claudecli.IsEditorsCLI(own+"x"))
	require.False(t, claudecli.IsEditorsCLI("explain "+own))
	require.False(t, claudecli.IsEditorsCLI(writeFile(t, "", 0o755, dir, "other", "resources/native-binary/claude")))
	require.False(t, claudecli.IsEditorsCLI(writeFile(t, "", 0o600, dir, "anthropic.claude-code-1", "resources/native-binary/claude")))
}
