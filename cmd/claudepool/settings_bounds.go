package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// Bounds of what a config file may hold: whoever reads it, or what is wrong with it, has to get to its end.
const (
	mostConfigBytes = 512 << 10
	// mostDots bounds how deep a key of one line is: the parser takes time by the square of that.
	mostDots = 200
	// mostProblems is how much that is wrong is told of one file.
	mostProblems = 20
	// mostListed bounds a list.
	mostListed = 1000
)

// readBounded reads the text of a config file, which may be no plain file.
func readBounded(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, mostConfigBytes+1))
	if len(data) > mostConfigBytes {
		return "", fmt.Errorf("it is larger than %d KB", mostConfigBytes>>10)
	}
	return string(data), err
}

// tooDeep returns the first line that nests deeper than any config file needs, 0 where none does.
func tooDeep(data string) int {
	number := 0
	for line := range strings.Lines(data) {
		number++
		if strings.Count(line, ".")+strings.Count(line, "{") > mostDots {
			return number
		}
	}
	return 0
}

// outOfBounds says what a value must be that is beyond what any setting can have, "" for one that is not.
func outOfBounds(value any) string {
	var texts []string
	items := 0
	switch v := value.(type) {
	case string:
		texts = []string{v}
	case []string:
		texts, items = v, len(v)
	case []int:
		items = len(v)
	case []float64:
		items = len(v)
	}
	if items > mostListed {
		return fmt.Sprintf("a list of at most %d", mostListed)
	}
	for _, text := range texts {
		if len(text) > mostLetters || strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Sprintf("a text of at most %d letters, in one line", mostLetters)
		}
	}
	return ""
}
