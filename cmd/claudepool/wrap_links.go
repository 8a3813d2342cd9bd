package main

import "claudepool/internal/sharing"

// mendLinks sets right what the CLI has put in the place of links, before it starts. It is best effort, and
// leaves a link that leads elsewhere: somebody may have meant it. `doctor --fix` mends those too.
func (l *launch) mendLinks(lease lease) {
	sub := lease.subscription
	if len(sharing.Check(sub.ConfigDir, sub.Sharing)) == 0 {
		return
	}
	done, err := l.mender().MendOnly(sub.ConfigDir, sub.Sharing, func(p sharing.Problem) bool {
		return p.Kind != sharing.Elsewhere
	})
	for _, m := range done {
		l.log.Info("mended a link", "subscription", sub.Name, "link", m.Path, "was", m.Kind, "backup", m.Backup)
	}
	if err != nil {
		l.log.Warn("mend links", "subscription", sub.Name, "error", err)
	}
}
