package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// debian makes the Debian package for a Linux architecture, from the files of the archive.
func (r *release) debian(goarch string, files []file) error {
	dir := filepath.Join(r.stage, "debian-"+goarch)
	for _, f := range files {
		if err := r.lay(dir, f); err != nil {
			return err
		}
	}
	config := filepath.Join(dir, "nfpm.yaml")
	err := r.fill("packaging/nfpm.yaml.tmpl", config, map[string]any{
		"Version": r.version, "Arch": goarch, "Dir": dir, "Time": r.at.Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("claudepool_%s_%s.deb", r.version, goarch)
	_, err = output(nil, "go", "run", r.nfpm, "package", "--packager", "deb", "--config", config, "--target", filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	return r.add(name)
}

// lay puts a file where nfpm finds it, with the commit's time. Debian wants manual pages and changelogs packed.
func (r *release) lay(dir string, f file) error {
	if f.name == "claudepool.1" || f.name == "CHANGELOG.md" {
		packed, err := packed(f.data)
		if err != nil {
			return err
		}
		f = file{f.name + ".gz", f.mode, packed}
	}
	path := filepath.Join(dir, filepath.FromSlash(f.name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, f.data, os.FileMode(f.mode)); err != nil {
		return err
	}
	return os.Chtimes(path, r.at, r.at)
}

func packed(data []byte) ([]byte, error) {
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zipped.Write(data); err != nil {
		return nil, err
	}
	if err := zipped.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
