# Functions of the install scripts, which source this file.

# A checkout of another user's, as in a CI's container, has no revision that Go may read.
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false"

# Runs a command, and again after each pause (seconds) while it fails: what comes over a network does at times.
retried() {
  local pause
  for pause in ${RETRY_PAUSES-5 20}; do
    "$@" && return
    echo "again in $pause s: $*" >&2
    sleep "$pause"
  done
  "$@"
}

# Installs Debian's packages, and prints which versions they are, for apt pins none.
debian() {
  if (($# == 0)); then return; fi
  export DEBIAN_FRONTEND=noninteractive
  retried apt-get update -qq
  retried apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  dpkg-query --show "$@"
}

# Lays a Debian package into a folder without installing it, so that no service starts; its version is printed.
unpacked() {
  local package="$1" folder="$2" download
  download="$(mktemp -d)"
  retried apt-get update -qq
  (cd "$download" && retried apt-get download -qq "$package" && echo "$package"_*.deb)
  dpkg -x "$download"/"$package"_*.deb "$folder"
  rm -r "$download"
}

# Ends the script where there is no Go.
need_go() {
  if ! command -v go >/dev/null; then
    echo "go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl, or Debian's golang-go)" >&2
    exit 1
  fi
}

# Python packages of a requirements file in the .venv beside it or above it. Does nothing where they are already: somebody may be
# using them.
python_packages() {
  local requirements="$1" venv="$2" stamp
  stamp="$(sha256sum "$requirements" | cut -d ' ' -f 1)"
  if [ "$(cat "$venv/installed" 2>/dev/null)" = "$stamp" ]; then return; fi
  python3 -c 'import ensurepip' 2>/dev/null || debian python3-venv
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
  retried "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  echo "$stamp" >"$venv/installed"
}
