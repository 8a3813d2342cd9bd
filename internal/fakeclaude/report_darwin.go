package fakeclaude

import "golang.org/x/sys/unix"

const readTermios = unix.TIOCGETA

// isControlling asks for the foreground group instead, which only the controlling terminal answers.
func isControlling(fd, _ int) bool {
	_, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil
}

func groupIsOrphaned(int, int) bool { return false }

func inheritedFiles() []int { return nil }
