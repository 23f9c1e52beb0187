#!/usr/bin/env bash
# What the tests of this folder need besides Node: openssl and jq (Debian), actionlint, cosign and a registry (Go modules,
# built here), zizmor (PyPI), helm, and podman.
set -euo pipefail
cd "$(dirname "$0")"
. ../../scripts/install.sh

need_go
(cd tools && retried go build -trimpath -o ../build/actionlint github.com/rhysd/actionlint/cmd/actionlint)
CGO_ENABLED=0 retried go build -C registry-tools -trimpath -ldflags='-s -w' -o ../build/ \
  github.com/sigstore/cosign/v3/cmd/cosign github.com/distribution/distribution/v3/cmd/registry
bash ../image/install.sh
bash ../helm/install.sh

if ! command -v openssl >/dev/null || ! command -v jq >/dev/null; then
  debian openssl jq
fi
python_packages requirements.txt .venv
