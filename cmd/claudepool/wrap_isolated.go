package main

import (
	"context"
	"slices"

	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// An isolated subscription shares no conversations: what was said on it goes on there and nowhere else, and what was
// said elsewhere does not go on there.

// keepIsolated notes which subscriptions can't take up a conversation, because of where it lies. Without an id it is
// the latest one of the directory, of those that the request asks for: the one that --continue is meant to take up.
func (l *launch) keepIsolated(ctx context.Context, store pool.Store, request pool.Request) error {
	if request.Forced != "" || request.Conversation == "" && !request.Continues {
		return nil
	}
	all, err := store.Subscriptions(ctx)
	if err != nil || !slices.ContainsFunc(all, isIsolated) {
		return err
	}
	shared := l.transcriptFor(all, pool.Subscription{}, request) // the same for all that are not isolated
	lying := map[string]string{}                                 // its transcript, as each of them would find it
	var paths []string
	for _, s := range all {
		if lying[s.Name] = shared; isIsolated(s) {
			lying[s.Name] = l.transcriptFor(all, s, request)
		}
		if request.Conversation != "" || s.Enabled && isAskedFor(s, request) {
			paths = append(paths, lying[s.Name])
		}
	}
	latest := transcripts.LatestOf(paths)
	for _, s := range all {
		if latest != "" && lying[s.Name] != latest && (request.Conversation == "" || lying[s.Name] == "") {
			l.unusable[s.Name] = stays(s)
		}
	}
	return nil
}

func isIsolated(s pool.Subscription) bool { return s.Sharing.Isolated }

func isAskedFor(s pool.Subscription, request pool.Request) bool {
	hasAll := !slices.ContainsFunc(request.Tags, func(tag string) bool { return !slices.Contains(s.Tags, tag) })
	return hasAll && (len(request.Names) == 0 || slices.Contains(request.Names, s.Name))
}

// stays says why a subscription can't take up a conversation.
func stays(s pool.Subscription) string {
	if s.Sharing.Isolated {
		return "it is isolated, and the conversation is of another subscription"
	}
	return "the conversation is of an isolated subscription, and stays there"
}

// transcriptFor is the transcript that a subscription would take up, "" where it finds none.
func (l *launch) transcriptFor(all []pool.Subscription, s pool.Subscription, request pool.Request) string {
	dirs := l.readableFor(all, s)
	if request.Conversation != "" {
		return transcripts.Find(dirs, request.Conversation)
	}
	return transcripts.Latest(dirs, request.CWD)
}

// readableFor are the directories of transcripts that a subscription may have conversations from: its own where it is
// isolated, else those of all that are not.
func (l *launch) readableFor(all []pool.Subscription, s pool.Subscription) (dirs []string) {
	readable := []pool.Subscription{s}
	if !s.Sharing.Isolated {
		readable = slices.DeleteFunc(slices.Clone(all), isIsolated)
	}
	for _, root := range transcripts.Roots(readable, l.settings.places.defaultConfigDir()) {
		dirs = append(dirs, root.Dir)
	}
	return dirs
}
