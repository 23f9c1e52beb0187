#!/usr/bin/env bash
# What the tests of this folder need besides Node: Chromium (Debian). playwright-core and axe-core come with npm ci.
set -euo pipefail

if ! command -v /usr/bin/chromium >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
/usr/bin/chromium --version
