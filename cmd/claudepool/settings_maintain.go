package main

// maintenance is how the pool looks after itself.
type maintenance struct {
	// Detached is set where a process does it by itself after a run, beside all others.
	Detached bool
	// EventsKeepDays and EventsKeep bound the events: their age, and how many. 0 is no bound.
	EventsKeepDays, EventsKeep int
	// LogMaxMB is how large the log may get before a new one is begun, in megabytes; 0 is no bound.
	LogMaxMB int
	// BackupsKeepDays is the age of what mending has put aside, from which on it goes; 0 is never.
	BackupsKeepDays int
}

var defaultMaintenance = maintenance{Detached: true, EventsKeepDays: 30, EventsKeep: 10_000, LogMaxMB: 10, BackupsKeepDays: 90}

// maintainSettings say how the pool looks after itself; see docs/maintenance.md.
var maintainSettings = []declaration{
	{
		key: "maintain", variable: "CLAUDEPOOL_MAINTAIN", form: textForm, choices: []string{"on", "off"},
		words: "whether a process of its own looks after the pool when a run has ended",
		set: func(s *settings, g given) error {
			on, ok := parseSwitch(g.text())
			if !ok {
				return g.refused("on or off")
			}
			s.Maintenance.Detached = on.(bool)
			return nil
		},
		show: func(s settings) any {
			if s.Maintenance.Detached {
				return "on"
			}
			return "off"
		},
	},
	bound("events_keep_days", "from which age on events are forgotten, in days; 0 for never", 1e6, "a number of days, 0 for never",
		func(m *maintenance) *int { return &m.EventsKeepDays }),
	bound("events_keep", "how many events are kept at most; 0 for no bound", 1e9, "a number of events, 0 for no bound",
		func(m *maintenance) *int { return &m.EventsKeep }),
	bound("log_max_mb", "at which size a new log is begun, in megabytes, with three old ones kept; 0 for never", 1e6, "a number of megabytes, 0 for never",
		func(m *maintenance) *int { return &m.LogMaxMB }),
	bound("backups_keep_days", "from which age on versions that mending has put aside are removed, in days; 0 for never", 1e6, "a number of days, 0 for never",
		func(m *maintenance) *int { return &m.BackupsKeepDays }),
}

// bound is a setting that bounds what grows, from 0 to high.
func bound(key, words string, high float64, want string, of func(*maintenance) *int) declaration {
	return declaration{
		key: key, form: wholeForm, words: words, low: 0, high: high,
		set: func(s *settings, g given) error {
			if *of(&s.Maintenance) = g.whole(); g.whole() < 0 || float64(g.whole()) > high {
				return g.refused(want)
			}
			return nil
		},
		show: func(s settings) any { return *of(&s.Maintenance) },
	}
}
