package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"claudepool/internal/prices"
)

// pricesFile overrides prices of the table in the program.
func (p places) pricesFile() string { return filepath.Join(p.config, "prices.toml") }

// prices are the list prices, with those of the user's own file. A file that is wrong is an error for
// who asks; the table that comes with it is the program's own.
func (p places) prices() (*prices.Table, error) {
	table, err := prices.Load(p.pricesFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return prices.Default(), nil
	case err != nil:
		return prices.Default(), &configError{path: p.pricesFile(), err: err}
	}
	return table, nil
}
