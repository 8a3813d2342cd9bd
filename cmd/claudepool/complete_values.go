package main

import (
	"context"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"claudepool/pool"
)

// newNames are the commands whose first argument is a name that is not there yet.
var newNames = []string{"add"}

// fixedValues are what an argument or the value of a flag is one of, by the names of both.
var fixedValues = map[string][]string{
	"shellenv shell": {"bash", "zsh", "fish", "sh"}, "completion shell": {"bash", "zsh", "fish"},
	"export --format": {"toml", "json"},
}

// flagValues are what the value of a flag may be; prefix is what of the word stands before it.
func (c completion) flagValues(flag *kong.Flag, prefix string) (words []completed) {
	if flag == nil {
		return nil
	}
	switch key := c.node.Name + " --" + flag.Name; {
	case key == "usage --by":
		for _, d := range pool.Dimensions {
			words = append(words, completed{string(d), ""})
		}
	case fixedValues[key] != nil:
		words = plainWords(fixedValues[key])
	case flag.Name == "channel":
		words = c.channelNames()
	case flag.PlaceHolder == "NAME":
		words = c.subscriptionNames()
	}
	for i := range words {
		words[i].word = prefix + words[i].word
	}
	return words
}

// argumentValues are what the next argument may be.
func (c completion) argumentValues(last string) []completed {
	p := c.positional()
	if p == nil {
		return nil
	}
	switch key := c.node.Name + " " + p.Name; {
	case fixedValues[key] != nil:
		return plainWords(fixedValues[key])
	case key == "set key=value":
		return settingWords(last)
	case key == "tag tag":
		return c.tagWords()
	case p.Name == "channel":
		return c.channelNames()
	case key == "release id":
		return c.sessionIDs()
	case len(c.given) == 0 && (p.Name == "name" || p.Name == "old") && !slices.Contains(newNames, c.node.Name):
		return c.subscriptionNames()
	}
	return nil
}

func plainWords(values []string) (words []completed) {
	for _, value := range values {
		words = append(words, completed{value, ""})
	}
	return words
}

// settingWords are the settings of `set`, and the values of one that is a switch.
func settingWords(last string) (words []completed) {
	key, _, hasValue := strings.Cut(last, "=")
	for _, s := range settables {
		switch {
		case !hasValue:
			words = append(words, completed{s.key + "=", s.help})
		case s.key == key && strings.HasPrefix(s.help, "yes or no"):
			words = append(words, completed{key + "=yes", ""}, completed{key + "=no", ""})
		case s.key == key:
			words = append(words, completed{key + "=" + noneWord, "to clear it"})
		}
	}
	return words
}

// subscriptions asks the pool as it is. Without one there is nothing to offer.
func (c completion) subscriptions() (subscriptions []pool.Subscription) {
	_ = c.withStore(func(ctx context.Context, store pool.Store) (err error) { // best effort: a shell has nowhere to tell it
		subscriptions, err = store.Subscriptions(ctx)
		return err
	})
	return subscriptions
}

func (c completion) subscriptionNames() (words []completed) {
	for _, s := range c.subscriptions() {
		words = append(words, completed{s.Name, strings.Join(s.Tags, ", ")})
	}
	return words
}

// tagWords are the tags of the subscription to take away, and those of others to add.
func (c completion) tagWords() (words []completed) {
	subscriptions := c.subscriptions()
	own, _ := subscriptionLike(strings.Join(c.given[:min(1, len(c.given))], ""), subscriptions)
	for _, tag := range own.Tags {
		words = append(words, completed{"-" + tag, ""})
	}
	var others []string
	for _, s := range subscriptions {
		others = append(others, s.Tags...)
	}
	slices.Sort(others)
	for _, tag := range slices.Compact(others) {
		if !slices.Contains(own.Tags, tag) {
			words = append(words, completed{"+" + tag, ""})
		}
	}
	return words
}

func (c completion) channelNames() (words []completed) {
	for _, s := range c.settings.channels() {
		words = append(words, completed{s.Name, string(s.Kind)})
	}
	return words
}

func (c completion) sessionIDs() (words []completed) {
	_ = c.withStore(func(ctx context.Context, store pool.Store) error { // best effort, as above
		sessions, err := store.Sessions(ctx, false, 100)
		for _, s := range sessions {
			words = append(words, completed{s.ID, s.Subscription + " in " + s.CWD})
		}
		return err
	})
	return words
}
