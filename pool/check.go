package pool

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a pool takes in.
const (
	MaxNameLength = 64
	MaxPathLength = 4096
	MaxTags       = 32
	MaxSessions   = 100_000
	MaxTier       = 99
	MaxPriority   = 1000
	maxEmail      = 254
)

var (
	namePattern = regexp.MustCompile(`^[a-z0-9A-Z][a-zA-Z0-9._@+-]*$`)
	varPattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Check returns an *InvalidError for the first field that the pool does not take.
func (s Subscription) Check() error {
	if err := CheckName("name", s.Name); err != nil {
		return err
	}
	if err := checkConfigDir(s.ConfigDir); err != nil {
		return err
	}
	if err := checkEmail(s.Email); err != nil {
		return err
	}
	if err := checkTags(s.Tags); err != nil {
		return err
	}
	if s.MaxSessions < 0 || s.MaxSessions > MaxSessions {
		return &InvalidError{"max-sessions", strconv.Itoa(s.MaxSessions), "be a number from 1 to 100000"}
	}
	if s.WeeklyBudget < 0 {
		return &InvalidError{"weekly-budget", "negative", "be an amount of US dollars above 0"}
	}
	if err := checkRank(s); err != nil {
		return err
	}
	if len(s.Origin) > MaxPathLength || !isPlain(s.Origin) {
		return &InvalidError{"origin", s.Origin, "be a path of at most 4096 bytes without control characters"}
	}
	if err := checkSharing(s); err != nil {
		return err
	}
	return checkEnvironment(s)
}

func checkRank(s Subscription) error {
	if s.Tier < 0 || s.Tier > MaxTier {
		return &InvalidError{"tier", strconv.Itoa(s.Tier), "be a number from 0 to 99"}
	}
	if s.Priority < -MaxPriority || s.Priority > MaxPriority {
		return &InvalidError{"priority", strconv.Itoa(s.Priority), "be a number from -1000 to 1000"}
	}
	if !(s.Reserve >= 0 && s.Reserve < 1) { // NaN is neither
		return &InvalidError{"reserve", strconv.FormatFloat(s.Reserve*100, 'g', -1, 64) + "%", "be a share from 0% to below 100%"}
	}
	return nil
}

// CheckName returns an *InvalidError unless name can name a subscription or a tag: 1 to 64 letters,
// digits and . _ @ + -, the first a letter or digit.
func CheckName(field, name string) error {
	if len(name) > MaxNameLength || !namePattern.MatchString(name) {
		return &InvalidError{field, name, "be 1 to 64 letters, digits and . _ @ + -, and begin with a letter or digit"}
	}
	return nil
}

func checkConfigDir(dir string) error {
	if dir == "" {
		return nil
	}
	if len(dir) > MaxPathLength || !filepath.IsAbs(dir) || filepath.Clean(dir) != dir || !isPlain(dir) {
		return &InvalidError{"config directory", dir, "be an absolute path of at most 4096 bytes without control characters"}
	}
	return nil
}

func checkEmail(email string) error {
	if email == "" {
		return nil
	}
	if len(email) > maxEmail || !isPlain(email) || strings.ContainsAny(email, " \t") || strings.Count(email, "@") != 1 {
		return &InvalidError{"email", email, "look like me@example.com"}
	}
	return nil
}

func checkTags(tags []string) error {
	if len(tags) > MaxTags {
		return &InvalidError{"tag", tags[MaxTags], "be one of at most 32"}
	}
	for _, tag := range tags {
		if err := CheckName("tag", tag); err != nil {
			return err
		}
	}
	return nil
}

// isPlain tells whether s is valid UTF-8 without control characters.
func isPlain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
