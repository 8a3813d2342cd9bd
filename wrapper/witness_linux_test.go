package wrapper

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reached sends the witness a signal, as one to its group would reach it.
func reached(t *testing.T, w *witness, signals ...syscall.Signal) {
	t.Helper()
	for _, sig := range signals {
		require.NoError(t, syscall.Kill(w.pid, sig))
	}
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	w := startWitness()
	require.NotNil(t, w)
	t.Cleanup(w.close)
	return w
}

// longAgo takes the witness past the time in which twins are one.
func longAgo(w *witness) {
	for sig := range w.met {
		w.met[sig] = time.Now().Add(-time.Minute)
	}
}

func TestTheWitnessSeesEverySignalFromItsFirstMoment(t *testing.T) {
	t.Parallel()
	for _, sig := range append([]syscall.Signal{syscall.SIGCONT}, relayed...) {
		w := newWitness(t)
		require.False(t, w.saw(sig), "%v was sent to nobody", sig)
		reached(t, w, sig)
		require.True(t, w.saw(sig), "%v was sent to the group", sig)
		longAgo(w)
		require.False(t, w.saw(sig), "%v was sent once", sig)
	}
}

func TestTheWitnessKeepsOtherSignalsForLater(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	reached(t, w, syscall.SIGINT)
	require.True(t, w.saw(syscall.SIGINT))
	reached(t, w, syscall.SIGTERM) // to the new one
	require.True(t, w.saw(syscall.SIGTERM))

	reached(t, w, syscall.SIGUSR1)
	known, err := w.pending()
	require.NoError(t, err)
	reached(t, w, syscall.SIGUSR2) // while it is being replaced
	w.replace(known)
	longAgo(w)
	require.True(t, w.saw(syscall.SIGUSR2))
	longAgo(w)
	require.False(t, w.saw(syscall.SIGUSR2))
}

// A stop and its continuation cancel each other while they are pending.
func TestTheWitnessKnowsOfACancelledStop(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	reached(t, w, syscall.SIGTSTP, syscall.SIGCONT)
	require.True(t, w.saw(syscall.SIGTSTP))
	w = newWitness(t)
	reached(t, w, syscall.SIGCONT, syscall.SIGTSTP)
	require.True(t, w.saw(syscall.SIGCONT))
}

func TestTwinsAreOne(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	reached(t, w, syscall.SIGINT, syscall.SIGINT)
	require.True(t, w.saw(syscall.SIGINT))
	require.True(t, w.saw(syscall.SIGINT))
}

func TestAWitnessThatWasKilledIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	killed := w.pid
	reached(t, w, syscall.SIGKILL)
	for dead := false; !dead; { // its end is not ours to wait for
		_, err := w.pending()
		dead = err != nil
	}
	require.False(t, w.saw(syscall.SIGUSR1))
	require.NotEqual(t, killed, w.pid)
	reached(t, w, syscall.SIGUSR1)
	require.True(t, w.saw(syscall.SIGUSR1))
}

func TestWithoutAWitnessSignalsAreForwarded(t *testing.T) {
	t.Parallel()
	var w *witness
	require.False(t, w.saw(syscall.SIGTERM))
	w.vouch(syscall.SIGTERM)
	w.close()
}
