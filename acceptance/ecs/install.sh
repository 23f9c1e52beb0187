#!/usr/bin/env bash
# What the tests of this folder need besides Node: boto3, moto and the AWS CLI, as conformance has them.
set -euo pipefail
bash "$(dirname "$0")/../../conformance/install.sh"
