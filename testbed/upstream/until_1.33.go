//go:build kubernetes1.31 || kubernetes1.32 || kubernetes1.33

package main

import (
	"github.com/spf13/cobra"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmutil "k8s.io/kubernetes/cmd/kubeadm/app/util"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// newKubeletCommand calls what 1.33 and older have.
func newKubeletCommand() *cobra.Command {
	return kubelet.NewKubeletCommand()
}

// runKubeadm ends the process with kubeadm's own exit code where it fails.
func runKubeadm() int {
	kubeadmutil.CheckErr(kubeadm.Run())
	return 0
}
