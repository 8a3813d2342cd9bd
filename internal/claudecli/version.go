package claudecli

import (
	"strconv"
)

// VersionArgs make the CLI print its version, as in "2.1.330 (Claude Code)".
var VersionArgs = []string{"--version"}

var versionPattern = lazily(`^(\d{1,5})\.(\d{1,5})\.(\d{1,5})(\S*) \(Claude Code\)\s*$`)

// Version is that of a CLI.
type Version struct {
	numbers [3]int
	text    string
}

// String is the version as it was printed.
func (v Version) String() string { return v.text }

// ParseVersion reads what `claude --version` prints, and tells whether that is a version.
func ParseVersion(text string) (v Version, ok bool) {
	parts := versionPattern().FindStringSubmatch(text)
	if parts == nil {
		return Version{}, false
	}
	for i := range v.numbers {
		v.numbers[i], _ = strconv.Atoi(parts[i+1]) // digits, and few of them
	}
	v.text = parts[1] + "." + parts[2] + "." + parts[3] + parts[4]
	return v, true
}

// KnowsAuthStatus tells whether the CLI has `auth status`, which came with 2.1.41: an older one would take the
// words for a prompt.
func (v Version) KnowsAuthStatus() bool { return !v.before(2, 1, 41) }

func (v Version) before(numbers ...int) bool {
	for i, n := range numbers {
		if v.numbers[i] != n {
			return v.numbers[i] < n
		}
	}
	return false
}
