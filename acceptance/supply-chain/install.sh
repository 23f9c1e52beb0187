#!/usr/bin/env bash
# What the tests of this folder need besides Node: openssl (Debian), actionlint (Go module, built here), zizmor (PyPI).
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v go >/dev/null; then
  echo "go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl, or Debian's golang-go)" >&2
  exit 1
fi
(cd tools && go build -trimpath -o ../build/actionlint github.com/rhysd/actionlint/cmd/actionlint)

if ! command -v openssl >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends openssl >/dev/null
fi
if ! python3 -m venv .venv 2>/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  python3 -m venv .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
