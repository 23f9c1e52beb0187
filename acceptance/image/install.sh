#!/usr/bin/env bash
# What the tests of this folder need besides Node: buildah, podman with runc, debootstrap and openssl (Debian). The images
# themselves are made by the first test that asks for them, in acceptance/.cache.
set -euo pipefail
. "$(dirname "$0")/../../scripts/install.sh"

missing=()
for program in buildah podman runc catatonit debootstrap iptables openssl; do
  command -v "$program" >/dev/null || missing+=("$program")
done
debian "${missing[@]}"
podman --version
