package wrapper

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	sigINT  = syscall.SIGINT
	sigQUIT = syscall.SIGQUIT
)

func TestEchoesAreTakenOncePerSignalSent(t *testing.T) {
	t.Parallel()
	var e echoes
	require.False(t, e.take(sigINT))
	e.expect(sigINT)
	e.expect(sigINT)
	e.expect(sigQUIT)
	require.Equal(t, []bool{true, true, false, true, false}, []bool{e.take(sigINT), e.take(sigINT), e.take(sigINT), e.take(sigQUIT), e.take(sigQUIT)})
}

// Two that were pending together come back as one; the other is not kept for a signal from elsewhere.
func TestAnEchoThatDidNotComeIsForgotten(t *testing.T) {
	t.Parallel()
	var e echoes
	e.expect(sigINT)
	e.expect(sigINT)
	require.True(t, e.take(sigINT))
	e.sent[sigINT][0] = time.Now().Add(-2 * echoTakes)
	require.False(t, e.take(sigINT))
}
