package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// formula fills in the template of the Homebrew formula, for the archives of the platforms.
func (r *release) formula(from string, platforms []string) error {
	return r.fill(from, filepath.Join(r.out, "claudepool.rb"), map[string]any{
		"Version": r.version,
		"Archive": func(platform string) (string, error) {
			name := r.archiveName(platform)
			sum, built := r.sums[name]
			if !built {
				return "", fmt.Errorf("the formula needs an archive for %s; there are %s", platform, strings.Join(platforms, ", "))
			}
			return fmt.Sprintf("url %q\n      sha256 %q", r.url+"/v"+r.version+"/"+name, sum), nil
		},
	})
}

// fill writes a template, filled in. A value that is missing is an error.
func (r *release) fill(from, to string, values map[string]any) error {
	filled, err := template.New(filepath.Base(from)).Option("missingkey=error").ParseFiles(from)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := filled.Execute(&text, values); err != nil {
		return err
	}
	return os.WriteFile(to, []byte(text.String()), 0o644)
}
