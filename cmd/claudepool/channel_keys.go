package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"claudepool/internal/notify"
	"claudepool/pool"
)

// channelKey is all that is known of one key of a [[channel]]. The schema and the table in docs/notify.md are made from these.
type channelKey struct {
	key   string
	form  form
	words string
	// of are the types that have it, nil for all.
	of []notify.Kind
	// choices are the texts that it, or each item of its list, may be; nil where it is not one of a few.
	choices []string
	// low and high bound a number; both 0 where it has no bounds.
	low, high int
	// set takes over a value of the type of the form; want says what it has to be where it can't be had.
	set func(s *notify.Settings, value any) (want string)
}

// Bounds of what a channel may be set to.
const (
	mostChannels      = 32
	mostItems         = 64
	mostLetters       = 4096
	longestTry        = time.Minute
	mostTries         = 100
	mostLogMB         = 1 << 20
	channelNameWanted = "a name of at most 64 of a-z, 0-9, dot, _ and -"
)

// Not regular expressions: a launch would make them, and look at none.
const (
	nameLetters     = "abcdefghijklmnopqrstuvwxyz0123456789._-"
	variableLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
	headerLetters   = variableLetters + "!#$%&'*+.^|~-"
)

// isOf tells whether a text is of these letters alone, and has at least one and at most so many.
func isOf(text, letters string, most int) bool {
	return text != "" && len(text) <= most && strings.Trim(text, letters) == ""
}

func isVariable(name string) bool {
	return isOf(name, variableLetters, 128) && !strings.ContainsRune("0123456789", rune(name[0]))
}

var channelKeys = []channelKey{
	{
		key: "name", form: textForm, words: "what it is called",
		set: func(s *notify.Settings, v any) string {
			s.Name = v.(string)
			return unless(isOf(s.Name, nameLetters, 64), channelNameWanted)
		},
	}, {
		key: "type", form: textForm, words: "what it is", choices: wordsOf(notify.Kinds),
		set: func(s *notify.Settings, v any) string { s.Kind = notify.Kind(v.(string)); return "" },
	}, {
		key: "url", form: textForm, words: "where events are sent to", of: []notify.Kind{notify.Webhook},
		set: func(s *notify.Settings, v any) string {
			s.URL = v.(string)
			return unless(notify.IsAddress(s.URL), "an http or https address")
		},
	},
	variableKey("url_from", "the variable that holds the address, where that is a secret", func(s *notify.Settings) *string { return &s.URLFrom }),
	{
		key: "format", form: textForm, words: "what is sent; json unless set", of: []notify.Kind{notify.Webhook}, choices: wordsOf(notify.Formats),
		set: func(s *notify.Settings, v any) string { s.Format = notify.Format(v.(string)); return "" },
	}, {
		key: "headers_from", form: tableForm, words: "headers, each with the variable that holds its value", of: []notify.Kind{notify.Webhook},
		set: setHeaders,
	},
	variableKey("secret_from", "the variable that holds what events are signed with", func(s *notify.Settings) *string { return &s.SecretFrom }),
	{
		key: "command", form: listForm, words: "the program and its arguments", of: []notify.Kind{notify.Command},
		set: func(s *notify.Settings, v any) string {
			s.Command = v.([]string)
			return unless(len(s.Command) > 0 && s.Command[0] != "", `a program and its arguments, as in ["mail", "me"]`)
		},
	}, {
		key: "file", form: textForm, words: "the path of the file", of: []notify.Kind{notify.Log},
		set: func(s *notify.Settings, v any) string { s.File = v.(string); return unless(s.File != "", "a path") },
	}, {
		key: "max_mb", form: wholeForm, words: "at which size a new file is begun, in megabytes, with three old ones kept; 10 unless set", of: []notify.Kind{notify.Log},
		low: 1, high: mostLogMB,
		set: func(s *notify.Settings, v any) string { s.LogSize = int64(v.(int)) << 20; return "" },
	}, {
		key: "events", form: listForm, words: "only these events", choices: wordsOf(pool.EventKinds),
		set: func(s *notify.Settings, v any) string {
			for _, kind := range v.([]string) {
				s.Rules.Events = append(s.Rules.Events, pool.EventKind(kind))
			}
			return ""
		},
	}, {
		key: "subscriptions", form: listForm, words: "only events of these subscriptions",
		set: func(s *notify.Settings, v any) string { s.Rules.Subscriptions = v.([]string); return "" },
	}, {
		key: "tags", form: listForm, words: "only events of subscriptions with all of these tags",
		set: func(s *notify.Settings, v any) string { s.Rules.Tags = v.([]string); return "" },
	}, {
		key: "level", form: textForm, words: "only events that matter as much", choices: wordsOf(pool.Levels),
		set: func(s *notify.Settings, v any) string { s.Rules.Level = pool.Level(v.(string)); return "" },
	}, {
		key: "quiet", form: textForm, words: "hours in which events are held back, as in 22:00-07:00",
		set: func(s *notify.Settings, v any) string {
			quiet, ok := notify.ParseQuiet(v.(string))
			s.Rules.Quiet = &quiet
			return unless(ok, "two times of day, as in 22:00-07:00")
		},
	}, {
		key: "timeout", form: textForm, words: "how long one try may take, up to 1m; 5s unless set",
		set: func(s *notify.Settings, v any) string {
			var ok bool
			s.Timeout, ok = parseAgo(v.(string))
			return unless(ok && s.Timeout > 0 && s.Timeout <= longestTry, "a time up to 1m, as in 5s")
		},
	}, {
		key: "attempts", form: wholeForm, words: "how often an event is tried before it is given up; 12 unless set", low: 1, high: mostTries,
		set: func(s *notify.Settings, v any) string { s.Attempts = v.(int); return "" },
	},
}

