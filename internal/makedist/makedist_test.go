package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var released = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

var someFiles = []file{{"claudepool", 0o755, []byte("the program")}, {"LICENSE", 0o644, []byte("MIT")}, {"completions/_x", 0o644, nil}}

func TestAnArchiveIsOfItsFilesAndTheCommitOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "one.tar.gz"), filepath.Join(dir, "two.tar.gz")
	require.NoError(t, writeArchive(first, "root", someFiles, released))
	turned := slices.Clone(someFiles)
	slices.Reverse(turned)
	require.NoError(t, writeArchive(second, "root", turned, released))
	one, err := os.ReadFile(first)
	require.NoError(t, err)
	two, err := os.ReadFile(second)
	require.NoError(t, err)
	require.Equal(t, one, two)

	unzipped, err := gzip.NewReader(bytes.NewReader(one))
	require.NoError(t, err)
	require.True(t, unzipped.ModTime.IsZero())
	require.Empty(t, unzipped.Header.Name)
	var names []string
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		names = append(names, header.Name)
		require.True(t, released.Equal(header.ModTime), header.Name)
		require.Zero(t, header.Uid+header.Gid, header.Name)
		require.Empty(t, header.Uname+header.Gname, header.Name)
	}
	require.Equal(t, []string{"root/LICENSE", "root/claudepool", "root/completions/_x"}, names)
}

func TestVersionNumber(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1.2.3", versionNumber("v1.2.3"))
	require.Equal(t, "0.0.0-20261125141211-e8413a1ef5eb+dirty", versionNumber("v0.0.0-20261125141211-e8413a1ef5eb+dirty"))
	require.Equal(t, "0.0.0", versionNumber("(devel)"))
	require.Equal(t, "0.0.0", versionNumber(""))
}

func TestTheFormulaNamesEveryArchiveWithItsChecksum(t *testing.T) {
	t.Parallel()
	platforms := []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"}
	r := &release{out: t.TempDir(), url: "https://example.invalid/pool", version: "1.2.3", sums: map[string]string{}}
	for _, platform := range platforms {
		r.sums[r.archiveName(platform)] = "sum of " + platform
	}
	formula := filepath.Join(r.out, "claudepool.rb")
	template := filepath.Join("..", "..", "packaging", "claudepool.rb.tmpl")
	require.NoError(t, r.formula(template, platforms))
	text, err := os.ReadFile(formula)
	require.NoError(t, err)
	for _, platform := range platforms {
		require.Contains(t, string(text),
			"url \"https://example.invalid/pool/v1.2.3/"+r.archiveName(platform)+"\"\n      sha256 \"sum of "+platform+"\"\n")
	}
	require.Contains(t, string(text), "\n  version \"1.2.3\"\n")

	delete(r.sums, r.archiveName("darwin/arm64"))
	require.ErrorContains(t, r.formula(template, platforms[:3]), "the formula needs an archive for darwin/arm64")
}

func TestTheTimeOfTheCommitCanBeGiven(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1795608000")
	at, err := commitTime()
	require.NoError(t, err)
	require.True(t, released.Equal(at), at)
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	_, err = commitTime()
	require.ErrorContains(t, err, "the commit's time")
}
