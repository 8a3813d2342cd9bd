package pool

import (
	"path/filepath"
	"regexp"
)

// Sharing says what in a subscription's config directory are links to the same in another directory. It is
// remembered because a link that was replaced does not show any more that it was one.
type Sharing struct {
	// Base is the absolute path of the other directory; "" where nothing is shared.
	Base string
	// Entries are the names of the shared files and directories.
	Entries []string
	// Isolated is set where no conversation may leave the subscription, nor come to it: it shares nothing.
	Isolated bool
}

const maxShared = 32

var entryPattern = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)

// maxEntry is the length of the longest, in bytes. In the pattern it would take a tenth of a launch to compile.
const maxEntry = 128

// checkSharing holds the shape of it: which names a CLI can share, claudecli knows. A name begins with no dot, so
// none is that of a login.
func checkSharing(s Subscription) error {
	if len(s.Sharing.Entries) == 0 && s.Sharing.Base == "" {
		return nil
	}
	base := s.Sharing.Base
	if s.Sharing.Isolated {
		return &InvalidError{"share", base, "be left out where nothing is shared"}
	}
	if base == "" || checkConfigDir(base) != nil || base == filepath.Clean(s.ConfigDir) {
		return &InvalidError{"base directory", base, "be the absolute path of another config directory"}
	}
	if s.ConfigDir == "" {
		return &InvalidError{"share", base, "be left out for the directory of plain claude"}
	}
	if len(s.Sharing.Entries) > maxShared {
		return &InvalidError{"share", s.Sharing.Entries[maxShared], "be one of at most 32"}
	}
	for _, name := range s.Sharing.Entries {
		if len(name) > maxEntry || !entryPattern.MatchString(name) {
			return &InvalidError{"share", name, "be the name of a file or directory, without a dot in front"}
		}
	}
	return nil
}
