// Command makedist builds what a release consists of: an archive for each platform, a Debian package for
// each Linux one, SHA256SUMS, and the Homebrew formula with the checksums filled in.
//
//	make dist
//
// It stands in the repository's root. The same commit gives the same bytes, whoever builds it, with one version of
// Go: times are the commit's, owners are nobody, names are sorted.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() { os.Exit(run()) }

func run() int {
	var r release
	platforms := flag.String("platforms", "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64", "what to build for")
	flag.StringVar(&r.out, "out", "dist/release", "where it goes; what is there is removed")
	flag.StringVar(&r.url, "url", "https://example.invalid/claudepool", "where the archives will be downloaded from; for the formula")
	flag.StringVar(&r.nfpm, "nfpm", "", "the version of nfpm that builds the Debian packages, as in PACKAGE@VERSION; without it there are none")
	flag.Parse()
	if err := r.make(strings.Fields(*platforms)); err != nil {
		fmt.Fprintln(os.Stderr, "makedist:", err)
		return 1
	}
	return 0
}

// release is a release in the making.
type release struct {
	out, url, nfpm string
	// stage is a temporary directory for what goes into the archives.
	stage   string
	at      time.Time // the commit's
	version string    // without the v
	// sums are the checksums of what is in out, by file name.
	sums map[string]string
}

func (r *release) make(platforms []string) (err error) {
	r.sums = map[string]string{}
	if r.at, err = commitTime(); err != nil {
		return err
	}
	if r.stage, err = os.MkdirTemp("", "claudepool-dist-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.stage) }()
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	documents, err := r.documents()
	if err != nil {
		return err
	}
	for _, platform := range platforms {
		if err := r.platform(platform, documents); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
	}
	if err := r.formula("packaging/claudepool.rb.tmpl", platforms); err != nil {
		return err
	}
	return r.writeSums()
}

// platform makes the archive for a platform, and the Debian package.
func (r *release) platform(platform string, documents []file) error {
	goos, goarch, _ := strings.Cut(platform, "/")
	binary, err := r.build(goos, goarch)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	name := r.archiveName(platform)
	root := strings.TrimSuffix(name, ".tar.gz")
	files := append([]file{{"claudepool", 0o755, program}}, documents...)
	if err := writeArchive(filepath.Join(r.out, name), root, files, r.at); err != nil {
		return err
	}
	if err := r.add(name); err != nil {
		return err
	}
	if goos != "linux" || r.nfpm == "" {
		return nil
	}
	return r.debian(goarch, files)
}

// archiveName is the name of the archive for a platform, as in linux/amd64.
func (r *release) archiveName(platform string) string {
	return fmt.Sprintf("claudepool_%s_%s.tar.gz", r.version, strings.ReplaceAll(platform, "/", "_"))
}
