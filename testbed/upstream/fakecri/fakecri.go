// Package fakecri serves the container runtime interface from upstream's in-memory fake: enough for a
// real kubelet to register, stay Ready and ask for its certificates on a machine without a runtime.
// Nothing is ever run.
package fakecri

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cri-client/pkg/fake"
)

// Main listens on the endpoint in args, such as unix:///run/x/cri.sock, until SIGTERM or SIGINT.
func Main(args []string) int {
	if len(args) != 1 {
		fmt.Fprintf(os.Stderr, "fake-cri: got %d arguments; want one: the endpoint, such as unix:///tmp/cri.sock\n", len(args))
		return 2
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	runtime := fake.NewFakeRemoteRuntime()
	if err := runtime.Start(args[0]); err != nil {
		fmt.Fprintf(os.Stderr, "fake-cri: %v\n", err)
		return 1
	}
	<-stop
	runtime.Stop()
	return 0
}
