package pool_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "A", "0", "work", "ci-1", "me@example.com", "a.b_c+d-e", strings.Repeat("x", 64)} {
		require.NoError(t, pool.CheckName("name", name), name)
	}
	for _, name := range []string{
		"", " ", "a b", "a\n", "\na", "-a", ".a", "_a", "@a", "+a", "a/b", "..", "a\x00", "é", "a,b", "a=b", "a%", "*", "\xff",
		strings.Repeat("x", 65),
	} {
		err := pool.CheckName("tag", name)
		var invalid *pool.InvalidError
		require.ErrorAs(t, err, &invalid, "%q", name)
		require.Equal(t, "tag", invalid.Field)
		require.Equal(t, name, invalid.Value)
		require.True(t, utf8.ValidString(err.Error()))
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for field, changes := range map[string][]func(*pool.Subscription){
		"": {
			func(*pool.Subscription) {},
			func(s *pool.Subscription) { s.ConfigDir = "" },
			func(s *pool.Subscription) { s.ConfigDir = "/a b/é/\"quoted\"" },
			func(s *pool.Subscription) { s.ConfigDir = "/" },
			func(s *pool.Subscription) { s.Email = "me@example.com" },
			func(s *pool.Subscription) { s.Tags = slices.Repeat([]string{"t"}, pool.MaxTags) },
			func(s *pool.Subscription) { s.MaxSessions = pool.MaxSessions },
			func(s *pool.Subscription) { s.WeeklyBudget = pool.USD(1e30) },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "A_1", Source: "_b"}} },
			func(s *pool.Subscription) { s.Tier, s.Priority, s.Reserve = pool.MaxTier, pool.MaxPriority, 0.999 },
			func(s *pool.Subscription) { s.Priority = -pool.MaxPriority },
		},
		"tier": {
			func(s *pool.Subscription) { s.Tier = -1 },
			func(s *pool.Subscription) { s.Tier = pool.MaxTier + 1 },
		},
		"priority": {
			func(s *pool.Subscription) { s.Priority = pool.MaxPriority + 1 },
			func(s *pool.Subscription) { s.Priority = -pool.MaxPriority - 1 },
		},
		"reserve": {
			func(s *pool.Subscription) { s.Reserve = -0.01 },
			func(s *pool.Subscription) { s.Reserve = 1 },
			func(s *pool.Subscription) { s.Reserve = math.NaN() },
			func(s *pool.Subscription) { s.Reserve = math.Inf(1) },
		},
		"name": {func(s *pool.Subscription) { s.Name = "" }},
		"config directory": {
			func(s *pool.Subscription) { s.ConfigDir = "relative" },
			func(s *pool.Subscription) { s.ConfigDir = "~/x" },
			func(s *pool.Subscription) { s.ConfigDir = "/a/../b" },
			func(s *pool.Subscription) { s.ConfigDir = "/a/" },
			func(s *pool.Subscription) { s.ConfigDir = "/a\nb" },
			func(s *pool.Subscription) { s.ConfigDir = "/a\x00b" },
			func(s *pool.Subscription) { s.ConfigDir = "/\xff" },
			func(s *pool.Subscription) { s.ConfigDir = "/" + long },
		},
		"email": {
			func(s *pool.Subscription) { s.Email = "me" },
			func(s *pool.Subscription) { s.Email = "a@b@c" },
			func(s *pool.Subscription) { s.Email = "a b@c" },
			func(s *pool.Subscription) { s.Email = "a@b\x1b[31m" },
			func(s *pool.Subscription) { s.Email = "a@" + long },
		},
		"tag": {
			func(s *pool.Subscription) { s.Tags = []string{"fine", "not fine"} },
			func(s *pool.Subscription) { s.Tags = slices.Repeat([]string{"t"}, pool.MaxTags+1) },
		},
		"max-sessions": {
			func(s *pool.Subscription) { s.MaxSessions = -1 },
			func(s *pool.Subscription) { s.MaxSessions = pool.MaxSessions + 1 },
		},
		"weekly-budget": {func(s *pool.Subscription) { s.WeeklyBudget = -1 }},
		"env-from": {
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "A", Source: ""}} },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "", Source: "A"}} },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "A B", Source: "A"}} },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "1A", Source: "A"}} },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: "A", Source: "A=B"}} },
			func(s *pool.Subscription) { s.EnvFrom = []pool.EnvFrom{{Var: long, Source: "A"}} },
			func(s *pool.Subscription) { s.EnvFrom = slices.Repeat([]pool.EnvFrom{{Var: "A", Source: "B"}}, 33) },
		},
	} {
		for i, change := range changes {
			s := pool.Subscription{Name: "a", ConfigDir: "/dir"}
			change(&s)
			err := s.Check()
			if field == "" {
				require.NoError(t, err, "%d", i)
				continue
			}
			var invalid *pool.InvalidError
			require.ErrorAs(t, err, &invalid, "%s %d", field, i)
			require.Equal(t, field, invalid.Field)
			require.Less(t, len(err.Error()), 500, "a long value is shortened")
		}
	}
}

func TestInvalidErrorQuotes(t *testing.T) {
	t.Parallel()
	require.EqualError(t, pool.CheckName("name", "a\x1b]b"),
		`name "a\x1b]b" is not allowed: it must be 1 to 64 letters, digits and . _ @ + -, and begin with a letter or digit`)
	long := pool.CheckName("name", strings.Repeat("é", 100)).Error()
	require.Contains(t, long, `"`+strings.Repeat("é", 60)+`"…`)
}
