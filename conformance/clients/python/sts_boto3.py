"""boto3, and botocore below it."""

import os

import boto3
import botocore
from botocore.config import Config

import measure

sts = boto3.client(
    "sts",
    region_name=os.environ["AWS_REGION"],
    endpoint_url=os.environ["TARGET_URL"],
    config=Config(retries={"total_max_attempts": 1}),
)
measure.run("boto3", botocore.__version__, sts.get_caller_identity)
