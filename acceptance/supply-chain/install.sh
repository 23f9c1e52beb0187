#!/usr/bin/env bash
# What the tests of this folder need besides Node: openssl (Debian), actionlint (Go module, built here), zizmor (PyPI).
set -euo pipefail
cd "$(dirname "$0")"
. ../../scripts/install.sh

need_go
(cd tools && retried go build -trimpath -o ../build/actionlint github.com/rhysd/actionlint/cmd/actionlint)

if ! command -v openssl >/dev/null; then
  debian openssl
fi
python_packages requirements.txt .venv
