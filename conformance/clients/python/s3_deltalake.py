"""deltalake, and object_store below it."""

import os

import deltalake
from deltalake.fs import DeltaStorageHandler

import measure

options = {
    "AWS_ENDPOINT_URL": os.environ["TARGET_URL"],
    "AWS_REGION": os.environ["AWS_REGION"],
    "AWS_ALLOW_HTTP": "true",
    "max_retries": "0",
}
bucket = DeltaStorageHandler("s3://bucket", options)


def get():
    bucket.open_input_file("key").read()


measure.run("deltalake", deltalake.__version__, get)
