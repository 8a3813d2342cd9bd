package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The lines are those of go1.26's `go test -json`, shortened to the fields that are read.
const events = `{"ImportPath":"m/c","Action":"build-output","Output":"c.go:1:1: broken\n"}
{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestGood"}
{"Action":"output","Package":"m/a","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"m/a","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"m/a","Test":"TestNoTool","Output":"=== RUN   TestNoTool\n"}
{"Action":"output","Package":"m/a","Test":"TestNoTool","Output":"    a_test.go:7: tmux: not installed\n"}
{"Action":"output","Package":"m/a","Test":"TestNoTool","Output":"--- SKIP: TestNoTool (0.00s)\n"}
{"Action":"skip","Package":"m/a","Test":"TestNoTool"}
{"Action":"output","Package":"m/a","Output":"PASS\n"}
{"Action":"output","Package":"m/a","Output":"ok  \tm/a\t0.1s\n"}
{"Action":"pass","Package":"m/a"}
{"Action":"output","Package":"m/b","Test":"TestBad","Output":"    b_test.go:9: two is not three\n"}
{"Action":"fail","Package":"m/b","Test":"TestBad"}
{"Action":"output","Package":"m/b","Test":"TestPanics","Output":"panic: no ending\n"}
{"Action":"output","Package":"m/b","Output":"FAIL\tm/b\t0.1s\n"}
{"Action":"fail","Package":"m/b"}
go: a line that is no event
`

func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := newReport(&out)
	require.NoError(t, r.read(strings.NewReader(events)))
	r.finish()
	require.Equal(t, `c.go:1:1: broken
ok  	m/a	0.1s
    b_test.go:9: two is not three
panic: no ending
FAIL	m/b	0.1s
go: a line that is no event
SKIP  m/a TestNoTool: tmux: not installed
2 packages, 1 failed; 1 tests passed, 1 failed, 1 skipped
`, out.String())
}

func TestReasonOfASkipThatSaysNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, "no reason given", reason([]string{"=== RUN   TestX\n", "--- SKIP: TestX (0.00s)\n"}))
}
