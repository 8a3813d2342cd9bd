package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// upkeepBar is how much longer a run may take that leaves an event to be delivered, and a server that hangs.
const upkeepBar = 3 * time.Millisecond

// measureUpkeep measures what it adds to a run that its end has to start a process, which delivers an event to a webhook
// that never answers; against a run without channels, at whose end nothing is due.
func measureUpkeep(b *bench) ([]row, error) {
	quiet, err := b.newUpkeepSandbox("")
	if err != nil {
		return nil, err
	}
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer hanging.Close()
	busy, err := b.newUpkeepSandbox(fmt.Sprintf("[[channel]]\nname = \"hangs\"\ntype = \"webhook\"\nurl = \"http://%s/\"\n", hanging.Addr()))
	if err != nil {
		return nil, err
	}
	due := &dueDelivery{sandbox: busy, server: hanging}
	defer due.end()
	child, err := trueChild()
	if err != nil {
		return nil, err
	}
	contestants := []contestant{quiet.claudepool(), busy.claudepool()}
	contestants[0].name, contestants[1].name = "without channels", "with a delivery"
	taken, err := interleave(contestants, b.scale(100), func(way contestant) (time.Duration, error) {
		if way.name == "without channels" {
			return onPipes(way.command(child, "-p", "hi"), ignore)
		}
		return due.once(way, child)
	})
	if err != nil {
		return nil, err
	}
	added := taken["with a delivery"].median() - taken["without channels"].median()
	return []row{{
		what: "a run that leaves an event, and a webhook that hangs", bar: fmt.Sprintf("≤ %s more than without channels", millis(upkeepBar)),
		measured: millis(added), ok: added <= upkeepBar,
		claudepool: fmt.Sprintf("%s; without %s", taken["with a delivery"], taken["without channels"]),
	}}, nil
}

// newUpkeepSandbox is one in which runs start what looks after the pool, and nothing is due at first.
func (b *bench) newUpkeepSandbox(config string) (*sandbox, error) {
	s, err := b.newSandbox(3, 0)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.home, ".config/claudepool/config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	_, err = s.manage("maintain")
	s.env = slices.DeleteFunc(s.env, func(v string) bool { return strings.HasPrefix(v, "CLAUDEPOOL_MAINTAIN=") })
	return s, err
}

// dueDelivery makes an event wait before every run.
type dueDelivery struct {
	*sandbox
	server net.Listener
	events int
}

// once times a run, and sees to it that its end has really started a delivery.
func (d *dueDelivery) once(way contestant, c child) (time.Duration, error) {
	if err := d.prepare(c); err != nil {
		return 0, err
	}
	took, err := onPipes(way.command(c, "-p", "hi"), ignore)
	if err != nil {
		return 0, err
	}
	if err := d.server.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return 0, err
	}
	connection, err := d.server.Accept()
	if err != nil {
		return 0, fmt.Errorf("nothing was delivered: %w", err)
	}
	d.end()
	return took, connection.Close()
}

// prepare causes an event, by a run that asks for what there is not, and forgets when a delivery was last started.
func (d *dueDelivery) prepare(c child) error {
	d.events++
	cmd := d.claudepool().command(c, "-p", "hi")
	cmd.Env = append(cmd.Env, "CLAUDEPOOL_MAINTAIN=off", fmt.Sprintf("CLAUDEPOOL_TAGS=none-%d", d.events))
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 75 {
		return fmt.Errorf("a run that finds no subscription: %w", err)
	}
	return d.query(func(db *sql.DB) error {
		_, err := db.Exec(`DELETE FROM tasks WHERE name IN ('start', 'deliver')`)
		return err
	})
}

// end ends the process that delivers: it would hang for as long as a try may take.
func (d *dueDelivery) end() {
	_ = d.query(func(db *sql.DB) error { // best effort: it ends by itself
		var text string
		if err := db.QueryRow(`SELECT runner FROM tasks WHERE name = 'deliver' AND runner <> ''`).Scan(&text); err != nil {
			return err
		}
		var runner struct{ PID int }
		if err := json.Unmarshal([]byte(text), &runner); err != nil || runner.PID <= 1 {
			return err
		}
		return syscall.Kill(runner.PID, syscall.SIGKILL)
	})
}
