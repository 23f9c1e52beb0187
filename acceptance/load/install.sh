#!/usr/bin/env bash
# What the tests of this folder need besides Node: iproute2, util-linux, procps and openssl (Debian), and root on a kernel
# with memory cgroups.
set -euo pipefail
. "$(dirname "$0")/../../scripts/install.sh"

missing=()
for program in ip:iproute2 unshare:util-linux sysctl:procps openssl:openssl; do
  command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
done
debian "${missing[@]}"
ip -Version
