#!/usr/bin/env bash
# What the tests of this folder need besides Node: prometheus and promtool (Debian). Its service is not needed, and not
# started where there is a service manager.
set -euo pipefail

if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends prometheus >/dev/null
  if [ -d /run/systemd/system ]; then systemctl disable --now prometheus prometheus-node-exporter 2>/dev/null || true; fi
fi
promtool --version 2>&1 | head -n 1
