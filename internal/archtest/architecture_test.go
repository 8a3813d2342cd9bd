// Package archtest holds the directions of DESIGN's house: who may depend on whom.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "claudepool"

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

// list is `go list -deps` of all that is built, without tests.
func list(t *testing.T, patterns ...string) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Standard,Imports,Deps"}, patterns...)...)
	cmd.Dir = "../.."
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var said strings.Builder
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	packages := map[string]pkg{}
	for decoder := json.NewDecoder(out); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			require.NoError(t, err, said.String())
		}
		packages[p.ImportPath] = p
	}
	require.NoError(t, cmd.Wait(), said.String())
	return packages
}

// ours are the packages of this module that p reaches, itself left out, without the module's name.
func (p pkg) ours() (paths []string) {
	for _, dep := range p.Deps {
		if path, is := strings.CutPrefix(dep, module+"/"); is {
			paths = append(paths, path)
		}
	}
	return paths
}

// mayReach is the one way that dependencies point: a package, and all of ours that it may reach.
var mayReach = map[string][]string{
	"pool":                {},
	"internal/procid":     {"pool"},
	"internal/spool":      {"pool"},
	"internal/ledgerfile": {"pool"},
	"internal/memstore":   {"pool"},
	"internal/spill":      {},
	"internal/secret":     {"pool", "internal/procid"},
	"internal/replay":     {"internal/spill"},
	"internal/claudecli":  {"pool", "internal/spill"},
	"internal/sharing":    {"pool", "internal/claudecli", "internal/spill"},
	"internal/outage":     {},
	"sqlitestore":         {"pool"},
	"pgstore":             {"pool"},
	"wrapper":             {"pool", "internal/claudecli", "internal/spill", "internal/procid"},
	"internal/upkeep":     {"pool"},
	"internal/rotate":     {},
	"internal/notify":     {"pool", "internal/rotate"},
}

func TestDependenciesPointOneWay(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...")
	for path, may := range mayReach {
		require.Contains(t, packages, module+"/"+path)
		for _, dep := range packages[module+"/"+path].ours() {
			require.Contains(t, may, dep, "%s reaches %s", path, dep)
		}
	}
	// And nobody but a command chooses a store.
	for path, p := range packages {
		if strings.HasPrefix(path, module+"/") && !strings.HasPrefix(path, module+"/cmd/") {
			require.NotContains(t, p.ours(), "sqlitestore", path)
			require.NotContains(t, p.ours(), "pgstore", path)
		}
	}
}

func TestPoolImportsTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	for path, p := range list(t, "./pool") {
		require.True(t, p.Standard || path == module+"/pool", path)
	}
}

func TestWrapperKnowsNoStoreAndNoGrammar(t *testing.T) {
	t.Parallel()
	packages := list(t, "./wrapper")
	for _, path := range []string{
		"database/sql", "modernc.org/sqlite", "github.com/alecthomas/kong", module + "/sqlitestore", module + "/pgstore", module + "/internal/memstore",
	} {
		require.NotContains(t, packages, path)
	}
	require.NotContains(t, packages[module+"/wrapper"].Imports, gjson)
}

const gjson = "github.com/tidwall/gjson"

// Only one package knows a field name of the CLI. The stand-ins for the CLI and its API are the other
// side, and no part of what is shipped.
func TestOnlyClaudecliReadsTheCLIsJSON(t *testing.T) {
	t.Parallel()
	for path, p := range list(t, "./...") {
		if slices.Contains(p.Imports, gjson) && strings.HasPrefix(path, module+"/") {
			require.Equal(t, module+"/internal/claudecli", path, "imports gjson")
		}
	}
}

// What is linked into the command must not write to the terminal or ask it anything at start-up, and
// nothing that is for tests may be in it.
func TestTheCommandLinksNothingThatTalksToTheTerminal(t *testing.T) {
	t.Parallel()
	packages := list(t, "./cmd/claudepool")
	require.Contains(t, packages, module+"/wrapper", "the command runs the wrapper")
	for path := range packages {
		for _, loud := range []string{
			"github.com/charmbracelet/", "charm.land/", "github.com/muesli/", "github.com/gdamore/tcell", "github.com/rivo/tview",
			"github.com/nsf/termbox-go", "github.com/pterm/", "github.com/fatih/color",
		} {
			require.False(t, strings.HasPrefix(path, loud), "%s is linked", path)
		}
		for _, test := range []string{
			"testing", "github.com/stretchr/testify", module + "/pool/pooltest", module + "/internal/memstore",
			module + "/internal/fake", module + "/internal/sandbox", module + "/internal/bench",
		} {
			require.False(t, path == test || strings.HasPrefix(path, test) && test != "testing", "%s is linked", path)
		}
	}
}
