package main

import (
	"fmt"
	"os"
)

// replaceFile writes a file so that nobody ever reads half of it: beside it, and then in its place. What is there
// and no file, as /dev/stderr, is written to.
func replaceFile(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, os.O_WRONLY, data)
	}
	temporary := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	err := writeInto(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, data)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // best effort
	}
	return err
}

func writeInto(path string, flags int, data []byte) error {
	file, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
