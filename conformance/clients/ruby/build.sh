#!/bin/sh
# The SDK as Debian 13 has it, from the mirror that apt uses, unpacked but not installed: the one of Debian 12 knows no
# AWS_CONTAINER_CREDENTIALS_FULL_URI, and asks IMDS at port 80 whatever AWS_EC2_METADATA_SERVICE_ENDPOINT says.
set -eu
cd "$(dirname "$0")/../.."
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)
mkdir -p build/ruby
while read -r sum name version; do
  deb=build/ruby/$name.deb
  /usr/lib/apt/apt-helper -q download-file "${mirror}pool/main/r/$name/${name}_${version}_all.deb" "$deb" "SHA256:$sum"
  dpkg-deb --extract "$deb" build/ruby
done <<packages
89be18cad5fe82b4056174e8ac0e1c9e458c0a5feb393a7cf2695f970d2a3497 ruby-aws-sdk-core 3.212.0-1
07829f516ccad8da4d612a95e9ce7ec464fb73a9bb77add9e5d71eb01a51f188 ruby-aws-partitions 1.1005.0-1
de39de565fbbf1a155c908a6196c761c3fdb3a72c244eb90d8d1810fc3d3efb3 ruby-aws-sigv4 1.10.1-1
0cfb417812d434997a5aa58faee017b277d70a408532c975e9fc6f7249a374c7 ruby-aws-eventstream 1.3.0-1
f33158172e087f310a00958c9372817b821eb8fffdee660598ed7d8d24aab653 ruby-jmespath 1.6.1-1
packages
