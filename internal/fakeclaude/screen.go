package fakeclaude

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// What the stand-in for the full-screen interface prints.
const (
	ScreenReady     = "screen ready"
	ScreenSuspended = "Claude Code is suspended. Run fg to bring it back."
	ScreenResumed   = "screen resumed"
)

const (
	ctrlC = 0x03
	ctrlZ = 0x1a
)

// screen is the full-screen interface in little: raw mode, every key shown as <key>, the size at every
// change of it and when it is resumed, q ends it. Ctrl-Z is handled as CLI 2.1.330 does: the terminal is put back, a sentence
// printed, and the whole own process group stopped.
func (a *actor) screen([]string) error {
	stdin := int(os.Stdin.Fd())
	cooked, err := term.MakeRaw(stdin)
	if err != nil {
		return err
	}
	defer func() { _ = term.Restore(stdin, cooked) }() // the terminal may be gone by now
	resized := make(chan os.Signal, 8)
	signal.Notify(resized, syscall.SIGWINCH)
	go showSizes(resized)
	say(ScreenReady)
	key := make([]byte, 1)
	for {
		if _, err := os.Stdin.Read(key); err != nil {
			return err
		}
		switch key[0] {
		case 'q':
			say("screen closed")
			return nil
		case ctrlZ:
			if err := suspend(stdin, cooked); err != nil {
				return err
			}
		default:
			say(fmt.Sprintf("<%s>", show(key[0])))
		}
	}
}

func show(key byte) string {
	if key == ctrlC {
		return "ctrl-c"
	}
	return fmt.Sprintf("%c", key)
}

func showSizes(resized <-chan os.Signal) {
	for range resized {
		say("size " + size())
	}
}

func size() string {
	cols, rows, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%dx%d", cols, rows)
}

// suspend stops the own process group, and returns once it has been continued.
func suspend(tty int, cooked *term.State) error {
	if err := term.Restore(tty, cooked); err != nil {
		return err
	}
	say(ScreenSuspended)
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	<-continued // the stop takes a moment to reach every thread
	if _, err := term.MakeRaw(tty); err != nil {
		return err
	}
	say(ScreenResumed + " " + size())
	return nil
}

func say(text string) { fmt.Fprintf(os.Stdout, "%s\r\n", text) }
