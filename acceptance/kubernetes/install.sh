#!/usr/bin/env bash
# What the tests of this folder need besides Node: kube-apiserver, etcd, kubectl and the OpenAPI schemas of the three newest
# minors of Kubernetes, and Istio's injector with its chart (Go modules); helm; the schemas of Kyverno's and of Prometheus'
# operator's resources (their own); busybox and iproute2 (Debian); and podman.
set -euo pipefail
cd "$(dirname "$0")"
. ../../scripts/install.sh

need_go

if ! command -v busybox >/dev/null || ! command -v ip >/dev/null; then
  debian busybox iproute2
fi

bash ../image/install.sh
bash ../helm/install.sh

# The folder of a Go module's source.
module() {
  (cd / && retried go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
}

mkdir -p build/openapi build/others
for version in v1.37.2 v1.36.3 v1.35.4; do
  minor="${version#v}"
  minor="${minor%.*}"
  source="$(module "k8s.io/kubernetes@$version")"
  ln -sfn "$source/api/openapi-spec/v3" "build/openapi/$minor"
done
# Workloads of other projects, for the kustomize component; of the Kubernetes that is fetched last, like all of them.
ln -sfn "$source/cluster/addons/volumesnapshots/volume-snapshot-controller/volume-snapshot-controller-deployment.yaml" \
  build/others/volume-snapshot-controller.yaml
ln -sfn "$source/cluster/addons/calico-policy-controller/typha-deployment.yaml" build/others/calico-typha.yaml

operator="$(module github.com/prometheus-operator/prometheus-operator@v0.85.0)"
for resource in podmonitors prometheusrules servicemonitors; do
  schema="$operator/example/prometheus-operator-crd/monitoring.coreos.com_$resource.yaml"
  ln -sfn "$schema" "build/prometheus-$resource.yaml"
done

ln -sfn "$operator/example/rbac/prometheus-operator/prometheus-operator-deployment.yaml" build/others/prometheus-operator.yaml

kyverno="$(module github.com/kyverno/kyverno@v1.19.1)"
ln -sfn "$kyverno/config/install-latest-testing.yaml" build/others/kyverno.yaml
ln -sfn "$kyverno/config/crds/policies.kyverno.io/policies.kyverno.io_mutatingpolicies.yaml" build/kyverno-mutatingpolicies.yaml

export CGO_ENABLED=0
# It says which Kubernetes it is, as the projects' own builds do: helm asks.
stamp="k8s.io/component-base/version"
version="-X $stamp.gitVersion=v1.37.2 -X $stamp.gitMajor=1 -X $stamp.gitMinor=37"
retried go build -C tools -trimpath -ldflags="-s -w $version" -o ../build/ \
  k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl
retried go build -C tools -trimpath -ldflags='-s -w' -o ../build/etcd go.etcd.io/etcd/server/v3
retried go build -C istio -trimpath -ldflags='-s -w' -o ../build/istio-injector
ln -sfn "$(go list -C istio -m -f '{{.Dir}}' istio.io/istio)/manifests/charts/istio-control/istio-discovery" build/istiod
