package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"claudepool/pool"
)

// importing takes subscriptions into a pool.
type importing struct {
	*app
	store           pool.Store
	replace, dryRun bool
	source          string
}

// all looks at everything first: where there is a conflict nothing is taken in.
func (i importing) all(ctx context.Context, wanted []pool.Subscription) error {
	there, err := i.store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	if err := i.refuseConflicts(wanted, append(slices.Clone(there), wanted...)); err != nil {
		return err
	}
	for _, s := range wanted {
		if err := i.one(ctx, s, there); err != nil {
			return err
		}
	}
	return nil
}

// refuseConflicts tells every conflict.
func (i importing) refuseConflicts(wanted, others []pool.Subscription) error {
	conflicts, replaceable := 0, true
	for _, s := range wanted {
		words := i.dirConflict(s, others)
		replaceable = replaceable && words == ""
		if words == "" && !i.replace {
			words = settingsConflict(s, others)
		}
		if words != "" {
			i.warn("%s", words)
			conflicts++
		}
	}
	err := fmt.Errorf("%s does not fit the pool, nothing was taken in", i.source)
	switch {
	case conflicts == 0:
		return nil
	case replaceable:
		return withHint(err, "to take the settings of the file: claudepool import --replace FILE")
	}
	return withHint(err, "give it another name or directory, in the file or in the pool: claudepool rename NAME OTHER")
}

// dirConflict says which other name has the directory, or which other directory the name; "" for neither.
func (i importing) dirConflict(s pool.Subscription, others []pool.Subscription) string {
	for _, other := range others {
		same := i.isSameDir(other.ConfigDir, s.ConfigDir)
		switch {
		case other.Name != s.Name && same:
			return fmt.Sprintf("the config directory of %s is that of %s: %s", s.Name, other.Name, i.dirWords(s.ConfigDir))
		case other.Name == s.Name && !same:
			return fmt.Sprintf("%s has another config directory in the pool: %s, not %s", s.Name, i.dirWords(other.ConfigDir), i.dirWords(s.ConfigDir))
		}
	}
	return ""
}

// settingsConflict says what the pool has otherwise, "" for nothing.
func settingsConflict(s pool.Subscription, others []pool.Subscription) string {
	for _, other := range others {
		if other.Name != s.Name {
			continue
		}
		if differs := differences(inOrder(other), s, "%s %s, not %s"); len(differs) > 0 {
			return fmt.Sprintf("%s has other settings in the pool: %s", s.Name, strings.Join(differs, "; "))
		}
	}
	return ""
}

func (i importing) isSameDir(a, b string) bool {
	return a == b || a != "" && b != "" && isSameFile(a, b)
}

// differences are the settings that are others in the pool than in the file: what, how it is and how it is to
// be, in a format.
func differences(there, wanted pool.Subscription, format string) (words []string) {
	for _, s := range settables {
		if was, is := s.show(there), s.show(wanted); was != is {
			words = append(words, plain(fmt.Sprintf(format, s.key, was, is)))
		}
	}
	if there.Enabled != wanted.Enabled {
		words = append(words, fmt.Sprintf(format, "enabled", yesOrNo(there.Enabled), yesOrNo(wanted.Enabled)))
	}
	return words
}

func (i importing) one(ctx context.Context, s pool.Subscription, there []pool.Subscription) error {
	for _, other := range there {
		if other.Name == s.Name {
			return i.update(ctx, inOrder(other), s)
		}
	}
	if i.dryRun {
		i.printf("would add %s, config directory %s\n", s.Name, i.dirWords(s.ConfigDir))
		return nil
	}
	made, err := i.makeConfigDir(s.ConfigDir)
	if err != nil {
		return err
	}
	if _, err := i.store.AddSubscription(ctx, s); err != nil {
		if made {
			_ = os.Remove(s.ConfigDir) // best effort: it is empty
		}
		return err
	}
	addCommand{}.tell(i.app, s, made)
	i.furnish(s, made)
	return nil
}

func (i importing) update(ctx context.Context, there, wanted pool.Subscription) error {
	words := differences(there, wanted, "%s %s -> %s")
	switch {
	case len(words) == 0:
		i.printf("%s is there already\n", wanted.Name)
		return nil
	case i.dryRun:
		i.printf("would change %s: %s\n", wanted.Name, strings.Join(words, "; "))
		return nil
	}
	_, err := i.store.UpdateSubscription(ctx, wanted.Name, func(s *pool.Subscription) error {
		origin, sharing := s.Origin, s.Sharing // of this machine
		*s = wanted
		s.Origin, s.Sharing = origin, sharing
		return nil
	})
	if err == nil {
		i.printf("changed %s: %s\n", wanted.Name, strings.Join(words, "; "))
	}
	return err
}
