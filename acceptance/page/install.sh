#!/usr/bin/env bash
# What the tests of this folder need besides Node: Chromium (Debian). playwright-core and axe-core come with npm ci.
set -euo pipefail
. "$(dirname "$0")/../../scripts/install.sh"

if ! command -v /usr/bin/chromium >/dev/null; then
  debian chromium
fi
/usr/bin/chromium --version
