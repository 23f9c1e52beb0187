#!/usr/bin/env bash
# What the tests of this folder need besides Node: helm (Go module, built here as its own Makefile would, which tells it
# the Kubernetes to assume where there is no cluster).
set -euo pipefail
cd "$(dirname "$0")/tools"
. ../../../scripts/install.sh

need_go
assume="-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37"
export CGO_ENABLED=0
retried go build -trimpath -ldflags "-s -w $assume" -o ../build/helm helm.sh/helm/v3/cmd/helm
