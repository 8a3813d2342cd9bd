package fakeapi

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Reply says how a request is met: with what is told of the plan, and whether it is answered at all.
// The zero Reply answers and tells nothing of a plan, as the API does to an API key.
type Reply struct {
	// Plan goes out as headers with whatever else is said; nil for none.
	Plan *Plan
	// Status is the HTTP status of a refusal; 0 to answer.
	Status int
	// Type and Message are the refusal's words.
	Type, Message string
	// Cut ends the connection in the middle of a streamed answer.
	Cut bool
	// Until holds the reply back until it is closed; nil for at once.
	Until <-chan struct{}
}

// Plan is the state of a subscription's windows, as the response headers tell it.
type Plan struct {
	// Status is allowed, allowed_warning or rejected.
	Status string
	// Claim is the window that decides: five_hour, seven_day, seven_day_opus, …
	Claim   string
	Windows []PlanWindow
	// Overage is the status of paid use; "" where the plan has none.
	Overage      string
	OverageInUse bool
}

// PlanWindow is one window of a plan.
type PlanWindow struct {
	Kind string
	// Status is allowed, allowed_warning or rejected.
	Status string
	// Utilization is the used share, 0 to 1.
	Utilization float64
	ResetsAt    time.Time
}

// Answer is the usual reply to a subscription: an answer, and a plan with room.
func Answer() Reply {
	return Reply{Plan: &Plan{Status: "allowed", Claim: "five_hour", Windows: windows("", "", 0)}}
}

// Warning answers, and warns that the window is nearly used up.
func Warning(window string) Reply {
	return Reply{Plan: &Plan{
		Status: "allowed_warning", Claim: window, Windows: windows(window, "allowed_warning", 0.91),
	}}
}

// Limit refuses because the window is used up.
func Limit(window string) Reply {
	return Reply{
		Plan:   &Plan{Status: "rejected", Claim: window, Windows: windows(window, "rejected", 1)},
		Status: http.StatusTooManyRequests, Type: "rate_limit_error",
		Message: "This request would exceed your account's rate limit. Please try again later.",
	}
}

// LimitUntil is Limit with a reset of its own, which goes out in whole seconds.
func LimitUntil(window string, resetsAt time.Time) Reply {
	reply := Limit(window)
	for i := range reply.Plan.Windows {
		if w := &reply.Plan.Windows[i]; w.Kind == window {
			w.ResetsAt = resetsAt
		}
	}
	return reply
}

// OnOverage answers though the window is used up, as paid use.
func OnOverage(window string) Reply {
	return Reply{Plan: &Plan{
		Status: "rejected", Claim: window, Windows: windows(window, "rejected", 1),
		Overage: "allowed", OverageInUse: true,
	}}
}

// Throttle refuses with 429 and says nothing of a plan: this is no limit of a subscription.
func Throttle() Reply {
	return Reply{
		Status: http.StatusTooManyRequests, Type: "rate_limit_error",
		Message: "Number of requests has exceeded the rate limit. Please try again later.",
	}
}

// CutOff answers and ends the connection in the middle.
func CutOff() Reply {
	reply := Answer()
	reply.Cut = true
	return reply
}

// Refuse refuses with one of the statuses that the CLI tells apart: 400 (the credit balance is too
// low), 401, 403, 500 and 529. Any other is an invalid request.
func Refuse(status int) Reply {
	refusal, known := map[int][2]string{
		http.StatusBadRequest:          {"invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."},
		http.StatusUnauthorized:        {"authentication_error", "Invalid authentication credentials"},
		http.StatusForbidden:           {"permission_error", "OAuth authentication is currently not allowed for this organization."},
		http.StatusInternalServerError: {"api_error", "Internal server error"},
		529:                            {"overloaded_error", "Overloaded"},
	}[status]
	if !known {
		status, refusal = http.StatusBadRequest, [2]string{"invalid_request_error", fmt.Sprintf("no such refusal: %d", status)}
	}
	return Reply{Status: status, Type: refusal[0], Message: refusal[1]}
}

// windows returns the two windows of every plan, and the named one in the state given. They reset on
// full hours, three hours and three days ahead.
func windows(named, status string, utilization float64) []PlanWindow {
	hour := time.Now().Truncate(time.Hour)
	all := []PlanWindow{
		{Kind: "five_hour", Status: "allowed", Utilization: 0.25, ResetsAt: hour.Add(3 * time.Hour)},
		{Kind: "seven_day", Status: "allowed", Utilization: 0.5, ResetsAt: hour.Add(72 * time.Hour)},
	}
	if named == "" {
		return all
	}
	at := slices.IndexFunc(all, func(w PlanWindow) bool { return w.Kind == named })
	if at < 0 {
		at = len(all)
		all = append(all, PlanWindow{Kind: named, ResetsAt: hour.Add(72 * time.Hour)})
	}
	all[at].Status, all[at].Utilization = status, utilization
	return all
}
