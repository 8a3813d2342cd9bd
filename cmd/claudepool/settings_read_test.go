package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/internal/notify"
)

// TestEverySettingIsRead: each setting changes something, and that is read where no setting is declared. What the
// weights of health change, pool.TestEveryWeightIsRead shows.
func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	read := fieldsRead(t, ".", "declaration{")
	for field := range fieldsRead(t, "../../pool", "") {
		read[field] = true
	}
	for d := range declarations() {
		sample, ok := samples[d.name()]
		if !ok { // CLAUDEPOOL_CONFIG names a file, which has tests of its own
			require.Equal(t, configVar, d.variable)
			continue
		}
		env := homeWith(t, "")
		if d.key != "" {
			env = homeWith(t, d.key+" = "+sample.file)
		} else {
			env = append(env, d.variable+"="+sample.variable)
		}
		changed := changedFields(t, env)
		require.NotEmpty(t, changed, "%s changes nothing", d.name())
		for _, field := range changed {
			require.True(t, read[field], "nothing reads %s, which %s sets", field, d.name())
		}
	}
}

// changedFields are the fields of the settings that are other than by default.
func changedFields(t *testing.T, env claudecli.Environment) []string {
	t.Helper()
	s, err := loadSettings(env)
	require.NoError(t, err)
	plain := defaultSettings(findPlaces(env))
	s.files = nil
	return fieldsThatDiffer(reflect.ValueOf(plain), reflect.ValueOf(s))
}

// fieldsThatDiffer are the names of the innermost fields in which two structs differ.
func fieldsThatDiffer(a, b reflect.Value) (names []string) {
	for i := range a.NumField() {
		name, x, y := a.Type().Field(i).Name, a.Field(i), b.Field(i)
		switch {
		case !a.Type().Field(i).IsExported():
			continue
		case x.Kind() == reflect.Struct && x.NumField() > 0 && x.Type().Field(0).IsExported():
			names = append(names, fieldsThatDiffer(x, y)...)
		case !reflect.DeepEqual(x.Interface(), y.Interface()):
			names = append(names, name)
		}
	}
	return names
}

// TestEveryKeyOfAChannelIsRead does the same for channels: each field of one is read by what delivers.
func TestEveryKeyOfAChannelIsRead(t *testing.T) {
	t.Parallel()
	read := fieldsRead(t, "../../internal/notify", "")
	for _, form := range []reflect.Type{reflect.TypeFor[notify.Settings](), reflect.TypeFor[notify.Rules]()} {
		for i := range form.NumField() {
			require.True(t, read[form.Field(i).Name], "nothing reads %s", form.Field(i).Name)
		}
	}
}

// fieldsRead are the names that the files of a directory select from something and do not only assign to. Tests, and files that
// hold the text but, are left out.
func fieldsRead(t *testing.T, dir, but string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	read := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		if but != "" && strings.Contains(string(text), but) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.SkipObjectResolution)
		require.NoError(t, err)
		assigned := map[ast.Node]bool{}
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					assigned[left] = true
				}
			case *ast.SelectorExpr:
				read[n.Sel.Name] = read[n.Sel.Name] || !assigned[n]
			}
			return true
		})
	}
	return read
}
