package sharing

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// Kind says what is wrong with a link.
type Kind string

const (
	// Missing: there is nothing in its place.
	Missing Kind = "missing"
	// Replaced: there is a file or directory in its place.
	Replaced Kind = "replaced"
	// Elsewhere: it leads to something else.
	Elsewhere Kind = "elsewhere"
	// Unfinished: mending it was interrupted, and what was in its place waits beside it.
	Unfinished Kind = "unfinished"
	// Unreadable: it can't be looked at.
	Unreadable Kind = "unreadable"
)

// Problem is a link that is not as it should be.
type Problem struct {
	Entry string
	Kind  Kind
	// Path is where the link should be, Target what it should lead to.
	Path, Target string
}

// Check returns what is wrong with the links of a config directory, which must exist. It opens no file and
// changes nothing; it costs three lookups a link, so that every launch can afford it.
func Check(dir string, s pool.Sharing) []Problem {
	if len(s.Entries) == 0 {
		return nil
	}
	base := resolved(s.Base)
	var problems []Problem
	for _, name := range s.Entries {
		if _, known := claudecli.FindSharedEntry(name); !known {
			continue // of a newer claudepool, perhaps: not ours to judge
		}
		p := Problem{Entry: name, Path: filepath.Join(dir, name), Target: target(base, name)}
		if p.Kind = look(p.Path, p.Target); p.Kind != "" {
			problems = append(problems, p)
		}
	}
	return problems
}

// look returns "" for a link that is as it should be.
func look(path, target string) Kind {
	leads, err := os.Readlink(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Missing
	case errors.Is(err, syscall.EINVAL): // no link
		if sameFile(path, target) {
			return "" // the base directory itself, by another way
		}
		return Replaced
	case err != nil:
		return Unreadable
	}
	if _, err := os.Lstat(asideOf(path)); err == nil {
		return Unfinished
	}
	if leads != target && !sameFile(path, target) {
		return Elsewhere
	}
	return ""
}

// target is what a link should name: the end of all links from the base's own entry, whether that is there or
// not. The CLI would replace a link in the middle. base is resolved.
func target(base, name string) string {
	path := filepath.Join(base, name)
	for range 40 { // as many as the kernel follows
		leads, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(leads) {
			leads = filepath.Join(filepath.Dir(path), leads)
		}
		path = filepath.Join(resolved(filepath.Dir(leads)), filepath.Base(leads))
	}
	return path
}

// resolved is the directory behind all links, or as it is where that can't be told.
func resolved(dir string) string {
	if end, err := filepath.EvalSymlinks(dir); err == nil {
		return end
	}
	return dir
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// asideOf is where what was in a link's place waits while the link is mended.
func asideOf(path string) string { return path + ".claudepool-aside" }
