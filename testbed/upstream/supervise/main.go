//go:build linux

// Command supervise starts processes on behalf of whoever holds its standard input, and sees to it that
// none outlives its owner, however the owner ends.
//
//   - The owner's death, even by SIGKILL, closes the pipe on standard input; end of input ends everything.
//     (PR_SET_PDEATHSIG on supervise itself would be wrong: it fires when the owner's thread ends, and a
//     JVM's threads come and go.)
//   - supervise's own death, even by SIGKILL, ends its children: they are started with PR_SET_PDEATHSIG
//     from its main thread, which lives as long as it does.
//   - A child's stray descendants are re-parented to supervise, a child subreaper, and killed at the end.
//   - It leads a session of its own: a terminal's Ctrl-C reaches the owner, which then decides.
//
// Commands are JSON lines on standard input, events JSON lines on standard output; see Command and Event.
// It uses the standard library only, so that it builds anywhere in a second.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Command is one line of input.
//
//	{"do":"start","name":N,"command":[...],"environment":{...},"directory":D,"log":F}  log gets both streams, mode 0600
//	{"do":"signal","name":N,"signal":"TERM"|"KILL"|"STOP"|"CONT"}                      to N's process group
//	{"do":"atEnd","command":[...]}              run once everything has ended, newest first, such as to undo an address
//	{"do":"detach"}                             end of input no longer ends everything; SIGTERM still does
//	{"do":"end"}                                ends everything, newest first
type Command struct {
	Do          string            `json:"do"`
	Name        string            `json:"name"`
	Command     []string          `json:"command"`
	Environment map[string]string `json:"environment"`
	Directory   string            `json:"directory"`
	Log         string            `json:"log"`
	Signal      string            `json:"signal"`
}

