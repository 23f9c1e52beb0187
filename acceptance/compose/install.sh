#!/usr/bin/env bash
# What the tests of this folder need besides Node: Docker Compose's own loader (Go module, built here); moto and the
# AWS CLI, as conformance has them.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v go >/dev/null; then
  echo "go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl, or Debian's golang-go)" >&2
  exit 1
fi
(cd tools && go build -trimpath -o ../build/compose-load .)

bash ../../conformance/install.sh
