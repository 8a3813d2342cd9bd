package main

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"claudepool/pool"
)

// exportDimensions are what tells the lines of an exported ledger apart, in their order.
var exportDimensions = []pool.Dimension{
	pool.ByHour, pool.BySubscription, pool.ByProject, pool.BySession, pool.ByConversation, pool.ByModel,
}

// exportLedger prints a line for what a model used in an hour of a conversation in a session. What prune has turned
// into totals has no session and no conversation any more, and what could not be attributed no subscription: null.
func (a *app) exportLedger(ctx context.Context, store pool.Store) error {
	rows, err := store.Usage(ctx, pool.UsageQuery{By: exportDimensions, Location: time.UTC})
	if err != nil {
		return err
	}
	for _, row := range rows {
		line, err := ledgerLine(row)
		if err != nil {
			return err
		}
		a.printf("%s\n", line)
	}
	return nil
}

func ledgerLine(row pool.UsageRow) ([]byte, error) {
	line := object{}
	for i, d := range exportDimensions {
		key := row.Keys[i]
		if key == pool.Pruned {
			key = ""
		}
		line = append(line, field{string(d), orNull(key)})
	}
	figures, err := json.Marshal(figuresOf(row.Usage))
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(append(line, field{"cost_source", orNull(costSourceOf(row.Usage))}))
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{head[:len(head)-1], figures[1:]}, []byte(",")), nil // two objects in one
}
