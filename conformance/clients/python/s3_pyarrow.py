"""pyarrow: the AWS SDK for C++ below it."""

import os
from urllib.parse import urlsplit

import pyarrow
from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

import measure

files = S3FileSystem(
    endpoint_override=urlsplit(os.environ["TARGET_URL"]).netloc,
    scheme="http",
    region=os.environ["AWS_REGION"],
    retry_strategy=AwsStandardS3RetryStrategy(max_attempts=1),
)


def get():
    with files.open_input_stream("bucket/key") as stream:
        stream.read()


measure.run("pyarrow", pyarrow.__version__, get)