// Event is one line of output: ready (with supervise's own pid), started, exited, refused, detached, alone (the
// input has ended after a detach), ended.
// StartTime is field 22 of /proc/PID/stat, in clock ticks since boot: with the pid it names one process
// for as long as the machine is up.
type Event struct {
	Event     string `json:"event"`
	Name      string `json:"name,omitempty"`
	Pid       int    `json:"pid,omitempty"`
	StartTime uint64 `json:"startTime,omitempty"`
	Code      int    `json:"code,omitempty"`
	Signal    string `json:"signal,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

const (
	prSetChildSubreaper = 36 // PR_SET_CHILD_SUBREAPER of linux/prctl.h

	// grace is how long a child may take between SIGTERM and SIGKILL.
	grace = 5 * time.Second
)

var signals = map[string]syscall.Signal{
	"TERM": syscall.SIGTERM,
	"KILL": syscall.SIGKILL,
	"STOP": syscall.SIGSTOP,
	"CONT": syscall.SIGCONT,
}

type child struct {
	name string
	pid  int
}

type supervisor struct {
	children []child // in order of their start
	atEnd    [][]string
	detached bool
	events   *json.Encoder
}

// init keeps the main goroutine on the main thread: a child's PR_SET_PDEATHSIG is about the thread that
// started it.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("supervise", runtime.GOOS+"/"+runtime.GOARCH)
		return
	}
	// Already leading a process group (started from an interactive shell) is fine, too.
	_, _ = syscall.Setsid()
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP)
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		fmt.Fprintln(os.Stderr, "supervise: prctl(PR_SET_CHILD_SUBREAPER):", errno)
		os.Exit(1)
	}
	supervisor := &supervisor{events: json.NewEncoder(os.Stdout)}
	supervisor.run(os.Stdin)
}

func (s *supervisor) run(input io.Reader) {
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, syscall.SIGINT)
	exits := make(chan os.Signal, 1)
	signal.Notify(exits, syscall.SIGCHLD)
	commands := make(chan Command)
	go read(input, commands)

	s.emit(Event{Event: "ready", Pid: os.Getpid(), StartTime: startTime(os.Getpid())})
	for {
		select {
		case <-ending:
			s.end()
			return
		case <-exits:
			s.reap()
		case command, open := <-commands:
			if !open {
				if !s.detached {
					s.end()
					return
				}
				s.emit(Event{Event: "alone"})
				commands = nil
				continue
			}
			switch command.Do {
			case "start":
				s.start(command)
			case "signal":
				s.signal(command)
			case "atEnd":
				s.atEnd = append(s.atEnd, command.Command)
			case "detach":
				s.detached = true
				s.emit(Event{Event: "detached"})
			case "end":
				s.end()
				return
			default:
				s.refuse(command.Name, fmt.Sprintf("do: got %q; want start, signal, atEnd, detach or end", command.Do))
			}
		}
	}
}

// read hands on one command a line until the input ends. A line that is not a command ends it, too: its
// owner speaks another protocol and must not believe that it is being served.
func read(input io.Reader, commands chan<- Command) {
	defer close(commands)
	lines := bufio.NewScanner(input)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for lines.Scan() {
		var command Command
		if err := json.Unmarshal(lines.Bytes(), &command); err != nil {
			fmt.Fprintln(os.Stderr, "supervise: standard input:", err)
			return
		}
		commands <- command
	}
}

func (s *supervisor) start(command Command) {
	if s.find(command.Name) != nil {
		s.refuse(command.Name, "name: already running")
		return
	}
	if len(command.Command) == 0 {
		s.refuse(command.Name, "command: got none; want a program and its arguments")
		return
	}
	log, err := os.OpenFile(command.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.refuse(command.Name, err.Error())
		return
	}
	defer log.Close()
	process := exec.Command(command.Command[0], command.Command[1:]...)
	process.Dir = command.Directory
	process.Stdout, process.Stderr = log, log
	process.Env = os.Environ()
	for name, value := range command.Environment {
		process.Env = append(process.Env, name+"="+value)
	}
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		s.refuse(command.Name, err.Error())
		return
	}
	pid := process.Process.Pid
	s.children = append(s.children, child{command.Name, pid})
	s.emit(Event{Event: "started", Name: command.Name, Pid: pid, StartTime: startTime(pid)})
	// reap waits for every child itself, strays included.
	_ = process.Process.Release()
}

func (s *supervisor) signal(command Command) {
	number, known := signals[command.Signal]
	child := s.find(command.Name)
	switch {
	case !known:
		s.refuse(command.Name, fmt.Sprintf("signal: got %q; want TERM, KILL, STOP or CONT", command.Signal))
	case child == nil:
		s.refuse(command.Name, "name: not running")
	default:
		_ = syscall.Kill(-child.pid, number)
	}
}

// end stops the children newest first, each given its grace, then kills what their descendants left.
func (s *supervisor) end() {
	for len(s.children) > 0 {
		last := s.children[len(s.children)-1]
		_ = syscall.Kill(-last.pid, syscall.SIGCONT)
		_ = syscall.Kill(-last.pid, syscall.SIGTERM)
		if !s.await(last.pid, grace) {
			_ = syscall.Kill(-last.pid, syscall.SIGKILL)
			s.await(last.pid, grace)
		}
		// Whatever is left of its group, such as a helper that ignores SIGTERM.
		_ = syscall.Kill(-last.pid, syscall.SIGKILL)
		s.forget(last.pid)
	}
	for deadline := time.Now().Add(grace); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		strays := childrenOf(os.Getpid())
		if len(strays) == 0 {
			break
		}
		for _, pid := range strays {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		s.reap()
	}
	for i := len(s.atEnd) - 1; i >= 0; i-- {
		s.undo(s.atEnd[i])
	}
	s.emit(Event{Event: "ended"})
}

// undo runs one command within the grace; its failure is told in the log and keeps no other from running.
func (s *supervisor) undo(command []string) {
	if len(command) == 0 {
		return
	}
	limit, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if output, err := exec.CommandContext(limit, command[0], command[1:]...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "supervise: at the end: %q: %v: %s\n", command, err, output)
	}
}

// await reaps until pid has ended or the time is over; it reports which.
func (s *supervisor) await(pid int, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		s.reap()
		if !s.runs(pid) {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// reap collects every process that has ended, whether started here or re-parented to here.
func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		for _, child := range s.children {
			if child.pid == pid {
				event := Event{Event: "exited", Name: child.name, Pid: pid, Code: status.ExitStatus()}
				if status.Signaled() {
					event.Code, event.Signal = 0, status.Signal().String()
				}
				s.forget(pid)
				s.emit(event)
				break
			}
		}
	}
}

func (s *supervisor) find(name string) *child {
	for i := range s.children {
		if s.children[i].name == name {
			return &s.children[i]
		}
	}
	return nil
}

func (s *supervisor) runs(pid int) bool {
	for _, child := range s.children {
		if child.pid == pid {
			return true
		}
	}
	return false
}

func (s *supervisor) forget(pid int) {
	kept := make([]child, 0, len(s.children))
	for _, child := range s.children {
		if child.pid != pid {
			kept = append(kept, child)
		}
	}
	s.children = kept
}

func (s *supervisor) refuse(name, reason string) {
	s.emit(Event{Event: "refused", Name: name, Reason: reason})
}

// emit ignores write errors: an owner that no longer listens is dealt with by the end of its input.
func (s *supervisor) emit(event Event) { _ = s.events.Encode(event) }

// startTime reads field 22 of /proc/PID/stat. Field 2, the program's name, may hold spaces and
// parentheses, so fields are counted from its last closing one.
func startTime(pid int) uint64 {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
	if len(fields) < 20 {
		return 0
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0
	}
	return ticks
}

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	for _, entry := range entries {
		candidate, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			found = append(found, candidate)
		}
	}
	return found
}
