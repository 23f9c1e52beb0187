#!/usr/bin/env bash
# What the tests and clients of this folder need besides Node, and besides the compilers that `conformance/run` asks for
# by name (Go, Rust, a JDK): moto's STS server and boto3 (PyPI, in .venv), AWS CLI v2, Ruby, Maven and faketime (Debian), and the
# shells whose completions are tested.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
/usr/bin/aws --version 2>/dev/null | grep -q '^aws-cli/2' || packages+=(awscli)
command -v faketime >/dev/null || packages+=(faketime)
command -v ruby >/dev/null || packages+=(ruby)
command -v mvn >/dev/null || packages+=(maven)
command -v zsh >/dev/null || packages+=(zsh)
command -v fish >/dev/null || packages+=(fish)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if ((${#packages[@]})); then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

[[ -x .venv/bin/pip ]] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r conformance/requirements.txt
