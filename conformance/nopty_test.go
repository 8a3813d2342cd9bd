package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// withoutPTY runs its arguments where there are no pseudo-terminals to be had.
const withoutPTY = `#!/bin/sh
exec unshare --map-root-user --mount sh -c 'mount --bind /dev/null /dev/ptmx && exec "$@"' sh "$@"
`

// Where no pseudo-terminal can be had the child gets the user's terminal itself.
func TestWithoutPseudoTerminals(t *testing.T) {
	t.Parallel()
	g := harness.New(t)
	start := filepath.Join(g.Dir, "start")
	require.NoError(t, os.WriteFile(start, []byte(withoutPTY), 0o755))
	if out, err := exec.Command(start, "true").CombinedOutput(); err != nil {
		t.Skipf("no namespace without pseudo-terminals can be made here: %v %s", err, out)
	}
	for name, p := range map[string]harness.Plan{
		"terminal":    {Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal},
		"piped input": {Stdin: harness.OnPipe, Input: []byte("in"), Stdout: harness.OnTerminal, Stderr: harness.OnPipe},
		"print mode":  {Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal, Args: []string{"-p", "--output-format", "json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.Script = reportAndSpeak
			var outcomes []harness.Outcome
			for _, way := range g.Ways() {
				p := p
				p.Args = append([]string{way.Path}, p.Args...)
				r := g.Start(t, harness.Way{Name: way.Name, Path: start}, p)
				outcomes = append(outcomes, r.Outcome(t))
				require.Equal(t, r.PID, r.Report(t).Session, "on a pseudo-terminal it were in a session of its own")
			}
			require.Empty(t, strings.Join(harness.Differences(outcomes[0], outcomes[1]), "\n"))
			require.Equal(t, harness.Status{Code: 3}, outcomes[1].Status)
			require.Contains(t, string(outcomes[1].Terminal), "to stdout")
		})
	}
}
