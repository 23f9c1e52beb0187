#!/usr/bin/env bash
# What `npm run bench` needs besides Node: wrk, nginx and binutils (Debian), and Go for the bare server of net/http. nginx is
# laid beside the bench and never installed, so that no service starts. With `--peers`, other programs that serve
# credentials, from the Go module proxy; they need a C compiler.
set -euo pipefail
cd "$(dirname "$0")"
. ../scripts/install.sh
mkdir -p .cache

missing=()
for program in wrk:wrk strip:binutils openssl:openssl; do
  command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
done
debian "${missing[@]}"
if ! [ -x .cache/nginx/usr/sbin/nginx ] && ! command -v nginx >/dev/null; then
  unpacked nginx .cache/nginx
fi
retried go build -C go -o ../.cache/bare-go .

if [ "${1:-}" = --peers ]; then
  GOBIN="$PWD/.cache/bin" retried go install github.com/aws/rolesanywhere-credential-helper@v1.4.0
  GOBIN="$PWD/.cache/bin" retried go install github.com/aws/amazon-ec2-metadata-mock/cmd/ec2-metadata-mock@v1.13.0
  mv .cache/bin/rolesanywhere-credential-helper .cache/
  mv .cache/bin/ec2-metadata-mock .cache/amazon-ec2-metadata-mock
fi
wrk --version | head -1 || true
