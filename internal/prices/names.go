package prices

import (
	"regexp"
	"strings"
	"sync"
)

// resolve looks a model up by its name as it stands, and then by less and less of it: a price that was
// given for one snapshot, provider or context size goes before the price of the model. What is left
// in the end must be a name in the table. A model is never taken for another of its family, because
// these differ: Opus 4.1 costs 15 dollars where Opus 4.5 costs 5.
func (t *Table) resolve(name string) (string, bool) {
	if _, ok := t.models[name]; ok {
		return name, true
	}
	name = strings.ToLower(strings.TrimSpace(name))
	for _, shorten := range []func(string) string{
		spelling, withoutContext, withoutProvider, withoutSnapshot,
	} {
		name = spelling(shorten(name))
		if _, ok := t.models[name]; ok {
			return name, true
		}
	}
	return "", false
}

// The patterns are compiled when first needed: most names are spelled as in the table.
var versionDot = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(claude-(?:[a-z]+-)?\d{1,2})\.(\d)`) })

// spelling removes what makes no difference: claude-opus-4.5 is claude-opus-4-5, and the alias
// claude-opus-4-0 is claude-opus-4.
func spelling(name string) string {
	if strings.IndexByte(name, '.') >= 0 {
		name = versionDot().ReplaceAllString(name, "$1-$2")
	}
	return strings.TrimSuffix(name, "-0")
}

// withoutContext removes the mark by which the CLI asks for a large context (2.1.330 knows [1m] and [2m]).
func withoutContext(name string) string {
	name = strings.TrimSuffix(name, "[1m]")
	return strings.TrimSuffix(name, "[2m]")
}

// provided is how providers name a model: us.anthropic.claude-opus-4-1-20250805-v1:0 and
// anthropic.claude-opus-5 (Bedrock), claude-3-5-sonnet-v2@20241022 (Vertex), anthropic/claude-opus-5
// (gateways), with the prefix of a route or an ARN before it.
var provided = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:.*/)?(?:(?:[a-z-]+\.)?anthropic\.)?` + // route, region
		`(claude-[a-z0-9-]+?)` +
		`(?:(?:-v\d{1,3})?[@-](\d{8}))?` + // snapshot
		`(?:-v\d{1,3}(?::\d{1,3})?)?$`) // revision
})

func withoutProvider(name string) string {
	if strings.HasPrefix(name, "claude-") && !strings.ContainsAny(name, "@:/") && !strings.Contains(name, "-v") {
		return name // as most are, and this runs for every message of a transcript
	}
	parts := provided().FindStringSubmatch(name)
	switch {
	case parts == nil:
		return name
	case parts[2] == "":
		return parts[1]
	}
	return parts[1] + "-" + parts[2]
}

func withoutSnapshot(name string) string {
	name = strings.TrimSuffix(name, "-latest")
	short := strings.TrimRight(name, "0123456789")
	if len(name)-len(short) == len("20250514") && strings.HasSuffix(short, "-") {
		return short[:len(short)-1]
	}
	return name
}