// variableKey is a key of a webhook that names a variable.
func variableKey(key, words string, of func(*notify.Settings) *string) channelKey {
	return channelKey{
		key: key, form: textForm, words: words, of: []notify.Kind{notify.Webhook},
		set: func(s *notify.Settings, v any) string {
			*of(s) = v.(string)
			return unless(isVariable(*of(s)), "the name of a variable")
		},
	}
}

// ownHeaders are those that we set ourselves.
var ownHeaders = []string{"host", "content-length", "content-type", "transfer-encoding", "connection", "user-agent"}

func setHeaders(s *notify.Settings, v any) string {
	s.HeadersFrom = v.(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(s.HeadersFrom)) {
		lower := strings.ToLower(name)
		switch {
		case !isOf(name, headerLetters, 64) || slices.Contains(ownHeaders, lower) || strings.HasPrefix(lower, "claudepool-"):
			return fmt.Sprintf("headers that can be set, which %.64q can't", name)
		case !isVariable(s.HeadersFrom[name]):
			return "headers with the names of variables, and not their values, as in { Authorization = \"TOKEN_VARIABLE\" }"
		}
	}
	return ""
}

// unless is what is wanted where something is not right, "" where it is.
func unless(right bool, want string) string {
	if right {
		return ""
	}
	return want
}

func wordsOf[T ~string](values []T) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return words
}

// check looks at a value before it is taken over. near is the choice that may have been meant, "" for none.
func (k channelKey) check(value any) (want, near string) {
	var texts []string
	items := 0
	switch v := value.(type) {
	case string:
		texts = []string{v}
	case []string:
		texts, items = v, len(v)
	case map[string]string:
		texts, items = slices.AppendSeq(slices.Collect(maps.Keys(v)), maps.Values(v)), len(v)
	case int:
		return unless(k.high == 0 || v >= k.low && v <= k.high, fmt.Sprintf("a number from %d to %d", k.low, k.high)), ""
	}
	if items > mostItems {
		return fmt.Sprintf("at most %d", mostItems), ""
	}
	for _, text := range texts {
		if k.choices != nil && !slices.Contains(k.choices, text) {
			return "one of " + strings.Join(k.choices, ", "), nearestWord(text, k.choices)
		}
		if len(text) > mostLetters || strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Sprintf("of at most %d letters, in one line", mostLetters), ""
		}
	}
	return "", ""
}
