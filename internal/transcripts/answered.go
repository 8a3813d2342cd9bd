package transcripts

import (
	"bytes"
	"io"
	"os"
	"time"

	"claudepool/internal/claudecli"
)

// answeredTail is how much of a transcript's end is looked at, in bytes.
const answeredTail = 4 << 20

// AnsweredSince tells whether the API has answered on a conversation since a moment, by the end of its
// transcript. Where that end is all of the time since, or can't be read, it says yes: something may have
// been done.
func AnsweredSince(path string, since time.Time) bool {
	file, err := os.Open(path)
	if err != nil {
		return true
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return true
	}
	from := max(info.Size()-answeredTail, 0)
	text, err := io.ReadAll(io.NewSectionReader(file, from, answeredTail))
	if err != nil {
		return true
	}
	before := from == 0 // is there anything of before the moment?
	for line := range bytes.Lines(text) {
		l, ok := claudecli.ReadTranscriptLine(line)
		switch {
		case !ok || l.At.IsZero():
		case l.At.Before(since):
			before = true
		case l.ID != "":
			return true
		}
	}
	return !before
}
