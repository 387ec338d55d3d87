// Package oracle lets tests ask Kubernetes itself about certificate signing requests. It applies, to one
// request a line, the API server's validation of a new CertificateSigningRequest and the rules by which
// kube-controller-manager's signers sign or fail an approved one. An approver that approves what the
// signer would then fail is wrong, so this is the second opinion that ours is compared with.
//
// Sources: k8s.io/kubernetes/pkg/apis/certificates/helpers.go (the signers' rules) and
// k8s.io/kubernetes/pkg/apis/certificates/validation/validation.go (the API's).
package oracle

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// maxLine bounds one question. An API server takes objects of 3 MiB at most.
const maxLine = 4 << 20

// Question is one line of input: the parts of a CertificateSigningRequest's spec that bear on a verdict.
// Request is the PEM, base64 again, exactly as spec.request is in JSON.
type Question struct {
	ID                string   `json:"id"`
	Request           []byte   `json:"request"`
	Usages            []string `json:"usages"`
	Username          string   `json:"username"`
	Groups            []string `json:"groups"`
	ExpirationSeconds *int32   `json:"expirationSeconds"`
	SignerName        string   `json:"signerName"`
}

// Verdict says whether one rule accepts, and in its own words why not.
type Verdict struct {
	Accepted bool   `json:"accepted"`
	Reason   string `json:"reason,omitempty"`
}

// Parsed is what Go reads in the request, and so what the signer would put in a certificate.
type Parsed struct {
	CommonName     string   `json:"commonName"`
	Organizations  []string `json:"organizations"`
	DNSNames       []string `json:"dnsNames"`
	IPAddresses    []string `json:"ipAddresses"`
	EmailAddresses []string `json:"emailAddresses"`
	URIs           []string `json:"uris"`
	KeyAlgorithm   string   `json:"keyAlgorithm"`
}

// Answer is one line of output. Error is set, and nothing else but ID, when the line was not a question.
type Answer struct {
	ID             string   `json:"id"`
	Error          string   `json:"error,omitempty"`
	Create         *Verdict `json:"create,omitempty"`
	KubeletServing *Verdict `json:"kubeletServing,omitempty"`
	KubeletClient  *Verdict `json:"kubeletClient,omitempty"`
	Parsed         *Parsed  `json:"parsed,omitempty"`
}

// Main answers questions until the input ends. A line that is not a question is answered with an error
// and does not end the conversation; it returns 1 only when input or output break.
func Main(in io.Reader, out, diagnostics io.Writer) int {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var question Question
		answer := Answer{}
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			answer.Error = err.Error()
		} else {
			answer = Judge(question)
		}
		if err := encoder.Encode(answer); err != nil {
			fmt.Fprintln(diagnostics, "oracle: standard output:", err)
			return 1
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(diagnostics, "oracle: standard input:", err)
		return 1
	}
	return 0
}

// Judge applies every rule to one question.
func Judge(question Question) Answer {
	answer := Answer{ID: question.ID, Create: create(question)}
	request, err := certificates.ParseCSR(question.Request)
	if err != nil {
		answer.KubeletServing = refuse(err)
		answer.KubeletClient = refuse(err)
		return answer
	}
	usages := sets.NewString(question.Usages...)
	answer.KubeletServing = refuse(certificates.ValidateKubeletServingCSR(request, usages))
	answer.KubeletClient = refuse(certificates.ValidateKubeletClientCSR(request, usages))
	answer.Parsed = parsed(request)
	return answer
}

func create(question Question) *Verdict {
	object := &certificates.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "question"},
		Spec: certificates.CertificateSigningRequestSpec{
			Request:           question.Request,
			SignerName:        question.SignerName,
			ExpirationSeconds: question.ExpirationSeconds,
			Username:          question.Username,
			Groups:            question.Groups,
		},
	}
	for _, usage := range question.Usages {
		object.Spec.Usages = append(object.Spec.Usages, certificates.KeyUsage(usage))
	}
	if errs := validation.ValidateCertificateSigningRequestCreate(object); len(errs) > 0 {
		return refuse(errs.ToAggregate())
	}
	return refuse(nil)
}

func refuse(err error) *Verdict {
	if err == nil {
		return &Verdict{Accepted: true}
	}
	return &Verdict{Reason: err.Error()}
}

func parsed(request *x509.CertificateRequest) *Parsed {
	result := &Parsed{
		CommonName:     request.Subject.CommonName,
		Organizations:  orEmpty(request.Subject.Organization),
		DNSNames:       orEmpty(request.DNSNames),
		IPAddresses:    []string{},
		EmailAddresses: orEmpty(request.EmailAddresses),
		URIs:           []string{},
		KeyAlgorithm:   request.PublicKeyAlgorithm.String(),
	}
	for _, address := range request.IPAddresses {
		result.IPAddresses = append(result.IPAddresses, address.String())
	}
	for _, uri := range request.URIs {
		result.URIs = append(result.URIs, uri.String())
	}
	return result
}

func orEmpty(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
