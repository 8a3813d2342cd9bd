package main

import (
	"context"
	"fmt"

	"claudepool/internal/notify"
	"claudepool/pool"
)

type notifyTest struct {
	Channel string `arg:"" help:"Name of the channel."`
}

// Help says what it goes past.
func (notifyTest) Help() string {
	return `The event is sent once, whatever the channel's rules and quiet hours, and is not kept. It ends with 1 where the channel did not take it.`
}

func (c notifyTest) Run(a *app) error {
	channel, err := a.channelNamed(c.Channel)
	if err != nil {
		return err
	}
	began := a.now()
	if err := notify.Send(context.Background(), channel, a.caller(), pool.TestEvent(channel.Name, began), began); err != nil {
		return withHint(fmt.Errorf("%s did not take the event: %w", channel.Name, err),
			"see how it is set up: claudepool config show | grep %s", shellQuote(channelTable+"."+channel.Name))
	}
	a.printf("%s took the event, in %d ms\n", channel.Name, a.now().Sub(began).Milliseconds())
	return nil
}
