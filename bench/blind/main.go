// Command blind approves every CertificateSigningRequest whose name begins with a prefix, without looking
// at it: the least that anything written with client-go could do in an approver's place. It reads them,
// writes "ready", and begins when its standard input ends, so that whoever measures it can first wait for
// the API server to settle. Its last line is JSON: the seconds from the first write to the last answer,
// and its own CPU seconds of that time.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type result struct {
	Approved   int     `json:"approved"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig")
	prefix := flag.String("prefix", "", "how the names of the requests begin")
	parallel := flag.Int("parallel", 32, "writes at a time")
	access := flag.Bool("access", false, "ask for a SubjectAccessReview before each")
	flag.Parse()
	begin := func() {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	out, err := run(context.Background(), *kubeconfig, *prefix, *parallel, *access, begin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "blind:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, "blind:", err)
		os.Exit(1)
	}
}

func run(
	ctx context.Context, kubeconfig, prefix string, parallel int, access bool, begin func(),
) (result, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return result{}, err
	}
	config.QPS = -1 // no limit of the client's own
	// What client-go offers for built-in types; its default is JSON, which costs the API server more.
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return result{}, err
	}
	list, err := client.CertificatesV1().CertificateSigningRequests().List(ctx, metav1.ListOptions{})
	if err != nil {
		return result{}, err
	}
	var waiting []*certificatesv1.CertificateSigningRequest
	for i := range list.Items {
		if strings.HasPrefix(list.Items[i].Name, prefix) && len(list.Items[i].Status.Conditions) == 0 {
			waiting = append(waiting, &list.Items[i])
		}
	}

	begin()
	started, before := time.Now(), cpu()
	queue := make(chan *certificatesv1.CertificateSigningRequest, len(waiting))
	for _, csr := range waiting {
		queue <- csr
	}
	close(queue)
	failures := make(chan error, parallel)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for csr := range queue {
				if err := approve(ctx, client, csr, access); err != nil {
					failures <- fmt.Errorf("%s: %w", csr.Name, err)
					return
				}
			}
		})
	}
	workers.Wait()
	took, used := time.Since(started), cpu()-before
	select {
	case err := <-failures:
		return result{}, err
	default:
		return result{len(waiting), took.Seconds(), used.Seconds()}, nil
	}
}

func approve(
	ctx context.Context, client kubernetes.Interface, csr *certificatesv1.CertificateSigningRequest, access bool,
) error {
	if access {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:   csr.Spec.Username,
			Groups: csr.Spec.Groups,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: "create", Group: "certificates.k8s.io", Resource: "certificatesigningrequests",
			},
		}}
		_, err := client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return err
		}
	}
	csr.Status.Conditions = append(csr.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type:    certificatesv1.CertificateApproved,
		Status:  corev1.ConditionTrue,
		Reason:  "Blind",
		Message: "approved without looking",
	})
	_, err := client.CertificatesV1().CertificateSigningRequests().
		UpdateApproval(ctx, csr.Name, csr, metav1.UpdateOptions{})
	return err
}

// cpu is the time that this process has used on all cores, in user mode and in the kernel.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
