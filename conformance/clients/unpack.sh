# Function of the build scripts, which source this file: unpacks packages of Debian 13, whose line on standard input is
# the SHA-256 and the path in the pool, from the mirror that apt uses. They are not installed: the Debian of this machine
# may be older, or have them in another release.
unpack() {
  folder=$1
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)
  mkdir -p "$folder"
  while read -r sum path; do
    deb=$folder/$(basename "$path")
    /usr/lib/apt/apt-helper -q download-file "$mirror$path" "$deb" "SHA256:$sum"
    dpkg-deb --extract "$deb" "$folder"
  done
}
