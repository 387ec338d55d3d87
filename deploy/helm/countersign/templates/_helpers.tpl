{{- define "countersign.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "countersign.labels" -}}
app.kubernetes.io/name: countersign-approver
{{- end -}}

{{/* A binding of a role to the approver: kind, name, namespace (of a Role) */}}
{{- define "countersign.binding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
- kind: ServiceAccount
  name: countersign-approver
  namespace: {{ .release }}
{{- end -}}

{{/* Whether the policy asks for a SubjectAccessReview: as the approver reads it */}}
{{- define "countersign.accessReview" -}}
{{- if hasKey .Values.policy "subjectAccessReview" -}}
{{- if ne (dig "mode" "Required" .Values.policy.subjectAccessReview) "Off" }}true{{ end -}}
{{- end -}}
{{- end -}}
