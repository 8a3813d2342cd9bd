package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// failoverBar is how long it may take from the end of a CLI that met a limit to the start of the next one.
const failoverBar = 20 * time.Millisecond

// clockVariable names the file in which a limited child notes when it ended, and the next when it began.
const clockVariable = "CLAUDEPOOL_BENCH_CLOCK"

const (
	rejectedLine  = `{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":%d,"rateLimitType":"five_hour","isUsingOverage":false,"unifiedWindows":{"five_hour":{"utilization":1,"resetsAt":%[1]d,"status":"rejected"},"seven_day":{"utilization":0.5,"resetsAt":%[1]d,"status":"allowed"}}},"uuid":"407aaa1c-ce9d-4b65-89bd-b8204a34d18b","session_id":"2807083d-b355-4455-be91-5edc3a01603e"}`
	noAnswerLine  = `{"duration_api_ms":0,"stop_reason":"stop_sequence","session_id":"2807083d-b355-4455-be91-5edc3a01603e","total_cost_usd":0,"usage":{"input_tokens":0,"output_tokens":0},"modelUsage":{},"is_error":true,"api_error_status":429,"result":"You've hit your session limit · resets 3:50pm (UTC)","type":"result"}`
	messageLine   = `{"type":"assistant","sessionId":"2807083d-b355-4455-be91-5edc3a01603e","timestamp":"2026-11-24T12:00:00Z","cwd":"/home/u/proj","message":{"id":"msg_%d","model":"claude-opus-5-5","content":[{"type":"text","text":"%s"}],"usage":{"input_tokens":1,"output_tokens":2}}}` + "\n"
	benchedPlace  = "projects/-home-u-proj/2807083d-b355-4455-be91-5edc3a01603e.jsonl"
	midTurnLength = 1 << 20
)

// measureFailover measures what failover takes of its own: what met the limit is booked, another subscription
// is chosen, and the conversation, in the middle of a turn, is copied there.
func measureFailover(b *bench) ([]row, error) {
	var rows []row
	for _, m := range []struct {
		what string
		size int
	}{
		{"failover at the first request", 0},
		{"failover in mid-turn, a transcript of 1 MB copied", midTurnLength},
	} {
		s, err := b.newSandbox(2, 0)
		if err != nil {
			return rows, err
		}
		var taken samples
		for range b.scale(100) {
			took, err := b.failover(s, m.size)
			if err != nil {
				return rows, fmt.Errorf("%s: %w", m.what, err)
			}
			taken = append(taken, took)
		}
		rows = append(rows, row{what: m.what, bar: fmt.Sprintf("≤ %s, median", millis(failoverBar)),
			measured: millis(taken.median()), ok: taken.median() <= failoverBar, claudepool: taken.String()})
	}
	return rows, nil
}

// failover runs a child that meets a limit once, and returns how long nothing ran.
func (b *bench) failover(s *sandbox, size int) (time.Duration, error) {
	clock := filepath.Join(s.home, "clock")
	for _, left := range []string{clock, filepath.Join(s.home, "subscriptions/s1", benchedPlace), filepath.Join(s.home, "subscriptions/s2", benchedPlace)} {
		_ = os.Remove(left) // of the run before
	}
	c := b.actor("limited", size)
	c.env = append(c.env, clockVariable+"="+clock)
	if _, err := onPipes(s.claudepool().command(c, streamArgs...), ignore); err != nil {
		return 0, err
	}
	noted, err := os.ReadFile(clock)
	if err != nil || len(noted) != 16 {
		return 0, fmt.Errorf("it did not go on: %d bytes noted, %v", len(noted), err)
	}
	ended, began := binary.BigEndian.Uint64(noted), binary.BigEndian.Uint64(noted[8:])
	return time.Duration(began - ended), nil
}

// meetLimit is a CLI that meets a limit the first time, and answers the second. A size is that of the
// transcript that it leaves the first time, and says that it has answered before.
func meetLimit(size int) int {
	now := time.Now()
	clock, err := os.OpenFile(os.Getenv(clockVariable), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 2
	}
	if info, err := clock.Stat(); err == nil && info.Size() > 0 {
		note(clock, now)
		fmt.Println(initLine + "\n" + resultLine)
		return 0
	}
	fmt.Println(initLine)
	if size > 0 {
		if err := leaveTranscript(size); err != nil {
			return 2
		}
		fmt.Printf(assistantLine+"\n", toolUseBlock)
	}
	past := now.Add(-time.Minute).Unix() // the next run finds room on both again
	fmt.Printf(rejectedLine+"\n"+noAnswerLine+"\n", past)
	note(clock, time.Now())
	return 1
}

func note(clock *os.File, at time.Time) {
	_, _ = clock.Write(binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))) // a missing one is found out
}

func leaveTranscript(size int) error {
	path := filepath.Join(os.Getenv("CLAUDE_CONFIG_DIR"), benchedPlace)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, messageLine, i, strings.Repeat(prose, 20))
	}
	return os.WriteFile(path, []byte(text.String()), 0o600)
}
