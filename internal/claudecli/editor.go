package claudecli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
)

// The editor extension brings a CLI of its own and starts that, not the one on PATH. A setting can name another
// program, which it then starts with the path of its own CLI as the first argument and the CLI's arguments after
// that (seen with the extension of 2.1.22 and later).

const (
	extensionPrefix = "anthropic.claude-code-"
	bundledCLI      = "resources/native-binary/claude"
)

// EditorSetting is the name of the setting of the editor that names the program.
const EditorSetting = "claudeCode.claudeProcessWrapper"

// HasEditorExtension tells whether the extension is among those in the directory.
func HasEditorExtension(extensions string) bool {
	entries, _ := os.ReadDir(extensions) // none where it can't be read
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), extensionPrefix) {
			return true
		}
	}
	return false
}

// EditorWrapper returns what the setting is in the editor's settings file, "" where it is not set.
func EditorWrapper(settings string) string {
	text := withoutComments(settingsFile(settings))
	return gjson.Get(text, strings.ReplaceAll(EditorSetting, ".", `\.`)).String()
}

// IsEditorsCLI tells whether a first argument is the CLI of the editor extension, put there by it.
func IsEditorsCLI(arg string) bool {
	dir, found := strings.CutSuffix(filepath.ToSlash(arg), "/"+bundledCLI)
	if !found || !filepath.IsAbs(arg) || !strings.HasPrefix(filepath.Base(dir), extensionPrefix) {
		return false
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// withoutComments takes the comments out of the settings of an editor, whose JSON may have them.
func withoutComments(text string) string {
	var left strings.Builder
	for len(text) > 0 {
		n := 1
		switch {
		case text[0] == '"':
			n = stringEnd(text)
		case strings.HasPrefix(text, "//"):
			text = text[strings.IndexByte(text+"\n", '\n'):]
			continue
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text[2:], "*/")
			continue
		}
		left.WriteString(text[:n])
		text = text[n:]
	}
	return left.String()
}

// stringEnd is how long the string is that text begins with.
func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
