#!/usr/bin/env bash
# What the tests of this folder need besides Node: buildah, podman with runc, debootstrap and openssl (Debian). The images
# themselves are made by the first test that asks for them, in acceptance/.cache.
set -euo pipefail

missing=()
for program in buildah podman runc catatonit debootstrap iptables openssl; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [ "${#missing[@]}" -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
podman --version
