package main

import (
	"context"
	"errors"
	"fmt"

	"claudepool/internal/sharing"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// filesTask removes what would pile up: old backups of mended links, and what nobody can read of the spool. The log bounds
// itself as it is written.
func (a *app) filesTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	backups, err := a.pruneBackups(ctx, store)
	leftovers, tidyErr := a.settings.spool().Tidy(a.now())
	report := upkeep.Report{Data: object{{"backups", backups}, {"leftovers", leftovers}}}
	if backups+leftovers > 0 {
		report.Words = fmt.Sprintf("removed %s and %s of the spool", plural(backups, "backup"), plural(leftovers, "leftover"))
	}
	return report, errors.Join(err, tidyErr)
}

// pruneBackups removes the old backups in the config directories of the pool, and returns how many.
func (a *app) pruneBackups(ctx context.Context, store pool.Store) (removed int, err error) {
	days := a.settings.Maintenance.BackupsKeepDays
	if days == 0 {
		return 0, nil
	}
	subscriptions, err := store.Subscriptions(ctx)
	for _, s := range subscriptions {
		if s.Sharing.Base == "" {
			continue // there are no links to mend
		}
		n, failed := sharing.PruneBackups(s.ConfigDir, a.now().AddDate(0, 0, -days))
		removed, err = removed+n, errors.Join(err, failed)
	}
	return removed, err
}
