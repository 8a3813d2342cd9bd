package claudecli

import (
	"regexp"
	"sync"
)

// lazily compiles a pattern when it is first asked for: most runs need none of them, and each starts anew.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
