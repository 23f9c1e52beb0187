"""
Signs a request with boto3 each PACE_S seconds, and tells the tests its sums now and then and each failure at once. It goes on for
DRAIN_S seconds after SIGTERM, as an application does that finishes its work. With ANEW, boto3 reads credentials anew for every
tenth request; otherwise when it thinks that it must.
"""
import json
import os
import signal
import socket
import time
import urllib.request

import boto3
from botocore.config import Config

AWS = "http://10.99.0.1:8080"
DRAIN_S = float(os.environ.get("DRAIN_S", "3"))
PACE_S = float(os.environ.get("PACE_S", "0.1"))
ANEW = "ANEW" in os.environ
until = None


def stop(*_):
    global until
    until = time.monotonic() + DRAIN_S


def tell(**what):
    body = json.dumps({"pod": socket.gethostname(), **what}).encode()
    try:
        urllib.request.urlopen(AWS + "/tell", body, timeout=5).close()
    except OSError as error:
        print("untold", error, flush=True)


def client():
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.Session().client("sts", endpoint_url=AWS, region_name="eu-west-1", config=config)


signal.signal(signal.SIGTERM, stop)
sts = client()
count, failed = 0, 0
while until is None or time.monotonic() < until:
    count += 1
    try:
        if ANEW and count % 10 == 0:
            sts = client()
        sts.get_caller_identity()
    except Exception as error:
        failed += 1
        tell(signed=count, failed=failed, fault=f"{type(error).__name__}: {error}")
        print("FAILED", type(error).__name__, error, flush=True)
    time.sleep(PACE_S)
    if count % 10 == 1:
        tell(signed=count, failed=failed)
tell(signed=count, failed=failed, ended=True)
print(f"ended: signed {count}, failed {failed}", flush=True)
