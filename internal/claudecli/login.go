package claudecli

import (
	"os"
	"path/filepath"
	"time"
)

// LoginRenewedAt is when the CLI last wrote the login of a config directory: by signing in or by renewing it, by
// replacing the file as a whole (2.1.330). The file is only looked at from outside, never opened. It is zero
// where there is none, as on macOS, where logins lie in the Keychain.
func LoginRenewedAt(configDir string) time.Time {
	info, err := os.Stat(filepath.Join(configDir, ".credentials.json"))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
