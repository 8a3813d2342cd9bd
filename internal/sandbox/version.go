package sandbox

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

var versionLine = regexp.MustCompile(`(?m)^(\d+\.\d+\.\d+) \(Claude Code\)$`)

// Version asks a CLI for its version, such as 2.1.330. It is asked in an empty home directory: what some versions
// have to say of the state of theirs would stand before the answer.
func Version(ctx context.Context, cli string) (string, error) {
	home, err := os.MkdirTemp("", "claudepool-version-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(home)
	cmd := exec.CommandContext(ctx, cli, "--version")
	cmd.Env = []string{"HOME=" + home, "PATH=/usr/bin:/bin"}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", cli, err)
	}
	found := versionLine.FindSubmatch(out)
	if found == nil {
		return "", fmt.Errorf("%s --version: no version in %q", cli, out)
	}
	return string(found[1]), nil
}
