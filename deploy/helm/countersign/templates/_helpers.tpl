{{- define "countersign.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The name of the objects */}}
{{- define "countersign.fullname" -}}
{{- .Values.fullnameOverride | default .Values.nameOverride | default "countersign-approver" -}}
{{- end -}}

{{- define "countersign.serviceAccount" -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.name: got none with create: false; want the name of a ServiceAccount that exists" -}}
{{- end -}}
{{- .Values.serviceAccount.name | default (include "countersign.fullname" .) -}}
{{- end -}}

{{/* What selects the pods; never to be changed, as a Deployment's selector cannot be */}}
{{- define "countersign.selector" -}}
app.kubernetes.io/name: countersign-approver
{{- end -}}

{{- define "countersign.labels" -}}
{{ toYaml (merge (dict "app.kubernetes.io/name" "countersign-approver") .Values.commonLabels) }}
{{- end -}}

{{/* What a probe asks: the chart's root, path */}}
{{- define "countersign.probe" -}}
{{- $hostNetwork := (index . 0).Values.hostNetwork -}}
httpGet:
  {{- if $hostNetwork }}
  host: 127.0.0.1
  {{- end }}
  path: {{ index . 1 }}
  port: {{ ternary "10268" "health" $hostNetwork }}
{{- end -}}

{{/* labels: of an object that has none but the common ones, or nothing */}}
{{- define "countersign.commonLabels" -}}
{{- with .Values.commonLabels -}}
labels:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* A binding of a role to the approver: the chart's root, kind, name, namespace (of a Role) */}}
{{- define "countersign.binding" -}}
{{- $root := index . 0 -}}
{{- $kind := index . 1 -}}
{{- $name := index . 2 -}}
{{- $namespace := index . 3 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ $name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  {{- with include "countersign.commonLabels" $root }}{{ . | nindent 2 }}{{ end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ $name }}
subjects:
- kind: ServiceAccount
  name: {{ include "countersign.serviceAccount" $root }}
  namespace: {{ $root.Release.Namespace }}
{{- end -}}

{{/* Whether the approver decides on client certificates, too: "true" or nothing */}}
{{- define "countersign.strictJoin" -}}
{{- if or .Values.strictJoin (eq (dig "client" "Ignore" .Values.policy) "Strict") }}true{{ end -}}
{{- end -}}

{{/* The name of a file that the policy names: field, path */}}
{{- define "countersign.file" -}}
{{- $field := index . 0 -}}
{{- $path := index . 1 -}}
{{- $name := trimPrefix "/etc/countersign/" $path -}}
{{- if or (eq $name $path) (not (regexMatch "^[-._a-zA-Z0-9]+(/[-._a-zA-Z0-9]+)*$" $name)) (regexMatch "(^|/)[.][.]?/" $name) -}}
{{- fail (printf "%s: got %q, which nothing would be mounted at; want a file below /etc/countersign, named with letters, digits, '-', '_' and '.'" $field $path) -}}
{{- end -}}
{{- if has $name (list "policy.yaml" "join-inventory.yaml" "join-attestation.yaml") -}}
{{- fail (printf "%s: got %q, which the approver has itself; want another name" $field $path) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* The range of one IP address, without brackets; nothing where it is a name */}}
{{- define "countersign.address" -}}
{{- if contains ":" . -}}
{{ . }}/128
{{- else if regexMatch "^[0-9]+([.][0-9]+){3}$" . -}}
{{ . }}/32
{{- end -}}
{{- end -}}

{{/* The way out of the pod to a URL: field, URL. YAML of rule (of a NetworkPolicy) and dns. */}}
{{- define "countersign.way" -}}
{{- $url := urlParse (index . 1) -}}
{{- $host := $url.hostname -}}
{{- if not $host -}}
{{- fail (printf "%s: got %q; want a URL with a host, such as https://assets.example.com/node" (index . 0) (index . 1)) -}}
{{- end -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default "443" | int -}}
{{- $rule := dict "ports" (list (dict "protocol" "TCP" "port" $port)) -}}
{{- $dns := false -}}
{{- $address := include "countersign.address" $host -}}
{{- if $address -}}
{{- $_ := set $rule "to" (list (dict "ipBlock" (dict "cidr" $address))) -}}
{{- else -}}
{{- $dns = true -}}
{{- $labels := splitList "." $host -}}
{{- if ge (len $labels) 3 -}}
{{- if eq (index $labels 2) "svc" -}}
{{- /* Which port the Service's Pods listen on is not known. */ -}}
{{- $rule = dict "to" (list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" (index $labels 1))))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "rule" $rule "dns" $dns) -}}
{{- end -}}

{{/*
What the policy and the issuers of identity documents need: `countersign manifests` derives the same (PolicyNeeds). YAML of
accessReview, dns, kubelets, kubeletPort, webhooks (rules of a NetworkPolicy), configMaps (namespace to names),
machines (namespace, or nothing for all, to API groups), files, secretFiles.
*/}}
{{- define "countersign.needs" -}}
{{- $policy := .Values.policy -}}
{{- $needs := dict "dns" (eq (toString (dig "names" "resolution" "Off" $policy)) "Required") -}}
{{- $needs = merge $needs (dict "webhooks" list "configMaps" dict "machines" dict "files" list "secretFiles" list) -}}
{{- $review := and (hasKey $policy "subjectAccessReview") (eq (toString (dig "subjectAccessReview" "mode" "Required" $policy)) "Required") -}}
{{- $_ := set $needs "accessReview" (or $review (eq (include "countersign.strictJoin" .) "true")) -}}
{{- $_ := set $needs "kubeletPort" (dig "renewal" "kubeletPort" 10250 $policy | int) -}}
{{- $_ := set $needs "kubelets" (or (dig "renewal" "resolveContested" true $policy) (ne (dig "renewal" "onChange" "Ignore" $policy) "Ignore")) -}}
{{- range $i, $source := dig "inventory" "sources" list $policy -}}
{{- $field := printf "policy.inventory.sources[%d]" $i -}}
{{- with $source.file -}}
{{- $_ := set $needs "files" (append $needs.files (include "countersign.file" (list (printf "%s.file.path" $field) .path))) -}}
{{- end -}}
{{- with $source.configMap -}}
{{- $_ := set $needs.configMaps .namespace (append (get $needs.configMaps .namespace | default list) .name) -}}
{{- end -}}
{{- if hasKey $source "machines" -}}
{{- $machines := $source.machines | default dict -}}
{{- if $machines.kubeconfig -}}
{{- $_ := set $needs "dns" true -}}
{{- $_ := set $needs "secretFiles" (append $needs.secretFiles (include "countersign.file" (list (printf "%s.machines.kubeconfig" $field) $machines.kubeconfig))) -}}
{{- else -}}
{{- $namespace := $machines.namespace | default "" -}}
{{- $_ := set $needs.machines $namespace (append (get $needs.machines $namespace | default list) ($machines.group | default "cluster.x-k8s.io")) -}}
{{- end -}}
{{- end -}}
{{- with $source.webhook -}}
{{- $_ := set $needs "files" (append $needs.files (include "countersign.file" (list (printf "%s.webhook.caFile" $field) .caFile))) -}}
{{- if .clientCertificateFile -}}
{{- $certificate := include "countersign.file" (list (printf "%s.webhook.clientCertificateFile" $field) .clientCertificateFile) -}}
{{- $key := include "countersign.file" (list (printf "%s.webhook.clientKeyFile" $field) .clientKeyFile) -}}
{{- $_ := set $needs "secretFiles" (concat $needs.secretFiles (list $certificate $key)) -}}
{{- end -}}
{{- $way := fromYaml (include "countersign.way" (list (printf "%s.webhook.url" $field) .url)) -}}
{{- if $way.dns }}{{ $_ := set $needs "dns" true }}{{ end -}}
{{- $_ := set $needs "webhooks" (append $needs.webhooks $way.rule) -}}
{{- end -}}
{{- end -}}
{{- range $i, $issuer := dig "issuers" list (.Values.attestation | default dict) -}}
{{- $field := printf "attestation.issuers[%d]" $i -}}
{{- with $issuer.jwksURI -}}
{{- $way := fromYaml (include "countersign.way" (list (printf "%s.jwksURI" $field) .)) -}}
{{- if $way.dns }}{{ $_ := set $needs "dns" true }}{{ end -}}
{{- $_ := set $needs "webhooks" (append $needs.webhooks $way.rule) -}}
{{- with $issuer.caFile -}}
{{- $_ := set $needs "files" (append $needs.files (include "countersign.file" (list (printf "%s.caFile" $field) .))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with dig "renewal" "kubeletCertificateAuthority" dict $policy -}}
{{- with .file -}}
{{- $_ := set $needs "files" (append $needs.files (include "countersign.file" (list "policy.renewal.kubeletCertificateAuthority.file.path" .path))) -}}
{{- end -}}
{{- with .configMap -}}
{{- $_ := set $needs.configMaps .namespace (append (get $needs.configMaps .namespace | default list) .name) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $needs "secretFiles" (uniq $needs.secretFiles) -}}
{{- $plain := list -}}
{{- range uniq $needs.files -}}
{{- if not (has . $needs.secretFiles) }}{{ $plain = append $plain . }}{{ end -}}
{{- end -}}
{{- $_ := set $needs "files" $plain -}}
{{- toYaml $needs -}}
{{- end -}}

{{/* The source of the volume at /etc/countersign */}}
{{- define "countersign.volume" -}}
{{- $needs := fromYaml (include "countersign.needs" .) -}}
{{- $join := or .Values.joinInventory .Values.attestation -}}
{{- if or $join $needs.files $needs.secretFiles -}}
projected:
  sources:
  - configMap:
      name: countersign-policy
  {{- if $join }}
  - configMap:
      name: countersign-join
  {{- end }}
  {{- with $needs.files }}
  - configMap:
      name: countersign-files
      items:
      {{- range . }}
      - key: {{ replace "/" "-" . }}
        path: {{ . }}
      {{- end }}
  {{- end }}
  {{- with $needs.secretFiles }}
  - secret:
      name: countersign-files
      items:
      {{- range . }}
      - key: {{ replace "/" "-" . }}
        path: {{ . }}
      {{- end }}
  {{- end }}
{{- else -}}
configMap:
  name: countersign-policy
{{- end -}}
{{- end -}}
