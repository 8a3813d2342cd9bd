package main

import (
	"regexp"
	"sync"
)

// lazily compiles a pattern when it is first asked for: a launch needs none of them.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
