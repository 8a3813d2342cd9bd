package claudecli

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"claudepool/pool"
)

// UnknownWindow is the kind of a limit whose window the CLI does not name.
const UnknownWindow pool.WindowKind = "unknown"

// Limit is a limit of the plan that the CLI said was met.
type Limit struct {
	// Kind is "" where no limit was met.
	Kind pool.WindowKind
	// ResetsAt is when the window starts anew, where the CLI said it as a number; else zero.
	ResetsAt time.Time
	// ResetsText is that moment as the CLI said it in words, as in "3:50pm (UTC)"; else "".
	ResetsText string
}

// Met tells whether a limit was met.
func (l Limit) Met() bool { return l.Kind != "" }

// Resets returns when the window starts anew, zero where unknown. local is the zone of the machine
// that the CLI ran on, in which it speaks where it names none (1.0.88 to 2.0.30).
func (l Limit) Resets(now time.Time, local *time.Location) time.Time {
	if !l.ResetsAt.IsZero() {
		return l.ResetsAt
	}
	at := parseResets(l.ResetsText, now, local)
	if !at.IsZero() && !at.After(now) { // in this very minute, of which the seconds are not said
		at = at.Add(time.Minute)
	}
	return at
}

// window is the rejected window of a limit that was heard of at a moment.
func (l Limit) window(source pool.WindowSource, at time.Time, local *time.Location) pool.Window {
	return pool.Window{
		Kind: l.Kind, Status: pool.StatusRejected, ResetsAt: l.Resets(at, local), ObservedAt: at, Source: source,
	}
}

// maxSentence is longer than any limit sentence.
const maxSentence = 400

// A limit sentence is all that is said: a head, the reset, and advice behind a separator. Anything
// else, as an answer that quotes a sentence, is no limit.
const (
	resetPart = `(?:(?:\s*[·∙-]\s*|\s+)resets (` + resetForm + `))`
	// advicePart begins with a separator of the CLI's own, or a command of its own.
	advicePart = `(?:\s*[·∙] .*| – contact .*|/[a-z].*)`
	// modelPart is a family of models, with a version from 2.1.251 on.
	modelPart = `[A-Z][a-z]+(?: \d[\d.]*)?`
)

// sentence is the shape of a limit sentence. Its group `window`, where it has one, names the window in
// words; else kind is the window.
type sentence struct {
	shape *regexp.Regexp
	kind  pool.WindowKind
}

// sentences are compiled when first needed: most runs never meet a limit, and each starts anew.
var sentences = sync.OnceValue(func() []sentence {
	// From 1.0.88 to 2.0.61, as "Opus weekly limit reached ∙ resets Oct 31, 9am"; for teams without
	// "reached" (1.0.88, 1.0.128). The bare head is too little.
	capital := `(?P<window>|5-hour |Session |Weekly |Usage |(?:Opus|Sonnet|Haiku) (?:weekly )?)[Ll]imit`
	// From 2.1.3 on, as "You've hit your session limit · resets 3:50pm (UTC)". Not any word: the fast
	// mode has a limit too, that of its speed ("fast limit", 2.1.330).
	yours := `You['’]ve (?:hit|reached) your (?P<window>(?:(?:5-hour|session|weekly|daily|monthly|usage|extra|` +
		`spend|credits?|(?:org|organization|team|group|channel)['’]s|individual|pooled|group|` + modelPart + `) )*(?:limit|budget))`
	full := func(kind pool.WindowKind, shape string) sentence {
		return sentence{regexp.MustCompile(`^` + shape + `$`), kind}
	}
	tail := resetPart + `?` + advicePart + `?`
	return []sentence{
		full("", capital+` reached(?:`+resetPart+advicePart+`?|`+advicePart+`)`),
		full("", capital+resetPart+advicePart+`?`),
		full("", yours+resetPart+`\. Switch .*`), // the Fable limit, 2.1.330
		full("", yours+tail),
		full("", yours+`\.(?: It resets (`+resetForm+`)\.)?(?: (?:Switch|Run|See|/model) .*)?`), // in the source of 2.1.330
		full(pool.Overage, `Spending cap reached`+tail),                                         // 1.0.88 to 2.0.30
		full(pool.Overage, `You['’]re out of (?:extra usage|usage credits)`+tail),               // 2.0.72 on
		// In the source of 2.1.330, never captured.
		full(pool.Overage, `You['’]re out of usage credits\.(?: (?:Switch|Run|See) .*)?`),
		full(pool.Overage, `Your org is out of usage`+advicePart+`?`),
		full(pool.Overage, `Your seat type doesn['’]t include (?:usage|extra usage|usage credits)()`+advicePart+`?`),
		full(pool.Overage, `Your usage allocation has been disabled by your admin`+advicePart+`?`),
		full(pool.Overage, `Your group['’]s usage limit is set to \$0`+advicePart+`?`),
		full(pool.Overage, modelPart+`(?: [^·]{1,40})? requires usage credits\..*`),
		full(pool.Overage, `Usage is paused for your organization\. .*`),
		full(pool.Overage, `This service is disabled for your org.*`),
		// 1.0.0 to 2.0.1 in the interface.
		full(UnknownWindow, `Claude usage limit reached\. Your limit will reset at (`+resetForm+`)\.?`),
	}
})

// epochHead begins the sentence of 1.0.0 to 2.0.1, for every window; a number follows, 0 where unknown.
const epochHead = "Claude AI usage limit reached|"

// ParseLimit reads what the CLI says instead of an answer.
func ParseLimit(text string) Limit {
	text = strings.TrimSpace(text)
	if len(text) > maxSentence || strings.ContainsRune(text, '\n') {
		return Limit{}
	}
	if number, ok := strings.CutPrefix(text, epochHead); ok {
		seconds, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return Limit{}
		}
		return Limit{Kind: UnknownWindow, ResetsAt: epochTime(seconds)}
	}
	for _, s := range sentences() {
		if m := s.shape.FindStringSubmatch(text); m != nil {
			return s.read(m)
		}
	}
	return Limit{}
}

// read makes a limit of the groups of a sentence: the window, if it names one, and the reset, of which
// at most one is there.
func (s sentence) read(groups []string) Limit {
	limit := Limit{Kind: s.kind}
	for i, name := range s.shape.SubexpNames()[1:] {
		if name == "window" {
			limit.Kind = windowNamed(groups[i+1])
		} else if groups[i+1] != "" {
			limit.ResetsText = groups[i+1]
		}
	}
	return limit
}

// windowNamed returns the window that a sentence calls by words.
func windowNamed(words string) pool.WindowKind {
	words = strings.ToLower(words)
	has := func(word string) bool { return strings.Contains(words, word) }
	switch {
	case has("spend"), has("monthly"), has("budget"), has("credit"), has("extra"):
		return pool.Overage
	case has("5-hour"), has("session"):
		return pool.FiveHour
	case has("opus"):
		return pool.SevenDayOpus
	case has("sonnet"):
		return pool.SevenDaySonnet
	case has("fable"): // shown for the window that paid use is part of, since 2.1.251
		return pool.SevenDayOverageIncluded
	case words == "weekly ", words == "weekly limit":
		return pool.SevenDay
	}
	return UnknownWindow
}

// epochTime is a moment in Unix seconds; 0 and what lies beyond any reset is unknown.
func epochTime(seconds int64) time.Time {
	const latest = 1 << 33 // the year 2242
	if seconds <= 0 || seconds > latest {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
