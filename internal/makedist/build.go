package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// commitTime is the time of the commit that is checked out. SOURCE_DATE_EPOCH, in seconds, goes before it: it is how
// others that rebuild packages say it, and all there is without git.
func commitTime() (time.Time, error) {
	said := os.Getenv("SOURCE_DATE_EPOCH")
	if said == "" {
		out, err := output(nil, "git", "log", "-1", "--format=%ct")
		if err != nil {
			return time.Time{}, fmt.Errorf("%w\nthe files get the time of the commit; set SOURCE_DATE_EPOCH where there is no git", err)
		}
		said = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the commit's time: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// build builds the program for a platform and returns its path. The first build tells the version.
func (r *release) build(goos, goarch string) (string, error) {
	binary := filepath.Join(r.stage, goos+"-"+goarch, "claudepool")
	args := []string{"build", "-trimpath", "-buildvcs=true", "-o", binary, "./cmd/claudepool"}
	// The levels of the instruction sets and the experiments would change the bytes.
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	if _, err := output(env, "go", args...); err != nil {
		return "", err
	}
	if r.version != "" {
		return binary, nil
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", err
	}
	r.version = versionNumber(info.Main.Version)
	return binary, nil
}

// versionNumber is the number of a module's version: that of a tag, or one that sorts before all tags.
func versionNumber(version string) string {
	number, is := strings.CutPrefix(version, "v")
	if !is {
		return "0.0.0"
	}
	return number
}

// documents are the files of an archive beside the program. The program writes some of them itself.
func (r *release) documents() (files []file, err error) {
	contrib, err := filepath.Glob("contrib/*") // in the order of their names
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"LICENSE", "README.md", "CHANGELOG.md"}, contrib...) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, 0o644, text})
	}
	program, err := r.build(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	// Not the builder's own settings.
	env := []string{"HOME=" + r.stage, "PATH=" + os.Getenv("PATH")}
	for _, written := range []struct {
		name string
		args []string
	}{
		{"claudepool.1", []string{"man"}},
		{"completions/claudepool.bash", []string{"completion", "bash"}},
		{"completions/_claudepool", []string{"completion", "zsh"}},
		{"completions/claudepool.fish", []string{"completion", "fish"}},
	} {
		text, err := output(env, program, written.args...)
		if err != nil {
			return nil, err
		}
		files = append(files, file{written.name, 0o644, text})
	}
	return files, nil
}

// output runs a command, which must succeed, and returns what it prints. A nil environment is ours.
func output(env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = env
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, said.String())
	}
	return out, nil
}
