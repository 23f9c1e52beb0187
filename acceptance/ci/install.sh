#!/usr/bin/env bash
# What the test of this folder needs besides Node: moto and the AWS CLI, as conformance has them; jq; actionlint.
set -euo pipefail
. "$(dirname "$0")/../../scripts/install.sh"
cd "$(dirname "$0")"

bash ../../conformance/install.sh
bash ../supply-chain/install.sh
if ! command -v jq >/dev/null; then
  debian jq
fi
