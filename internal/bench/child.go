package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// This program plays the children too: roleVariable says which, sizeVariable how many bytes it writes.
const (
	roleVariable = "CLAUDEPOOL_BENCH_ROLE"
	sizeVariable = "CLAUDEPOOL_BENCH_SIZE"
)

// ready is what a child prints when it is there.
const ready = '+'

// actor returns this program as a child in a role.
func (b *bench) actor(role string, size int) child {
	return child{path: b.self, env: []string{roleVariable + "=" + role, fmt.Sprintf("%s=%d", sizeVariable, size)}}
}

func playChild(role string) int {
	size, _ := strconv.Atoi(os.Getenv(sizeVariable)) // 0 for roles without a size
	var err error
	switch role {
	case "screen":
		err = writeRepeatedly(os.Stdout, screenBlock(), size)
	case "stream":
		err = writeStream(os.Stdout, size)
	case "stream-then-wait":
		err = thenWait(writeStream(os.Stdout, size))
	case "line-then-wait":
		err = thenWait(writeLine(os.Stdout, size))
	case "screen-then-wait":
		err = thenWait(writeRepeatedly(os.Stdout, screenBlock(), size))
	case "wait":
		_, err = fmt.Printf("%c", ready)
		err = thenWait(err)
	case "echo":
		err = echoKeys()
	case "limited":
		return meetLimit(size)
	default:
		err = fmt.Errorf("no role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench child:", err)
		return 1
	}
	return 0
}

// thenWait holds the child until the end of its standard input, or a key on a terminal.
func thenWait(err error) error {
	if err != nil {
		return err
	}
	_, err = os.Stdin.Read(make([]byte, 1))
	if err == io.EOF {
		return nil
	}
	return err
}

// echoKeys gives back every byte that it reads from a raw terminal, as a full-screen program would
// show a key, until it reads a q.
func echoKeys() error {
	old, err := term.MakeRaw(0)
	if err != nil {
		return err
	}
	defer func() { _ = term.Restore(0, old) }() // the terminal may be gone
	key := []byte{ready}
	for key[0] != 'q' {
		if _, err := os.Stdout.Write(key); err != nil {
			return err
		}
		if _, err := os.Stdin.Read(key); err != nil {
			return err
		}
	}
	return nil
}
