package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ask puts a question to the person at the terminal and returns the answer, the standard one for Enter. Ctrl-C
// ends the program, as nothing is done while questions are open. Errors: where the input ends.
func (a *app) ask(question, standard string) (string, error) {
	fmt.Fprintf(a.stderr, "claudepool: %s [%s] ", question, standard)
	line, err := readLine(os.Stdin)
	if err != nil {
		fmt.Fprintln(a.stderr)
		return "", withHint(errors.New("no answer came, nothing was done"), "to be asked nothing: claudepool init --yes; other ways: claudepool init --help")
	}
	return cmp.Or(strings.TrimSpace(line), standard), nil
}

// askYes is ask for what Enter says yes to.
func (a *app) askYes(question string) (bool, error) {
	for {
		answer, err := a.ask(question, "Y/n")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "y/n", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

// readLine takes a line and nothing beyond it: the next question has the rest.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[0])
	}
}
