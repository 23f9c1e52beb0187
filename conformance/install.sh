#!/usr/bin/env bash
# What the tests of this folder need besides Node: moto's STS server and boto3 (PyPI, in .venv), AWS CLI v2 and
# faketime (Debian).
set -euo pipefail
cd "$(dirname "$0")/.."

if ! /usr/bin/aws --version 2>/dev/null | grep -q '^aws-cli/2'; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends awscli >/dev/null
fi

if ! command -v faketime >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends faketime >/dev/null
fi

if ! python3 -m venv .venv 2>/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  python3 -m venv .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check -r conformance/requirements.txt
