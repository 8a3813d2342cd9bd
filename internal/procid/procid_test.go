package procid

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	self, err := Self()
	require.NoError(t, err)
	change := func(f func(*pool.Process)) pool.Process {
		p := self
		f(&p)
		return p
	}
	for name, test := range map[string]struct {
		process pool.Process
		want    pool.Liveness
	}{
		"itself":              {self, pool.Alive},
		"pid used again":      {change(func(p *pool.Process) { p.StartTime-- }), pool.Dead},
		"earlier boot":        {change(func(p *pool.Process) { p.BootID = "earlier" }), pool.Dead},
		"another host":        {change(func(p *pool.Process) { p.Host = "elsewhere" }), pool.Unseen},
		"another namespace":   {change(func(p *pool.Process) { p.PIDNamespace = "pid:[1]" }), pool.Unseen},
		"no such pid":         {change(func(p *pool.Process) { p.PID = 1 << 30 }), pool.Dead},
		"somebody else's pid": {change(func(p *pool.Process) { p.PID = 1 }), pool.Dead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, Probe(test.process))
		})
	}
}

func TestProbeOfAChild(t *testing.T) {
	t.Parallel()
	child := exec.Command("cat")
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	self, err := Self()
	require.NoError(t, err)
	process := self
	process.PID = child.Process.Pid
	process.StartTime, err = startTime(child.Process.Pid)
	require.NoError(t, err)
	require.Equal(t, pool.Alive, Probe(process))

	require.NoError(t, stdin.Close())
	require.Eventually(t, func() bool { return Probe(process) == pool.Dead }, waitAtMost, pollEvery,
		"a zombie runs nothing, so it counts as dead before anyone waits for it")
	require.NoError(t, child.Wait())
	require.Equal(t, pool.Dead, Probe(process))
}

const (
	waitAtMost = 5 * time.Second
	pollEvery  = time.Millisecond
)
