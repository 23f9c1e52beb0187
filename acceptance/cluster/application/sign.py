"""Signs a request with boto3 each 50 ms until a SIGTERM, and says so once a second; a failure is said at once."""
import signal
import sys
import time

import boto3
from botocore.config import Config

going_on = True


def stop(*_):
    global going_on
    going_on = False


signal.signal(signal.SIGTERM, stop)
config = Config(retries={"mode": "standard", "total_max_attempts": 1})
sts = boto3.client("sts", endpoint_url="http://10.99.0.1:8080", region_name="eu-west-1", config=config)
count, failed = 0, 0
while going_on:
    count += 1
    try:
        sts.get_caller_identity()
    except Exception as error:
        failed += 1
        print("FAILED", type(error).__name__, error, flush=True)
    time.sleep(0.05)
    if count % 20 == 0:
        print(f"signed {count}, failed {failed}", flush=True)
print(f"ended: signed {count}, failed {failed}", flush=True)
sys.exit(1 if failed else 0)
