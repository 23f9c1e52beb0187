#!/usr/bin/env bash
# What the test of this folder needs besides Node: boto3, moto and the AWS CLI, as conformance has them; kubectl and an API
# server, as acceptance/kubernetes has them.
set -euo pipefail
cd "$(dirname "$0")"

bash ../../conformance/install.sh
bash ../kubernetes/install.sh
