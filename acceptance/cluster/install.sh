#!/usr/bin/env bash
# What the tests of this folder need besides Node: the programs of a Kubernetes node and its control plane (Go modules), runc
# and the CNI plugins (Debian), Prometheus, pip for the applications' image, and the images of acceptance/image.
set -euo pipefail
cd "$(dirname "$0")"
. ../../scripts/install.sh

bash ../kubernetes/install.sh
bash ../helm/install.sh
bash ../monitoring/install.sh

missing=()
command -v runc >/dev/null || missing+=(runc)
command -v iptables >/dev/null || missing+=(iptables)
command -v ip >/dev/null || missing+=(iproute2)
command -v curl >/dev/null || missing+=(curl)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
debian "${missing[@]}"

export CGO_ENABLED=0
retried go build -C ../kubernetes/tools -trimpath -ldflags='-s -w' -o ../build/ \
  k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes/cmd/kubelet
mkdir -p build
retried go build -C tools -trimpath -ldflags='-s -w' -o ../build/ github.com/containerd/containerd/v2/cmd/containerd \
  github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2 github.com/containerd/containerd/v2/cmd/ctr
retried go build -C pause -trimpath -ldflags='-s -w' -o ../build/pause
