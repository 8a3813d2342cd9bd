package wrapper

import (
	"encoding/binary"
	"io"
	"os"
)

// message is what the wrapper and its monitor say to each other.
type message struct {
	kind  messageKind
	value uint32
}

type messageKind byte

const (
	// From the monitor: the CLI has started (value: its pid), could not be started (its errno), was
	// stopped (the signal), has ended (its wait status).
	msgStarted messageKind = iota + 1
	msgFailed
	msgStopped
	msgEnded
	// To the monitor: send the CLI this signal; let the CLI's process group go on.
	msgSignal
	msgContinue
)

const messageSize = 5

func send(link *os.File, m message) error {
	var b [messageSize]byte
	b[0] = byte(m.kind)
	binary.LittleEndian.PutUint32(b[1:], m.value)
	_, err := link.Write(b[:])
	return err
}

// messages returns what comes over the link; it is closed at the link's end.
func messages(link *os.File) <-chan message {
	c := make(chan message, 16)
	go func() {
		defer close(c)
		var b [messageSize]byte
		for {
			if _, err := io.ReadFull(link, b[:]); err != nil {
				return
			}
			c <- message{messageKind(b[0]), binary.LittleEndian.Uint32(b[1:])}
		}
	}()
	return c
}
