package claudecli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrLeadsNowhere is what keeps settings from being found.
var ErrLeadsNowhere = errors.New("it is a link that leads nowhere")

// SettingsFile returns the path of the user's settings of a config directory, behind all links; the file need not
// be there yet. Errors: ErrLeadsNowhere; fs.ErrNotExist where the directory is missing.
func SettingsFile(configDir string) (string, error) {
	path := filepath.Join(configDir, "settings.json")
	target, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return target, err
	}
	if _, isLink := os.Readlink(path); isLink == nil {
		return "", ErrLeadsNowhere
	}
	dir, err := filepath.EvalSymlinks(configDir)
	return filepath.Join(dir, "settings.json"), err
}

// EditFile puts what edit makes of a file in its place, in one step, so that nobody ever reads a half of it, and
// keeps its mode. A file that is missing is empty, and made for the user alone. Nothing is written where nothing
// changes, and none of it where edit fails. path must be no link.
func EditFile(path string, edit func([]byte) ([]byte, error)) (changed bool, err error) {
	before, mode, err := readForEdit(path)
	if err != nil {
		return false, err
	}
	after, err := edit(before)
	if err != nil || bytes.Equal(before, after) {
		return false, err
	}
	return true, replaceFile(path, after, mode)
}

func readForEdit(path string) (text []byte, mode fs.FileMode, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0o600, nil
	case err != nil:
		return nil, 0, err
	case !info.Mode().IsRegular():
		return nil, 0, errors.New("it is no file") // a pipe would keep us waiting
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, maxSettings+1))
	if err == nil && len(text) > maxSettings {
		err = fmt.Errorf("it is longer than %d bytes", maxSettings)
	}
	return text, info.Mode().Perm(), err
}

func replaceFile(path string, text []byte, mode fs.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".settings-*.json")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // the first error says more
		}
	}()
	_, errWrite := file.Write(text)
	err = errors.Join(errWrite, file.Chmod(mode), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
