// Package sandbox is a machine in a directory, for the end-to-end tests and the demo: a home of its own,
// the shim first on PATH and the real CLI behind it, a pool, and a loopback API. Its environment is built
// from nothing, so that neither the user's logins nor the network are within reach.
package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"claudepool/internal/fakeapi"
)

// Sandbox is such a machine. Programs started in it stand in Work.
type Sandbox struct {
	Home, Work string
	// Shim is the link named claude that is found first on PATH.
	Shim string
	API  *fakeapi.Server

	// program is the built claudepool, "" on a machine without it.
	program       string
	subscriptions []string
}

// New makes a machine under the directory, which must exist and be empty, with the real CLI on it, and
// no claudepool. Close ends it.
func New(dir, realCLI string) (*Sandbox, error) {
	// The CLI names its transcripts' directory after the resolved path.
	home, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{Home: home, Work: filepath.Join(home, "work"), Shim: filepath.Join(home, "shim", "claude")}
	for _, made := range []string{s.Work, filepath.Dir(s.Shim), filepath.Join(home, "bin"), filepath.Join(home, "tmp")} {
		if err := os.MkdirAll(made, 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(realCLI, filepath.Join(home, "bin", "claude")); err != nil {
		return nil, err
	}
	s.API, err = fakeapi.Start("127.0.0.1:0")
	return s, err
}

// Install puts claudepool on the machine, with its shim, and makes an empty pool. Subscriptions come
// after it.
func (s *Sandbox) Install(program string) error {
	s.program = program
	if err := os.Symlink(program, s.Shim); err != nil {
		return err
	}
	return s.Manage(nil, "init")
}

// Close stops the API.
func (s *Sandbox) Close() { s.API.Close() }

// AddSubscription makes a config directory past the first-run screens, with a token of its own, by which
// the API's books know it, and puts it into the pool where there is one. args are for `claudepool add`.
func (s *Sandbox) AddSubscription(name string, args ...string) error {
	if err := s.share(s.ConfigDir(name)); err != nil {
		return err
	}
	return s.add(name, s.AddArgs(name, args...))
}

// AddUnshared is AddSubscription with transcripts of its own: another subscription can resume its conversations
// only where they are taken along.
func (s *Sandbox) AddUnshared(name string, args ...string) error {
	return s.add(name, s.AddArgs(name, args...))
}

// AddKey is AddSubscription for an API key instead of a login. The token is the key.
func (s *Sandbox) AddKey(name string) error {
	if err := s.share(s.ConfigDir(name)); err != nil {
		return err
	}
	return s.add(name, s.addArgs(name, "ANTHROPIC_API_KEY"))
}

func (s *Sandbox) add(name string, args []string) error {
	if err := s.seed(s.ConfigDir(name)); err != nil {
		return err
	}
	s.subscriptions = append(s.subscriptions, name)
	if s.program == "" {
		return nil
	}
	return s.Manage(nil, args...)
}

// AddArgs are the arguments by which claudepool adds the subscription.
func (s *Sandbox) AddArgs(name string, more ...string) []string {
	return append(s.addArgs(name, "CLAUDE_CODE_OAUTH_TOKEN"), more...)
}

// addArgs are the arguments for a subscription that signs in by the variable.
func (s *Sandbox) addArgs(name, variable string) []string {
	return []string{"add", name, "--no-ramp-up", "--config-dir", s.ConfigDir(name), "--env-from", variable + "=" + tokenVariable(name)}
}

// share makes a config directory whose transcripts go to one directory for all, so that any subscription can
// resume any conversation.
func (s *Sandbox) share(dir string) error {
	shared := filepath.Join(s.Home, "projects")
	for _, made := range []string{dir, shared} {
		if err := os.MkdirAll(made, 0o700); err != nil {
			return err
		}
	}
	return os.Symlink(shared, filepath.Join(dir, "projects"))
}

// seed puts into a config directory by what the interface starts without the first-run screens (2.1.330). It
// makes the directory where it is missing.
func (s *Sandbox) seed(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	state, err := json.Marshal(map[string]any{
		"hasCompletedOnboarding": true, "theme": "dark",
		"projects": map[string]any{s.Work: map[string]any{
			"hasTrustDialogAccepted": true,
			"allowedTools":           []string{}, // 1.0.128 crashes without it
		}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ".claude.json"), state, 0o600)
}

// ConfigDir is the config directory of a subscription.
func (s *Sandbox) ConfigDir(name string) string { return filepath.Join(s.Home, "subscriptions", name) }

// Token is what the subscription signs in with.
func Token(subscription string) string { return "token-of-" + subscription }

// tokenVariable is the variable of the caller that holds the token.
func tokenVariable(subscription string) string {
	return "TOKEN_" + strings.ToUpper(strings.ReplaceAll(subscription, "-", "_"))
}

// Env is the environment of a user of this machine.
func (s *Sandbox) Env() []string {
	env := slices.Concat(s.base(), []string{
		"PATH=" + strings.Join([]string{filepath.Dir(s.Shim), filepath.Join(s.Home, "bin"), "/usr/local/bin", "/usr/bin", "/bin"}, ":"),
	})
	for _, name := range s.subscriptions {
		env = append(env, tokenVariable(name)+"="+Token(name))
	}
	return env
}

// DirectEnv is the environment of the real CLI on a subscription, when it is started without claudepool.
func (s *Sandbox) DirectEnv(subscription string) []string {
	return slices.Concat(s.base(), []string{
		"PATH=" + strings.Join([]string{filepath.Join(s.Home, "bin"), "/usr/local/bin", "/usr/bin", "/bin"}, ":"),
		"CLAUDE_CONFIG_DIR=" + s.ConfigDir(subscription),
		"CLAUDE_CODE_OAUTH_TOKEN=" + Token(subscription),
	})
}

func (s *Sandbox) base() []string {
	return []string{
		"HOME=" + s.Home, "TMPDIR=" + filepath.Join(s.Home, "tmp"), "SHELL=/bin/bash", "TERM=xterm-256color",
		"LANG=C.UTF-8", "TZ=UTC", "ANTHROPIC_BASE_URL=" + s.API.URL,
		"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1",
		"CLAUDEPOOL_MAINTAIN=off", // nothing outlives a test
	}
}

// Claude is the command `claude ARGS`, as a user of this machine types it.
func (s *Sandbox) Claude(ctx context.Context, args ...string) *exec.Cmd {
	return s.command(ctx, s.Env(), s.Shim, args)
}

// Direct is the same without claudepool.
func (s *Sandbox) Direct(ctx context.Context, subscription string, args ...string) *exec.Cmd {
	return s.command(ctx, s.DirectEnv(subscription), filepath.Join(s.Home, "bin", "claude"), args)
}

func (s *Sandbox) command(ctx context.Context, env []string, path string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = s.Work, env
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Claudepool is the command `claudepool ARGS`.
func (s *Sandbox) Claudepool(ctx context.Context, args ...string) *exec.Cmd {
	return s.command(ctx, s.Env(), s.program, args)
}

// Manage runs `claudepool ARGS`, which must succeed, and reads the document that it prints into answer,
// unless that is nil.
func (s *Sandbox) Manage(answer any, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := s.Claudepool(ctx, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("claudepool %s: %w\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("claudepool %s: %w in %q", strings.Join(args, " "), err, out)
	}
	return nil
}
