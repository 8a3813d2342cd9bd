package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// file is a file of an archive.
type file struct {
	name string // with slashes, below the archive's root
	mode int64
	data []byte
}

// writeArchive writes the files as NAME.tar.gz, below one directory. Nothing in it is of the machine or the moment.
func writeArchive(name, root string, files []file, at time.Time) error {
	var packed bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&packed, gzip.BestCompression) // no name and no time in its header
	if err != nil {
		return err
	}
	if err := writeTar(zipped, root, files, at); err != nil {
		return err
	}
	if err := zipped.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, packed.Bytes(), 0o644)
}

func writeTar(w io.Writer, root string, files []file, at time.Time) error {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	archive := tar.NewWriter(w)
	for _, f := range files {
		header := &tar.Header{Name: path.Join(root, f.name), Mode: f.mode, Size: int64(len(f.data)), ModTime: at, Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// add takes the checksum of a file that is ready.
func (r *release) add(name string) error {
	data, err := os.ReadFile(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	r.sums[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	fmt.Printf("%s  %s\n", r.sums[name], name)
	return nil
}

// writeSums writes SHA256SUMS, in the form that `sha256sum --check` reads.
func (r *release) writeSums() error {
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.sums)) {
		fmt.Fprintf(&list, "%s  %s\n", r.sums[name], name)
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(list.String()), 0o644)
}
