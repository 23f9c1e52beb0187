#!/usr/bin/env bash
# What the tests and clients of this folder need besides Node, and besides the compilers that `conformance/run` asks for
# by name (Go, Rust, a JDK): moto's STS server and boto3 (PyPI, in .venv), AWS CLI v2, restic, s3cmd, s3fs, Ruby, PHP, Maven and faketime (Debian), and the
# shells whose completions are tested.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

packages=()
/usr/bin/aws --version 2>/dev/null | grep -q '^aws-cli/2' || packages+=(awscli)
command -v faketime >/dev/null || packages+=(faketime)
command -v ruby >/dev/null || packages+=(ruby)
command -v mvn >/dev/null || packages+=(maven)
command -v s3fs >/dev/null || packages+=(s3fs)
command -v restic >/dev/null || packages+=(restic)
command -v s3cmd >/dev/null || packages+=(s3cmd)
command -v ip >/dev/null || packages+=(iproute2)
command -v php >/dev/null || packages+=(php-cli)
php -m 2>/dev/null | grep -qx curl || packages+=(php-curl)
php -m 2>/dev/null | grep -qx xml || packages+=(php-xml)
command -v zsh >/dev/null || packages+=(zsh)
command -v fish >/dev/null || packages+=(fish)
debian "${packages[@]}"

python_packages conformance/requirements.txt .venv
