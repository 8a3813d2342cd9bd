package transcripts

import (
	"errors"
	"io/fs"
	"os"
)

// Aside is a transcript that was put out of the way of a run that begins the same conversation anew.
type Aside struct{ path, aside string }

// PutAside puts the transcript out of the way, under a name that ends with the tag. "" is no transcript.
func PutAside(path, tag string) (Aside, error) {
	if path == "" {
		return Aside{}, nil
	}
	a := Aside{path, path + "." + tag}
	return a, os.Rename(a.path, a.aside)
}

// Settle drops what was put aside where the conversation has been begun anew, and else puts it back.
func (a Aside) Settle() {
	if a.aside == "" {
		return
	}
	if _, err := os.Lstat(a.path); errors.Is(err, fs.ErrNotExist) {
		_ = os.Rename(a.aside, a.path) // best effort: it stays where it is, under a name that tells
		return
	}
	_ = os.Remove(a.aside) // best effort, as above
}
