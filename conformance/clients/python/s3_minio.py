"""minio-py, by its IAM provider: what it has of a default chain."""

import os
from urllib.parse import urlsplit

import minio
import urllib3
from minio.credentials import IamAwsProvider

import measure

# It does not read this variable, and appends paths that begin with a slash.
imds = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").rstrip("/")
client = minio.Minio(
    endpoint=urlsplit(os.environ["TARGET_URL"]).netloc,
    region=os.environ["AWS_REGION"],
    secure=False,
    credentials=IamAwsProvider(custom_endpoint=imds or None),
    http_client=urllib3.PoolManager(maxsize=measure.CONCURRENCY, retries=False),
)


def get():
    with client.get_object(bucket_name="bucket", object_name="key") as response:
        response.read()


measure.run("minio-py", minio.__version__, get)
