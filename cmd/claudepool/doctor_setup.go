package main

import (
	"bytes"
	"cmp"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"claudepool/internal/claudecli"
)

// versionLimit is how long the CLI may take to print its version: it takes a second where it is slow.
const versionLimit = 10 * time.Second

func (d *doctor) checkSettings(context.Context) []finding {
	if d.trouble != nil {
		return []finding{problem(d.hintFor(d.trouble), "the settings are wrong: %v", d.trouble)}
	}
	if d.settings.Bypass {
		return []finding{warning("to use the pool again: unset CLAUDEPOOL_BYPASS",
			"CLAUDEPOOL_BYPASS is set: every run passes the pool by")}
	}
	return allWell("the settings are right: %s", d.settings.places.tilde(d.settings.places.configFile()))
}

// checkCLI finds the real CLI and has it say its version.
func (d *doctor) checkCLI(ctx context.Context) []finding {
	path, err := d.settings.lookup(d.env).Locate()
	if err != nil {
		return []finding{problem(d.hintFor(err), "the real CLI is not to be found: %v", err)}
	}
	d.cli = path
	said, err := d.versionOf(ctx, path)
	version, ok := claudecli.ParseVersion(said)
	switch {
	case err != nil:
		return []finding{problem("see what it says: "+shellQuote(path)+" --version", "%s does not print its version: %v", path, err)}
	case !ok:
		return []finding{warning("name the real CLI: export CLAUDEPOOL_CLAUDE=/path/to/claude",
			"%s says of its version %q: is it the real CLI?", path, firstLine(said))}
	}
	d.version = &version
	return allWell("the real CLI is %s, version %v", path, version)
}

// versionOf runs the CLI without anything of ours, of a login or of a terminal.
func (d *doctor) versionOf(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, versionLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, claudecli.VersionArgs...)
	cmd.Env, cmd.WaitDelay = bareEnvironment(d.env), time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out.String(), err
}

// bareEnvironment is what a program needs to run at all.
func bareEnvironment(env claudecli.Environment) claudecli.Environment {
	bare := claudecli.Environment{}
	for _, name := range []string{"HOME", "PATH", "USER", "TMPDIR", "LANG"} {
		if value, found := env.Get(name); found {
			bare = bare.Set(name, value)
		}
	}
	return bare
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line[:min(len(line), 60)]
}

func (d *doctor) checkShim(context.Context) []finding {
	s := d.lookAtShim()
	switch {
	case s.First:
		return allWell("plain claude is the shim: %s", d.settings.places.tilde(*s.FoundFirst))
	case s.Target != nil && !s.Installed:
		return []finding{warning("to make it anew: claudepool shim install", "the shim leads nowhere: %s -> %s", s.Path, *s.Target)}
	case !s.Installed:
		return []finding{warning("to install it: claudepool shim install", "the shim is not installed: plain claude passes the pool by")}
	case s.FoundFirst == nil:
		return []finding{warning(d.shellHint(), "the shim is not on PATH, and no other claude is")}
	}
	return []finding{warning(d.shellHint(), "%s comes before the shim on PATH", *s.FoundFirst)}
}

func (d *doctor) shellHint() string { return strings.TrimSpace(d.shellenvAdvice()) }

// checkEditors finds editors whose extension starts a CLI of its own.
func (d *doctor) checkEditors(context.Context) (found []finding) {
	home := d.settings.places.home
	if home == "" {
		return allWell("no editor was looked for: HOME is not set")
	}
	known := 0
	for _, e := range editors {
		if !claudecli.HasEditorExtension(filepath.Join(home, e.extensions, "extensions")) {
			continue
		}
		known++
		found = append(found, d.checkEditor(e)...)
	}
	if known == 0 {
		return allWell("no editor has an extension that brings a CLI of its own")
	}
	return orWell(found, "the extension of %s starts the shim", plural(known, "editor"))
}

// editor is one that the extension can be in.
type editor struct {
	name string
	// extensions is the directory that its extensions are below, in the home directory.
	extensions string
	// settings are the places that its settings can be in, in the home directory.
	settings []string
}

// editors are VS Code and its relatives.
var editors = []editor{
	{"VS Code", ".vscode", userSettings("Code")},
	{"VS Code Insiders", ".vscode-insiders", userSettings("Code - Insiders")},
	{"VS Code (server)", ".vscode-server", []string{".vscode-server/data/Machine/settings.json"}},
	{"VSCodium", ".vscode-oss", userSettings("VSCodium")},
	{"Cursor", ".cursor", userSettings("Cursor")},
	{"Cursor (server)", ".cursor-server", []string{".cursor-server/data/Machine/settings.json"}},
	{"Windsurf", ".windsurf", userSettings("Windsurf")},
}

// userSettings are the places on Linux and macOS.
func userSettings(name string) []string {
	return []string{
		filepath.Join(".config", name, "User/settings.json"),
		filepath.Join("Library/Application Support", name, "User/settings.json"),
	}
}

func (d *doctor) checkEditor(e editor) []finding {
	home := d.settings.places.home
	file := filepath.Join(home, e.settings[0])
	for _, place := range e.settings {
		if isDir(filepath.Dir(filepath.Join(home, place))) {
			file = filepath.Join(home, place)
			break
		}
	}
	set := claudecli.EditorWrapper(file)
	shim := d.settings.places.shim()
	switch {
	case set == shim || set != "" && isOurselves(set) && filepath.Base(set) == "claude":
		return nil
	case set != "":
		return []finding{warning(editorHint(file, shim), "the extension of %s starts %s and not the shim", e.name, set)}
	}
	return []finding{warning(editorHint(file, shim), "the extension of %s starts a CLI of its own, past the pool", e.name)}
}

// editorHint says what to put where.
func editorHint(file, shim string) string {
	return "put into " + file + `: "` + claudecli.EditorSetting + `": "` + shim + `"`
}

// configDirOf is where a subscription's files lie.
func (d *doctor) configDirOf(dir string) string {
	return cmp.Or(dir, d.settings.places.defaultConfigDir())
}
