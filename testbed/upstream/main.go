// Command kubernetes is one static program that is every Kubernetes part a disposable control plane
// needs. It becomes the part it is called as: link it as kube-apiserver and it is the API server. Called
// by any other name it takes the part from its first argument.
//
// The parts are upstream's own code, pinned by go.mod; nothing is patched. fake-cri and oracle are small
// programs of this module: a container runtime that only pretends, and Kubernetes' own judgement of
// certificate signing requests on standard input.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"dev.countersign/kubernetes/fakecri"
	"dev.countersign/kubernetes/oracle"
)

// parts maps each name this program answers to onto what it then does. A part returns its exit code, or
// ends the process itself where upstream does.
var parts = map[string]func() int{
	"etcd": func() int {
		etcdmain.Main(os.Args)
		return 0
	},
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kubelet":                 func() int { return cli.Run(newKubeletCommand()) },
	"kubectl":                 runKubectl,
	"kubeadm":                 runKubeadm,
	"fake-cri":                func() int { return fakecri.Main(os.Args[1:]) },
	"oracle":                  func() int { return oracle.Main(os.Stdin, os.Stdout, os.Stderr) },
}

// runKubectl lets kubectl word its errors.
func runKubectl() int {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	return 0
}

// resolve finds the part asked for: by the name called, else by the first argument, which is then taken
// off so that the part sees the arguments it would see as a program of its own.
func resolve(args []string) (name string, rest []string, ok bool) {
	name = filepath.Base(args[0])
	if _, known := parts[name]; known {
		return name, args, true
	}
	if len(args) > 1 {
		if _, known := parts[args[1]]; known {
			return args[1], args[1:], true
		}
	}
	return name, args, false
}

func names() []string {
	all := make([]string, 0, len(parts))
	for name := range parts {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func main() {
	name, args, ok := resolve(os.Args)
	if !ok {
		fmt.Fprintf(os.Stderr, "%s: got no part to be; want one of: %s; link this program under that name"+
			" or give it as the first argument\n", name, strings.Join(names(), ", "))
		os.Exit(2)
	}
	os.Args = args
	os.Exit(parts[name]())
}
