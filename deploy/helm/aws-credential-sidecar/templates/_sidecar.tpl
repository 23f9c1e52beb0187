{{/*
The values of one pod. Takes the chart's own context; or a map of context and pod, a name under `pods`, whose values come before
those of the whole chart.
*/}}
{{- define "aws-credential-sidecar.values" -}}
{{- $values := index (.context | default .).Values "aws-credential-sidecar" -}}
{{- $own := dict -}}
{{- with .pod }}
{{- if not (hasKey $values.pods .) }}{{ fail (printf "aws-credential-sidecar.pods has no %s" .) }}{{ end }}
{{- $own = get $values.pods . }}
{{- end }}
{{- mergeOverwrite (omit (deepCopy $values) "pods" "global") $own | toYaml }}
{{- end -}}

{{/* The sidecar itself: the first of the pod's initContainers. Takes what "aws-credential-sidecar.values" takes. Kubernetes 1.29 or newer. */}}
{{- define "aws-credential-sidecar.container" -}}
{{- $sidecar := include "aws-credential-sidecar.values" . | fromYaml -}}
- name: aws-credential-sidecar
  image: {{ include "aws-credential-sidecar.image" $sidecar.image }}
  restartPolicy: Always
  env:
    - name: SIDECAR_AUTH_TOKEN_FILE
      value: /var/run/secrets/aws-credential-sidecar/token
    {{- /* Before the others, which may refer to them: $(POD_NAME). */}}
    {{- range $name, $path := $sidecar.fields }}
    - name: {{ $name }}
      valueFrom: { fieldRef: { fieldPath: {{ $path | quote }} } }
    {{- end }}
    {{- if eq $sidecar.state "memory" }}
    {{- if or (hasKey $sidecar.env "SIDECAR_STATE_FILE") (hasKey $sidecar.fields "SIDECAR_STATE_FILE") }}
    {{- fail "aws-credential-sidecar: state: memory sets SIDECAR_STATE_FILE. Leave out one of the two." }}
    {{- end }}
    - name: SIDECAR_STATE_FILE
      value: /var/run/aws-credential-sidecar/private/state.json
    {{- end }}
    {{- range $name, $value := $sidecar.env }}
    - name: {{ $name }}
      value: {{ $value | quote }}
    {{- end }}
  ports:
    - name: sidecar-admin
      containerPort: 9912
  startupProbe:
    httpGet: { path: /readyz, port: 9912 }
    periodSeconds: 1
    failureThreshold: 3600
  livenessProbe:
    httpGet: { path: /livez, port: 9912 }
    periodSeconds: 10
    timeoutSeconds: 5
  terminationMessagePolicy: FallbackToLogsOnError
  resources:
    {{- toYaml $sidecar.resources | nindent 4 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: { drop: [ALL] }
    seccompProfile: { type: RuntimeDefault }
  volumeMounts:
    {{- include "aws-credential-sidecar.volumeMount" . | nindent 4 }}
    {{- /* Into the sidecar alone: it holds the credentials. */}}
    {{- if eq $sidecar.state "memory" }}
    - name: aws-credential-sidecar-state
      mountPath: /var/run/aws-credential-sidecar
    {{- end }}
{{- end -}}

{{/* By digest, where one is given. Takes the image. */}}
{{- define "aws-credential-sidecar.image" -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}

{{/* For the env of each container that reads credentials. */}}
{{- define "aws-credential-sidecar.environment" -}}
- name: AWS_CONTAINER_CREDENTIALS_FULL_URI
  value: http://127.0.0.1:9911/v1/credentials
- name: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  value: /var/run/secrets/aws-credential-sidecar/token
{{- end -}}

{{/* For the volumeMounts of the same containers. */}}
{{- define "aws-credential-sidecar.volumeMount" -}}
- name: aws-credential-sidecar-token
  mountPath: /var/run/secrets/aws-credential-sidecar
  readOnly: true
{{- end -}}

{{/* For the pod's volumes. Takes what "aws-credential-sidecar.values" takes. */}}
{{- define "aws-credential-sidecar.volume" -}}
{{- $sidecar := include "aws-credential-sidecar.values" . | fromYaml -}}
- name: aws-credential-sidecar-token
  projected:
    sources:
      - serviceAccountToken:
          audience: aws-credential-sidecar
          path: token
{{- if eq $sidecar.state "memory" }}
- name: aws-credential-sidecar-state
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
{{- end }}
{{- end -}}

{{/* For NOTES.txt. Takes a map of context (the chart's) and target, as `kubectl` names it. */}}
{{- define "aws-credential-sidecar.notes" -}}
{{- $namespace := .context.Release.Namespace -}}
{{ .target }} runs with aws-credential-sidecar. Its cached credentials and the clients that read them:

  kubectl --namespace {{ $namespace }} port-forward {{ .target }} 9912 # then http://localhost:9912/

If it has no credentials, the reason:

  kubectl --namespace {{ $namespace }} logs {{ .target }} --container aws-credential-sidecar
{{- end -}}
