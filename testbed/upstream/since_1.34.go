//go:build !(kubernetes1.31 || kubernetes1.32 || kubernetes1.33)

package main

import (
	"context"

	"github.com/spf13/cobra"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmerrors "k8s.io/kubernetes/cmd/kubeadm/app/util/errors"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// newKubeletCommand calls what 1.34 and newer have; until_1.33.go is for older releases.
func newKubeletCommand() *cobra.Command {
	return kubelet.NewKubeletCommand(context.Background())
}

// runKubeadm ends the process with kubeadm's own exit code where it fails.
func runKubeadm() int {
	kubeadmerrors.HandleError(kubeadm.Run())
	return 0
}
