"""polars without boto3, and object_store below it. It keeps one store for all queries with the same options."""

import os

import polars

import measure

options = {
    "aws_endpoint_url": os.environ["TARGET_URL"],
    "aws_region": os.environ["AWS_REGION"],
    "aws_allow_http": "true",
    "max_retries": 0,
}


def get():
    polars.scan_csv("s3://bucket/key", storage_options=options).collect()


measure.run("polars", polars.__version__, get)
