"""daft, and the AWS SDK for Rust below it."""

import os

os.environ["DO_NOT_TRACK"] = "true"
os.environ["DAFT_PROGRESS_BAR"] = "0"
import daft
from daft.functions import download
from daft.io import IOConfig, S3Config

import measure

options = S3Config(
    endpoint_url=os.environ["TARGET_URL"], region_name=os.environ["AWS_REGION"], use_ssl=False, num_tries=1
)
keys = daft.from_pydict({"key": ["s3://bucket/key"]})


def get():
    keys.select(download(keys["key"], io_config=IOConfig(s3=options))).collect()


measure.run("daft", daft.__version__, get)
