package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets this test's own binary stand in for the program: linked under a part's name it is that
// part, so the dispatch is tested through a real process without linking a second 150 MB binary.
func TestMain(m *testing.M) {
	if _, _, ok := resolve(os.Args); ok || os.Getenv("AS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func program(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestEveryPart_askedForItsVersion_answersAsItself(t *testing.T) {
	for name, question := range map[string]struct{ args, want string }{
		"etcd":                    {"--version", "etcd Version: 3."},
		"kube-apiserver":          {"--version", "Kubernetes v"},
		"kube-controller-manager": {"--help", "kube-controller-manager [flags]"},
		"kube-scheduler":          {"--help", "kube-scheduler [flags]"},
		"kubelet":                 {"--help", "kubelet [flags]"},
		"kubectl":                 {"version --client", "Kustomize Version"},
		"kubeadm":                 {"version", "kubeadm version"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, known := parts[name]; !known {
				t.Fatalf("parts has no %q", name)
			}
			output, err := exec.Command(program(t, name), strings.Fields(question.args)...).CombinedOutput()
			if err != nil || !strings.Contains(string(output), question.want) {
				t.Errorf("got %v and %.300q; want exit 0 and %q", err, output, question.want)
			}
		})
	}
}

func TestPart_givenAsFirstArgument_isThatPart(t *testing.T) {
	command := exec.Command(program(t, "kubernetes"), "kube-apiserver", "--version")
	command.Env = append(os.Environ(), "AS_PROGRAM=1")
	output, err := command.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(output), "Kubernetes v") {
		t.Errorf("got %v and %.300q; want exit 0 and Kubernetes v…", err, output)
	}
}

func TestUnknownName_isRefusedWithTheNamesItKnows(t *testing.T) {
	command := exec.Command(program(t, "kube-proxy"))
	command.Env = append(os.Environ(), "AS_PROGRAM=1")
	output, err := command.CombinedOutput()
	if code := command.ProcessState.ExitCode(); code != 2 {
		t.Errorf("got exit %d (%v); want 2", code, err)
	}
	for name := range parts {
		if !strings.Contains(string(output), name) {
			t.Errorf("got %q; want it to name %s", output, name)
		}
	}
}

func TestFakeCRI_listensUntilAskedToStop(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "cri.sock")
	command := exec.Command(program(t, "fake-cri"), "unix://"+socket)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		if time.Now().After(deadline) {
			_ = command.Process.Kill()
			t.Fatal("no socket within 30 s")
		}
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("got %v; want exit 0 on SIGINT", err)
	}
}

func TestOracle_answersOneLineForEachQuestion(t *testing.T) {
	command := exec.Command(program(t, "oracle"))
	command.Stdin = strings.NewReader("{\"id\":\"a\"}\nnonsense\n{\"id\":\"b\"}\n")
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for scanner := bufio.NewScanner(strings.NewReader(string(output))); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	if len(lines) != 3 || !strings.Contains(lines[0], `"id":"a"`) || !strings.Contains(lines[1], `"error"`) ||
		!strings.Contains(lines[2], `"id":"b"`) {
		t.Error(fmt.Sprintf("got %q; want an answer to a, an error, an answer to b", lines))
	}
}
