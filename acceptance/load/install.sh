#!/usr/bin/env bash
# What the tests of this folder need besides Node: iproute2, util-linux, procps and openssl (Debian), and root on a kernel
# with memory cgroups.
set -euo pipefail

missing=()
for program in ip:iproute2 unshare:util-linux sysctl:procps openssl:openssl; do
  command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
ip -Version
