package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// The crowd fills its pool to the last place.
const (
	crowdSize          = 200
	crowdSubscriptions = 5
)

// measureCrowd starts 200 wrappers at once, on subscriptions that have room for just as many, and
// holds them until all of them run.
func measureCrowd(b *bench) ([]row, error) {
	const room = crowdSize / crowdSubscriptions
	s, err := b.newSandbox(crowdSubscriptions, room)
	if err != nil {
		return nil, err
	}
	hold, release, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer hold.Close()
	members := make([]*member, crowdSize)
	for i := range members {
		members[i] = newMember(s.claudepool().command(b.actor("wait", 0), "-p", "hi"), hold)
	}
	began := time.Now()
	var served samples
	var failures []error
	for _, m := range members {
		go m.run()
	}
	for _, m := range members {
		select {
		case <-m.up:
			served = append(served, time.Since(began))
		case err := <-m.ended:
			m.ended <- nil
			failures = append(failures, err)
		}
	}
	running, err := s.runningOn()
	_ = release.Close() // the children see the end of their input
	failures = append(failures, err)
	for _, m := range members {
		failures = append(failures, <-m.ended)
	}
	return []row{crowdRow(served, running, room)}, errors.Join(failures...)
}

func crowdRow(served samples, running map[string]int, room int) row {
	most := 0
	var spread []string
	for _, n := range running {
		most = max(most, n)
		spread = append(spread, fmt.Sprint(n))
	}
	slices.Sort(spread)
	return row{
		what: fmt.Sprintf("%d runs started at once", crowdSize), bar: "all served, none over its cap, nothing on stderr",
		measured:   fmt.Sprintf("%d served, at most %d of %d on one", len(served), most, room),
		ok:         len(served) == crowdSize && most <= room,
		claudepool: fmt.Sprintf("the last one up after %s; on each %s", millis(served.quantile(1)), strings.Join(spread, ", ")),
	}
}

// runningOn counts the running sessions of each subscription.
func (s *sandbox) runningOn() (map[string]int, error) {
	out, err := s.manage("sessions", "--json")
	if err != nil {
		return nil, err
	}
	var list struct {
		Sessions []struct{ Subscription string }
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, err
	}
	running := map[string]int{}
	for _, session := range list.Sessions {
		running[session.Subscription]++
	}
	return running, nil
}

// member is one run of the crowd.
type member struct {
	cmd   *exec.Cmd
	up    chan struct{}
	ended chan error
}

func newMember(cmd *exec.Cmd, stdin *os.File) *member {
	cmd.Stdin = stdin
	return &member{cmd: cmd, up: make(chan struct{}), ended: make(chan error, 2)}
}

func (m *member) run() {
	_, err := onPipes(m.cmd, func(p []byte) {
		if slices.Contains(p, ready) {
			close(m.up)
		}
	})
	m.ended <- err
}
