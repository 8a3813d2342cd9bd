package fakeapi

import (
	"net/http"
	"strconv"
)

const unified = "anthropic-ratelimit-unified-"

// shortNames are the windows' names in headers (read by 2.1.330); a window not listed here keeps its own.
var shortNames = map[string]string{
	"five_hour":                  "5h",
	"seven_day":                  "7d",
	"seven_day_opus":             "7d_opus",
	"seven_day_sonnet":           "7d_sonnet",
	"seven_day_overage_included": "7d_oi",
}

// write puts the plan into the response headers.
func (p *Plan) write(header http.Header) {
	if p == nil {
		return
	}
	set := func(name, value string) { header.Set(unified+name, value) }
	set("status", p.Status)
	set("representative-claim", p.Claim)
	for _, window := range p.Windows {
		reset := strconv.FormatInt(window.ResetsAt.Unix(), 10)
		if window.Kind == p.Claim {
			set("reset", reset)
		}
		short, known := shortNames[window.Kind]
		if !known {
			short = window.Kind
		}
		utilization := strconv.FormatFloat(window.Utilization, 'f', -1, 64)
		set(short+"-status", window.Status)
		set(short+"-utilization", utilization)
		set(short+"-reset", reset)
		if window.Status == "allowed_warning" {
			// Without this the CLI says nothing: it warns by the threshold that was passed.
			set(short+"-surpassed-threshold", "0.9")
		}
	}
	if p.Overage != "" {
		set("overage-status", p.Overage)
		set("overage-reset", header.Get(unified+"reset"))
		set("overage-in-use", strconv.FormatBool(p.OverageInUse))
	}
}
