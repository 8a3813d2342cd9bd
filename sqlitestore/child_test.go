package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// The test binary is also a process that uses a database, as claudepool is.
const (
	// childVar names the database; childSizeVar limits the size of every file, in bytes; childCreateVar
	// says that the database may be created.
	childVar       = "SQLITESTORE_CHILD"
	childSizeVar   = "SQLITESTORE_CHILD_FILE_SIZE"
	childCreateVar = "SQLITESTORE_CHILD_CREATE"
)

func TestMain(m *testing.M) {
	if is, err := killedChild(); is {
		fmt.Println(outcome(err))
		os.Exit(0)
	}
	if path, is := os.LookupEnv(childVar); is {
		fmt.Print(outcome(child(path)))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child opens the database, takes a session, gives it back and closes.
func child(path string) error {
	if path == "" {
		return nil
	}
	if limit, err := strconv.ParseUint(os.Getenv(childSizeVar), 10, 64); err == nil {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
		return fillUp(path)
	}
	return launchAndExit(path, sqlitestore.Options{Create: os.Getenv(childCreateVar) != ""})
}

// fillUp takes sessions until there is no more room, or so many that there must be none.
func fillUp(path string) error {
	ctx := context.Background()
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for range 2000 {
		alive := func(pool.Process) pool.Liveness { return pool.Alive }
		session, _, err := s.Acquire(ctx, pool.Request{CWD: "/work"}, pool.DefaultPolicy(), alive, time.Now())
		if err != nil {
			return err
		}
		if err := s.Release(ctx, session.ID, pool.End{Reason: pool.EndedByExit}, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

func launchAndExit(path string, o sqlitestore.Options) error {
	ctx := context.Background()
	self, err := procid.Self()
	if err != nil {
		return err
	}
	s, err := sqlitestore.Open(ctx, path, o)
	if err != nil {
		return err
	}
	session, _, err := s.Acquire(ctx, pool.Request{Process: self, CWD: "/work"}, pool.DefaultPolicy(), procid.Probe, time.Now())
	if err == nil {
		err = s.Release(ctx, session.ID, pool.End{Reason: pool.EndedByExit}, time.Now())
	}
	return errors.Join(err, s.Close())
}

// outcome names the sentinel that an error matches.
func outcome(err error) string {
	if err == nil {
		return "fine"
	}
	for _, sentinel := range []error{
		pool.ErrNoPool, pool.ErrBusy, pool.ErrFull, pool.ErrReadOnly, pool.ErrCorrupt, pool.ErrUnreadable, pool.ErrNewerSchema,
	} {
		if errors.Is(err, sentinel) {
			return fmt.Sprintf("%v (%v)", sentinel, err)
		}
	}
	return "unexpected: " + err.Error()
}

// childCommand is a child on the database, as a user whom permissions bind: as root none would.
func childCommand(path string, env ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.Command(self)
	if os.Geteuid() == 0 {
		cmd.Path = "/proc/self/exe" // the way to the binary itself is not open to others
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	cmd.Env = append(os.Environ(), append(env, childVar+"="+path)...)
	cmd.Stderr = os.Stderr
	return cmd
}

const nobody = 65534

// requireChild wants a child's outcome to be the sentinel, nil being a launch that is fine.
func requireChild(t *testing.T, want error, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.Output()
	require.NoError(t, err)
	begin := "fine"
	if want != nil {
		begin = want.Error() + " ("
	}
	require.True(t, strings.HasPrefix(string(out), begin), "want %q, got %q", begin, out)
}

// dirOfChild is a new directory that belongs to the child's user.
func dirOfChild(t *testing.T) string {
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		// The directories that testing makes above it are closed to others.
		outer, err := os.MkdirTemp("/tmp", "sqlitestore")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, os.RemoveAll(outer)) })
		dir = outer
		require.NoError(t, os.Chown(dir, nobody, nobody))
	}
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)) })
	return dir
}

// poolOfChild makes a pool in the directory, and gives its files to the child's user.
func poolOfChild(t *testing.T, dir string) string {
	path := dir + "/pool.db"
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	addSubscriptions(t, s, 3)
	require.NoError(t, s.Close())
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
	return path
}
