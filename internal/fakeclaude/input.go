package fakeclaude

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

func (a *actor) echo([]string) error {
	_, err := io.Copy(os.Stdout, os.Stdin)
	return err
}

func (a *actor) stdin([]string) error {
	got, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	return a.publish("stdin", got)
}

func (a *actor) keys([]string) error {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return err
	}
	defer tty.Close()
	line, err := bufio.NewReader(tty).ReadString('\n')
	if err != nil {
		return err
	}
	_, err = fmt.Printf("[%s]\n", strings.TrimRight(line, "\r\n"))
	return err
}

func (a *actor) raw([]string) error {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	_, err = term.MakeRaw(int(tty.Fd()))
	return err
}
