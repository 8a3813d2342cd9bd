package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// homeWith is an environment with nothing but a home directory, which has that config file.
func homeWith(t *testing.T, config string) claudecli.Environment {
	t.Helper()
	home := t.TempDir()
	path := findPlaces(claudecli.Environment{"HOME=" + home}).configFile()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	return claudecli.Environment{"HOME=" + home}
}

func TestWhatIsWrongInAConfigFile(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"colour = 1":                       `line 1: "colour" is no setting`,
		"\n\nwiat = '1m'":                  `line 3: "wiat" is no setting; wait`,
		"[health]\nweak = 3":               `line 2: "health.weak" is no setting; health.week`,
		"week_half_life = '1h'":            `line 1: "week_half_life" is no setting; health.week_half_life`,
		"'health.week' = 3":                `"health.week" is no setting`,
		"[other]":                          `line 1: "other" is no setting`,
		"[[wait]]\nx = 1":                  `line 1: wait must be a text in quotes`,
		"# a\nwait = 10":                   `line 2: wait must be a text in quotes`,
		"strict = 1":                       `line 1: strict must be true or false`,
		"tags = 'ci'":                      `line 1: tags must be a list of texts, as in ["a", "b"]`,
		"tags = ['ci', 1]":                 `line 1: tags must be a list of texts, as in ["a", "b"]`,
		"ramp_up = [1.5]":                  `line 1: ramp_up must be a list of whole numbers, as in [5, 10]`,
		"prune_after_days = 1.5":           `line 1: prune_after_days must be a whole number`,
		"prune_after_days = -1":            `line 1: prune_after_days=-1 is not a number of days, 0 for never`,
		"budget_threshold = '1'":           `line 1: budget_threshold must be a number`,
		"budget_threshold = 0":             `line 1: budget_threshold=0 is not a share of the weekly budget, as in 0.85`,
		"ramp_up = [5, 0]":                 `line 1: ramp_up=5,0 is not a list of numbers of sessions, one a day, as in [5, 10]`,
		"health = 3":                       `line 1: "health" is no setting`,
		"health.week = nan":                `line 1: health.week=NaN is not a number of points from 0 to 1000000`,
		"[health]\n\nweek_half_life = 'x'": `line 3: health.week_half_life=x is not a time, as in 24h; 0s for observations that do not age`,
		"wait = 'soon'":                    `line 1: wait=soon is not a time to wait, as in 10m`,
		"failover = 'maybe'":               `line 1: failover=maybe is not on, auto or off`,
		"strategy = 'best'":                `line 1: strategy=best is not one of health, drain, least-used, round-robin, priority`,
		"log = 'loud'":                     `line 1: log=loud is not debug, info, warn or error, a file, or both as info:/path/to/file`,
		"strict = true\nstrict = true":     `line 2: Key 'strict' has already been defined.`,
		"strict =":                         `line 1: unexpected EOF; expected value`,
		"a b":                              `line 1: expected '.' or '=', but got 'b' instead`,
	} {
		_, err := loadSettings(homeWith(t, config))
		var wrong *configError
		require.ErrorAs(t, err, &wrong, config)
		got := strings.TrimPrefix(wrong.Error(), wrong.path+": ")
		if wrong.near != "" {
			got += "; " + wrong.near
		}
		require.Equal(t, want, got, config)
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	t.Parallel()
	env := homeWith(t, "wait = 'soon'\nstrict = 'no'\nz = 1\na = 2\ntags = ['ci']\n")
	s, err := loadSettings(env)
	require.Error(t, err)
	require.Equal(t, []string{"ci"}, s.Tags, "what is right counts")
	a := &app{settings: s}
	var words []string
	for _, p := range a.validate(s.places.configFile(), false).problems {
		words = append(words, strings.TrimPrefix(p.Error(), p.path+": "))
	}
	require.Equal(t, []string{
		"line 1: wait=soon is not a time to wait, as in 10m", "line 2: strict must be true or false",
		`line 3: "z" is no setting`, `line 4: "a" is no setting`,
	}, words)
}

func TestPathsInAConfigFile(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"db = '/a b/é.db'": "/a b/é.db", "db = '~/x.db'": "HOME/x.db", "db = 'x.db'": "HOME/.config/claudepool/x.db",
		"db = '../x.db'": "HOME/.config/x.db", "db = ''": "HOME/.local/state/claudepool/pool.db", "db = 'postgres://h/p'": "postgres://h/p",
	} {
		env := homeWith(t, config)
		home, _ := env.Get("HOME")
		s, err := loadSettings(env)
		require.NoError(t, err)
		require.Equal(t, want, strings.Replace(s.Database, home, "HOME", 1), config)
	}
	s, err := loadSettings(append(homeWith(t, "db = '/x'"), "CLAUDEPOOL_DB=here.db"))
	require.NoError(t, err)
	require.Equal(t, "here.db", s.Database, "a variable is as the caller's shell has it")
}

func FuzzConfigFile(f *testing.F) {
	f.Add("wait = '1m'\n[health]\nweek = 3\nx = 1")
	f.Add("a.b.c = [{d = 1}]\n[[health]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := configFile{path: "x", data: text}
		file.read(nil)
		for _, p := range file.problems {
			require.LessOrEqual(t, p.line, strings.Count(text, "\n")+2)
		}
	})
}
