package pool

import "slices"

// Waiting is a request in the queue, as stores keep it.
type Waiting struct {
	Names        []string `json:"names,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Model        string   `json:"model,omitempty"`
	Conversation string   `json:"conversation,omitempty"`
	Tried        []string `json:"tried,omitempty"`
	// Unfit are the subscriptions that can't be used from where the request waits.
	Unfit []string `json:"unfit,omitempty"`
}

// NewWaiting is what to keep of a request while it waits.
func NewWaiting(req Request, subscriptions []Subscription) Waiting {
	w := Waiting{Names: req.Names, Tags: req.Tags, Model: req.Model, Conversation: req.Conversation, Tried: req.Tried}
	for _, s := range subscriptions {
		if req.Unfit != nil && req.Unfit(s) != "" {
			w.Unfit = append(w.Unfit, s.Name)
		}
	}
	return w
}

// Request is the request that waits, as far as a choice looks at it.
func (w Waiting) Request() Request {
	return Request{
		Names: w.Names, Tags: w.Tags, Model: w.Model, Conversation: w.Conversation, Tried: w.Tried,
		Unfit: func(s Subscription) string {
			if slices.Contains(w.Unfit, s.Name) {
				return "can't be used from there"
			}
			return ""
		},
	}
}
