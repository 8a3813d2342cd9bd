package pool_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestWhatIsSharedIsChecked(t *testing.T) {
	t.Parallel()
	sub := func(dir, base string, entries ...string) pool.Subscription {
		return pool.Subscription{Name: "a", ConfigDir: dir, Sharing: pool.Sharing{Base: base, Entries: entries}}
	}
	require.NoError(t, sub("/a", "").Check())
	require.NoError(t, pool.Subscription{Name: "a", Sharing: pool.Sharing{Isolated: true}}.Check())
	require.NoError(t, sub("/a", "/base", "projects", "settings.json").Check())
	for what, wrong := range map[string]pool.Subscription{
		"a login":               sub("/a", "/base", ".credentials.json"),
		"the CLI's own state":   sub("/a", "/base", ".claude.json"),
		"a way out":             sub("/a", "/base", ".."),
		"a path":                sub("/a", "/base", "a/b"),
		"two words":             sub("/a", "/base", "a b"),
		"nothing":               sub("/a", "/base", ""),
		"no base":               sub("/a", "", "projects"),
		"a relative base":       sub("/a", "base", "projects"),
		"itself":                sub("/a", "/a", "projects"),
		"the default directory": sub("", "/base", "projects"),
		"isolated":              {Name: "a", ConfigDir: "/a", Sharing: pool.Sharing{Base: "/base", Entries: []string{"projects"}, Isolated: true}},
	} {
		var invalid *pool.InvalidError
		require.ErrorAs(t, wrong.Check(), &invalid, what)
	}
}
