package main

import (
	"fmt"

	"claudepool/internal/notify"
	"claudepool/pool"
)

type notifyCommand struct {
	Test  notifyTest  `cmd:"" help:"Send a made-up event to a channel, and say what came of it."`
	List  notifyList  `cmd:"" help:"List what has not arrived, or all."`
	Retry notifyRetry `cmd:"" help:"Make what has not arrived due again, with all its tries before it."`
	Drop  notifyDrop  `cmd:"" help:"Give up what has not arrived."`
	Flush notifyFlush `cmd:"" help:"Try at once all that waits, and say what became of it."`
}

// Help says where channels come from.
func (notifyCommand) Help() string {
	return `Channels are [[channel]] tables in the config file: claudepool config edit. Events are delivered by themselves after a run, and by "claudepool maintain".`
}

// deliverer delivers the events of a store to the channels of the settings.
func (a *app) deliverer(store pool.Store) notify.Deliverer {
	return notify.Deliverer{Store: store, Channels: a.settings.channels(), Caller: a.caller(), Now: a.now}
}

// caller is what channels take from us.
func (a *app) caller() notify.Caller { return notify.Caller{Environ: a.env, Get: a.env.Get} }

// someChannels are the channels that are set up. Errors: that there is none.
func (a *app) someChannels() ([]notify.Settings, error) {
	channels := a.settings.channels()
	if len(channels) == 0 {
		return nil, withHint(fmt.Errorf("no channel is set up"), "write a [[channel]] into the config file: claudepool config edit")
	}
	return channels, nil
}

// channelNamed finds a channel that is set up.
func (a *app) channelNamed(name string) (notify.Settings, error) {
	channels, err := a.someChannels()
	var names []string
	for _, c := range channels {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	if err != nil {
		return notify.Settings{}, err
	}
	err = fmt.Errorf("no channel is named %.64q", name)
	if near := nearestWord(name, names); near != "" {
		return notify.Settings{}, withHint(err, "did you mean %s? see all: claudepool config show", near)
	}
	return notify.Settings{}, withHint(err, "see what is there: claudepool config show")
}
