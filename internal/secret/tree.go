package secret

import (
	"os"
	"syscall"

	"claudepool/internal/procid"
)

// endTree ends a command that is still running, with all that it has started. They are not a process group of their
// own; see Runner.read. Each is stopped before its children are looked for: so it starts no more of them, and waits
// for none, whose pid would become another's. What was started by one that has ended before is not found.
func endTree(command *os.Process) error {
	if err := command.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	tree := procid.Children(command.Pid)
	for i := 0; i < len(tree); i++ {
		_ = syscall.Kill(tree[i], syscall.SIGSTOP) // best effort, here and below: it may be another user's
		tree = append(tree, procid.Children(tree[i])...)
	}
	for _, pid := range tree {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return command.Kill()
}
