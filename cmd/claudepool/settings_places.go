package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/internal/spool"
	"claudepool/wrapper"
)

// places are the directories that claudepool keeps things in.
type places struct {
	home, config, state, data string
	// server is what the environment says of databases on servers.
	server string
}

// nowhere stands for the home directory of a user who has none: nothing is there, and not even root can make
// anything there, neither on Linux nor on macOS, which has no /proc and can't get one.
const nowhere = "/proc/no-home"

// findPlaces follows the XDG directories, which must be absolute to count.
func findPlaces(env claudecli.Environment) places {
	home, _ := env.Get("HOME")
	in := func(variable, fallback string) string {
		if dir, _ := env.Get(variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, "claudepool")
		}
		return filepath.Join(cmp.Or(home, nowhere), fallback, "claudepool")
	}
	return places{
		home: home, config: in("XDG_CONFIG_HOME", ".config"),
		state: in("XDG_STATE_HOME", ".local/state"), data: in("XDG_DATA_HOME", ".local/share"),
		server: serverSettings(env),
	}
}

func (p places) configFile() string { return filepath.Join(p.config, "config.toml") }

// database is the pool's file unless a setting says otherwise.
func (p places) database() string { return filepath.Join(p.state, "pool.db") }

// shimDir holds the shim and nothing else: it goes first on PATH.
func (p places) shimDir() string { return filepath.Join(p.data, "shim") }

// subscriptionDir is the config directory that we make for a subscription.
func (p places) subscriptionDir(name string) string {
	return filepath.Join(p.data, "subscriptions", name)
}

// path reads a path that was given: in a file, ~/ is the home directory and a relative path starts where the
// file lies, as the directory that somebody happens to be in says nothing about it.
func (p places) path(g given) string {
	path := g.text()
	if g.file == nil || path == "" || filepath.IsAbs(path) {
		return path
	}
	if rest, found := strings.CutPrefix(path, "~/"); found {
		return filepath.Join(cmp.Or(p.home, nowhere), rest)
	}
	if isDatabaseURL(path) {
		return path
	}
	return filepath.Join(filepath.Dir(g.file.path), path)
}

// tilde shows a path below the home directory with a ~.
func (p places) tilde(path string) string {
	if rest, found := strings.CutPrefix(path, p.home+"/"); found && p.home != "" {
		return "~/" + rest
	}
	return path
}

// lookup says where the real CLI is to be found.
func (s settings) lookup(env claudecli.Environment) wrapper.Lookup {
	path, _ := env.Get("PATH")
	return wrapper.Lookup{
		Named: s.Claude, NamedBy: s.ClaudeFrom, Path: path, Home: s.places.home,
		ShimDirs: []string{s.places.shimDir()},
	}
}

// spool keeps usage for this database beside it or, where nothing can be written there, in a
// temporary directory of the user's own.
func (s settings) spool() spool.Spool {
	path := s.databaseFile()
	sum := sha256.Sum256([]byte(path))
	temporary := filepath.Join(os.TempDir(), fmt.Sprintf("claudepool-%d", os.Getuid()), hex.EncodeToString(sum[:8]))
	return spool.New(path+".spool", temporary)
}
