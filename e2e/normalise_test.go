//go:build e2e

package e2e

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

var (
	uuid     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	agentID  = regexp.MustCompile(`\ba[0-9a-f]{16}\b`)
	runID    = regexp.MustCompile(`\b[a-z0-9]{9}-[0-9a-f]{8}\b`)
	spent    = regexp.MustCompile(`duration_ms: \d+`)
	taskID   = regexp.MustCompile(`tasks/[a-z0-9]+`)
	instant  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`)
	socket   = regexp.MustCompile(`/[^"\s]*cc-socks/\d+\.sock`)
	nonAlnum = regexp.MustCompile(`[^A-Za-z0-9]`)
)

// normal takes out of a text what differs between any two runs: where they ran, when, and names made up
// by chance.
func normal(s *sandbox.Sandbox, text string) string {
	text = strings.ReplaceAll(text, s.API.URL, "API")
	text = strings.ReplaceAll(text, strings.TrimPrefix(s.API.URL, "http://"), "API")
	text = strings.ReplaceAll(text, s.Home, "HOME")
	text = strings.ReplaceAll(text, nonAlnum.ReplaceAllString(s.Home, "-"), "HOME")
	for _, chance := range []*regexp.Regexp{uuid, agentID, runID, spent, taskID, instant, socket} {
		text = chance.ReplaceAllString(text, "X")
	}
	return text
}

// normalLines is normal for a document a line: times spent are taken out too, and keys sorted.
func normalLines(t *testing.T, s *sandbox.Sandbox, text string) []string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(normal(s, text), "\n"), "\n")
	for i, line := range lines {
		var document any
		if json.Unmarshal([]byte(line), &document) != nil {
			continue // the text format
		}
		encoded, err := json.Marshal(withoutTimes(document))
		require.NoError(t, err)
		lines[i] = string(encoded)
	}
	return lines
}

// withoutTimes replaces the values of keys that hold a duration, a moment or the id of a process.
func withoutTimes(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if strings.HasSuffix(key, "_ms") || strings.HasSuffix(key, "Ms") || key == "pid" || key == "end_time" {
				value[key] = "X"
				continue
			}
			value[key] = withoutTimes(inner)
		}
	case []any:
		for i := range value {
			value[i] = withoutTimes(value[i])
		}
	}
	return value
}

// kinds are the types of the lines, sorted.
func kinds(t *testing.T, lines []string) []string {
	t.Helper()
	var kinds []string
	for _, line := range lines {
		var event struct{ Type, Subtype string }
		require.NoError(t, json.Unmarshal([]byte(line), &event), line)
		kinds = append(kinds, event.Type+" "+event.Subtype)
	}
	slices.Sort(kinds)
	return kinds
}
