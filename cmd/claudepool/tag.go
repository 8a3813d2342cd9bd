package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"claudepool/pool"
)

type tagCommand struct {
	Name string   `arg:"" help:"Name of the subscription."`
	Tags []string `arg:"" name:"tag" help:"+TAG to add one, -TAG to take one away; or TAG,TAG for these and no others, none for no tags."`
}

func (c tagCommand) Run(a *app) error {
	change, err := tagChange(c.Tags)
	if err != nil {
		return err
	}
	return a.changeSubscription(c.Name, func(s *pool.Subscription) error {
		s.Tags = change(s.Tags)
		return nil
	})
}

// tagChange reads +x -y, or x,y.
func tagChange(words []string) (func([]string) []string, error) {
	var add, drop, whole []string
	for _, word := range words {
		switch {
		case strings.HasPrefix(word, "+"):
			add = append(add, splitList(word[1:])...)
		case strings.HasPrefix(word, "-"):
			drop = append(drop, splitList(word[1:])...)
		default:
			whole = append(whole, splitList(word)...)
		}
	}
	const example = "as in: claudepool tag NAME +ci -old, or claudepool tag NAME ci,big"
	switch {
	case whole == nil && add == nil && drop == nil:
		return nil, withHint(&usageError{errors.New("there is no tag")}, example)
	case whole != nil && (add != nil || drop != nil):
		return nil, withHint(&usageError{fmt.Errorf("%s has neither + nor -, others have", plain(whole[0]))}, example)
	case slices.Equal(whole, []string{noneWord}):
		return func([]string) []string { return nil }, nil
	case whole != nil:
		return func([]string) []string { return whole }, nil
	}
	for _, tag := range append(slices.Clone(add), drop...) {
		if err := pool.CheckName("tag", tag); err != nil {
			return nil, withHint(err, example)
		}
	}
	return func(tags []string) []string {
		kept := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(drop, tag) })
		return append(kept, add...)
	}, nil
}

// shieldTags puts -- before the tags where one is -TAG, which the grammar would take for a flag.
func shieldTags(args []string) []string {
	for i, word := range args {
		switch {
		case word == "--" || word == "--help" || word == "-h":
			return args
		case i > 1 && len(word) > 1 && word[0] == '-' && word[1] != '-':
			return slices.Insert(slices.Clone(args), 2, "--")
		}
	}
	return args
}
