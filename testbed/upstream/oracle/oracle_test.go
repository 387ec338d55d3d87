package oracle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/url"
	"strings"
	"testing"
)

// honest is a request that the kubelet-serving signer signs; each test changes one thing.
func honest() (*x509.CertificateRequest, Question) {
	return &x509.CertificateRequest{
			Subject: pkix.Name{
				CommonName:   "system:node:worker-1",
				Organization: []string{"system:nodes"},
			},
			DNSNames:    []string{"worker-1"},
			IPAddresses: []net.IP{net.IPv4(192, 0, 2, 10)},
		}, Question{
			ID:         "1",
			Usages:     []string{"digital signature", "server auth"},
			Username:   "system:node:worker-1",
			Groups:     []string{"system:nodes", "system:authenticated"},
			SignerName: "kubernetes.io/kubelet-serving",
		}
}

func sign(t *testing.T, template *x509.CertificateRequest) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func TestHonestRequest_isAcceptedByTheServingRulesOnly(t *testing.T) {
	template, question := honest()
	question.Request = sign(t, template)
	answer := Judge(question)
	if !answer.Create.Accepted || !answer.KubeletServing.Accepted || answer.KubeletClient.Accepted {
		t.Errorf("got create %+v, serving %+v, client %+v; want accepted, accepted, refused",
			*answer.Create, *answer.KubeletServing, *answer.KubeletClient)
	}
	if answer.Parsed.CommonName != "system:node:worker-1" || answer.Parsed.IPAddresses[0] != "192.0.2.10" {
		t.Errorf("got %+v; want the request's own subject and address", *answer.Parsed)
	}
}

func TestClientRequest_isAcceptedByTheClientRulesOnly(t *testing.T) {
	template, question := honest()
	template.DNSNames, template.IPAddresses = nil, nil
	question.Usages = []string{"digital signature", "client auth"}
	question.SignerName = "kubernetes.io/kube-apiserver-client-kubelet"
	question.Request = sign(t, template)
	answer := Judge(question)
	if !answer.Create.Accepted || answer.KubeletServing.Accepted || !answer.KubeletClient.Accepted {
		t.Errorf("got create %+v, serving %+v, client %+v; want accepted, refused, accepted",
			*answer.Create, *answer.KubeletServing, *answer.KubeletClient)
	}
}

func TestOneChange_isRefusedByTheRuleItBreaks(t *testing.T) {
	tenSeconds := int32(10)
	for name, test := range map[string]struct {
		change   func(*x509.CertificateRequest, *Question)
		rule     func(Answer) *Verdict
		mentions string
	}{
		"organization": {
			func(r *x509.CertificateRequest, _ *Question) { r.Subject.Organization = []string{"system:masters"} },
			func(a Answer) *Verdict { return a.KubeletServing }, "organization",
		},
		"uri": {
			func(r *x509.CertificateRequest, _ *Question) {
				r.URIs = []*url.URL{{Scheme: "spiffe", Host: "cluster.example"}}
			},
			func(a Answer) *Verdict { return a.KubeletServing }, "URI",
		},
		"usages": {
			func(_ *x509.CertificateRequest, q *Question) { q.Usages = append(q.Usages, "client auth") },
			func(a Answer) *Verdict { return a.KubeletServing }, "usages",
		},
		"unknown usage": {
			func(_ *x509.CertificateRequest, q *Question) { q.Usages = []string{"be root"} },
			func(a Answer) *Verdict { return a.Create }, "spec.usages[0]",
		},
		"expiration": {
			func(_ *x509.CertificateRequest, q *Question) { q.ExpirationSeconds = &tenSeconds },
			func(a Answer) *Verdict { return a.Create }, "600 seconds",
		},
		"signer": {
			func(_ *x509.CertificateRequest, q *Question) { q.SignerName = "no-domain" },
			func(a Answer) *Verdict { return a.Create }, "spec.signerName",
		},
	} {
		t.Run(name, func(t *testing.T) {
			template, question := honest()
			test.change(template, &question)
			question.Request = sign(t, template)
			verdict := test.rule(Judge(question))
			if verdict.Accepted || !strings.Contains(verdict.Reason, test.mentions) {
				t.Errorf("got %+v; want a refusal that mentions %q", *verdict, test.mentions)
			}
		})
	}
}

func TestRequestThatIsNotPem_isRefusedByEveryRule(t *testing.T) {
	_, question := honest()
	question.Request = []byte("not PEM")
	answer := Judge(question)
	if answer.Create.Accepted || answer.KubeletServing.Accepted || answer.KubeletClient.Accepted || answer.Parsed != nil {
		t.Errorf("got %+v; want every rule to refuse", answer)
	}
}
