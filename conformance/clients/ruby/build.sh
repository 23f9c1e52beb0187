#!/bin/sh
# The SDK as Debian 13 has it: the one of Debian 12 knows no AWS_CONTAINER_CREDENTIALS_FULL_URI, and asks IMDS at port 80
# whatever AWS_EC2_METADATA_SERVICE_ENDPOINT says.
set -eu
cd "$(dirname "$0")"
. ../unpack.sh
unpack ../../build/ruby <<packages
89be18cad5fe82b4056174e8ac0e1c9e458c0a5feb393a7cf2695f970d2a3497 pool/main/r/ruby-aws-sdk-core/ruby-aws-sdk-core_3.212.0-1_all.deb
07829f516ccad8da4d612a95e9ce7ec464fb73a9bb77add9e5d71eb01a51f188 pool/main/r/ruby-aws-partitions/ruby-aws-partitions_1.1005.0-1_all.deb
de39de565fbbf1a155c908a6196c761c3fdb3a72c244eb90d8d1810fc3d3efb3 pool/main/r/ruby-aws-sigv4/ruby-aws-sigv4_1.10.1-1_all.deb
0cfb417812d434997a5aa58faee017b277d70a408532c975e9fc6f7249a374c7 pool/main/r/ruby-aws-eventstream/ruby-aws-eventstream_1.3.0-1_all.deb
f33158172e087f310a00958c9372817b821eb8fffdee660598ed7d8d24aab653 pool/main/r/ruby-jmespath/ruby-jmespath_1.6.1-1_all.deb
packages
