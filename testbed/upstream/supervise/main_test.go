//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Getenv("AS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

type conversation struct {
	t       *testing.T
	process *exec.Cmd
	input   io.WriteCloser
	events  *bufio.Scanner
	log     string
}

func converse(t *testing.T) *conversation {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(self)
	process.Env = append(os.Environ(), "AS_PROGRAM=1")
	input, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	c := &conversation{t, process, input, bufio.NewScanner(output), filepath.Join(t.TempDir(), "log")}
	t.Cleanup(func() { _ = process.Process.Kill() })
	c.want("ready")
	return c
}

func (c *conversation) say(command Command) {
	c.t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.input.Write(append(line, '\n')); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) want(event string) Event {
	c.t.Helper()
	if !c.events.Scan() {
		c.t.Fatalf("got end of output; want event %s", event)
	}
	var got Event
	if err := json.Unmarshal(c.events.Bytes(), &got); err != nil {
		c.t.Fatal(err)
	}
	if got.Event != event {
		c.t.Fatalf("got %+v; want event %s", got, event)
	}
	return got
}

// family starts a shell with a child and a grandchild that has left its process group, and returns the
// pids of all three once they run.
func (c *conversation) family() []int {
	c.t.Helper()
	pids := filepath.Join(c.t.TempDir(), "pids")
	script := fmt.Sprintf("sleep 600 & echo $! >>%[1]s; (setsid sh -c 'echo $$ >>%[1]s; exec sleep 600' &); wait", pids)
	c.say(Command{Do: "start", Name: "family", Command: []string{"sh", "-c", script}, Log: c.log})
	found := []int{c.want("started").Pid}
	eventually(c.t, "a child and a grandchild", func() bool {
		text, _ := os.ReadFile(pids)
		return len(strings.Fields(string(text))) == 2
	})
	text, _ := os.ReadFile(pids)
	for _, field := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			c.t.Fatal(err)
		}
		found = append(found, pid)
	}
	return found
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s for %s", what)
		}
	}
}

func gone(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil || strings.HasPrefix(string(stat)[strings.LastIndexByte(string(stat), ')')+1:], " Z")
}

func allGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		eventually(t, fmt.Sprintf("process %d to end", pid), func() bool { return gone(pid) })
	}
}

func TestEndOfInput_endsEveryDescendant(t *testing.T) {
	c := converse(t)
	pids := c.family()
	_ = c.input.Close()
	c.want("exited")
	c.want("ended")
	allGone(t, pids)
}

func TestOwnDeathBySigkill_endsTheChildren(t *testing.T) {
	c := converse(t)
	c.say(Command{Do: "start", Name: "one", Command: []string{"sleep", "600"}, Log: c.log})
	pid := c.want("started").Pid
	if err := c.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	allGone(t, []int{pid})
}

func TestDetached_outlivesItsInputUntilSigterm(t *testing.T) {
	c := converse(t)
	pids := c.family()
	c.say(Command{Do: "detach"})
	c.want("detached")
	_ = c.input.Close()
	c.want("alone")
	if gone(pids[0]) {
		t.Error("the child ended with the input; want it to go on")
	}
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.want("exited")
	c.want("ended")
	allGone(t, pids)
}

func TestChildThatIgnoresSigterm_isKilled(t *testing.T) {
	c := converse(t)
	c.say(Command{Do: "start", Name: "deaf", Command: []string{"sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"}, Log: c.log})
	pid := c.want("started").Pid
	eventually(t, "the trap", func() bool {
		text, _ := os.ReadFile(c.log)
		return strings.Contains(string(text), "deaf")
	})
	c.say(Command{Do: "end"})
	if got := c.want("exited"); got.Signal != "killed" {
		t.Errorf("got %+v; want it killed", got)
	}
	c.want("ended")
	allGone(t, []int{pid})
}

func TestAtEnd_runsNewestFirstHoweverItEnds(t *testing.T) {
	c := converse(t)
	trace := filepath.Join(t.TempDir(), "trace")
	for _, word := range []string{"first", "second"} {
		c.say(Command{Do: "atEnd", Command: []string{"sh", "-c", "echo " + word + " >>" + trace}})
	}
	c.say(Command{Do: "atEnd", Command: []string{"/nonexistent/program"}})
	_ = c.input.Close()
	c.want("ended")
	text, _ := os.ReadFile(trace)
	if string(text) != "second\nfirst\n" {
		t.Errorf("got %q; want second, first", text)
	}
}

func TestExit_isReportedWithItsCode(t *testing.T) {
	c := converse(t)
	c.say(Command{Do: "start", Name: "seven", Command: []string{"sh", "-c", "exit 7"}, Log: c.log})
	started := c.want("started")
	if exited := c.want("exited"); exited.Pid != started.Pid || exited.Code != 7 || exited.Name != "seven" {
		t.Errorf("got %+v; want seven, pid %d, code 7", exited, started.Pid)
	}
}

func TestRefusals_sayWhy(t *testing.T) {
	c := converse(t)
	for want, command := range map[string]Command{
		"do: got":                 {Do: "dance"},
		"command: got none":       {Do: "start", Name: "a", Log: c.log},
		"no such file":            {Do: "start", Name: "a", Command: []string{"/nonexistent/program"}, Log: c.log},
		"is a directory":          {Do: "start", Name: "a", Command: []string{"true"}, Log: t.TempDir()},
		"name: not running":       {Do: "signal", Name: "nobody", Signal: "TERM"},
		`signal: got "PANIC"; wa`: {Do: "signal", Name: "nobody", Signal: "PANIC"},
	} {
		c.say(command)
		if got := c.want("refused"); !strings.Contains(got.Reason, want) {
			t.Errorf("got %q; want it to contain %q", got.Reason, want)
		}
	}
}

func TestLog_isReadableByItsOwnerOnly(t *testing.T) {
	c := converse(t)
	c.say(Command{Do: "start", Name: "echo", Command: []string{"sh", "-c", "echo $GREETING"},
		Environment: map[string]string{"GREETING": "hello"}, Log: c.log})
	c.want("started")
	c.want("exited")
	info, err := os.Stat(c.log)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(c.log)
	if info.Mode().Perm() != 0o600 || string(text) != "hello\n" {
		t.Errorf("got mode %v and %q; want 0600 and hello", info.Mode(), text)
	}
}
