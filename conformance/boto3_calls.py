"""Makes N signed calls as an application would, and prints who it is after the last."""

import sys

import boto3

sts = boto3.client("sts", region_name="eu-west-1", endpoint_url=sys.argv[1])
for _ in range(int(sys.argv[2])):
    identity = sts.get_caller_identity()
print(identity["Arn"])
