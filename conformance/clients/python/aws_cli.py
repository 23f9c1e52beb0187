"""The AWS CLI named by the argument: one process for each request."""

import os
import re
import subprocess
import sys

import measure

AWS = sys.argv[1]
CALL = [AWS, "sts", "get-caller-identity"]
CALL += ["--endpoint-url", os.environ["TARGET_URL"], "--region", os.environ["AWS_REGION"]]
ENVIRONMENT = {**os.environ, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}


class CommandError(Exception):
    pass


def call():
    done = subprocess.run(CALL, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(done.stderr.strip())


about = subprocess.run([AWS, "--version"], capture_output=True, text=True, check=True).stdout
version = re.match(r"aws-cli/(\S+)", about)[1]
measure.run(f"aws-cli-v{version[0]}", version, call)
