#!/usr/bin/env bash
# What the tests of this folder need besides Node: Docker Compose's own loader (Go module, built here); moto and the
# AWS CLI, as conformance has them.
set -euo pipefail
cd "$(dirname "$0")"
. ../../scripts/install.sh

need_go
(cd tools && retried go build -trimpath -o ../build/compose-load .)

bash ../../conformance/install.sh
