package transcripts

import (
	"fmt"
	"io/fs"
	"syscall"
)

// identityOf tells a file from another that took its place.
func identityOf(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
