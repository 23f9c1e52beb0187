"""opendal, and reqsign below it."""

import os

import opendal

import measure

bucket = opendal.Operator("s3", bucket="bucket", endpoint=os.environ["TARGET_URL"], region=os.environ["AWS_REGION"])
measure.run("opendal", opendal.__version__, lambda: bucket.read("key"))
