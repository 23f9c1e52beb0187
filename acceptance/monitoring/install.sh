#!/usr/bin/env bash
# What the tests of this folder need besides Node: prometheus and promtool (Debian). Its service is not needed, and not
# started where there is a service manager.
set -euo pipefail
. "$(dirname "$0")/../../scripts/install.sh"

if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then
  debian prometheus
  if [ -d /run/systemd/system ]; then systemctl disable --now prometheus prometheus-node-exporter 2>/dev/null || true; fi
fi
promtool --version 2>&1 | head -n 1
