package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typesOf are the exported types that a package declares.
func typesOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("../..", dir))
	require.NoError(t, err)
	types := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", dir, e.Name()), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if declared, is := node.(*ast.TypeSpec); is && declared.Name.IsExported() {
				types[declared.Name.Name] = true
			}
			return true
		})
	}
	return types
}

// mayShare are types of the program that are called as one of the domain is, and why.
var mayShare = map[string]string{
	"sqlitestore.Store":       "implements it",
	"pgstore.Store":           "implements it",
	"internal/upkeep.Task":    "what is run; that of the domain is how often it ran",
	"internal/upkeep.Outcome": "what came of a task; that of the domain is what the API said of a login",
	"internal/notify.Message": "what a service shows; that of the domain is an answer of the API",
}

// A type of the domain is declared in package pool and nowhere else in the program: a second one of that name would drift away
// from it. That one is missing, the compiler says.
func TestNoTypeOfTheDomainIsDeclaredTwice(t *testing.T) {
	t.Parallel()
	domain := typesOf(t, "pool")
	require.Contains(t, domain, "Subscription")
	for _, dir := range list(t, "./cmd/claudepool")[module+"/cmd/claudepool"].ours() {
		for name := range typesOf(t, dir) {
			if dir != "pool" && domain[name] {
				assert.Contains(t, mayShare, dir+"."+name, "it declares what package pool does")
			}
		}
	}
}
