"""s3cmd: one process for each request."""

import os
import subprocess
from urllib.parse import urlsplit

import measure

HOST = urlsplit(os.environ["TARGET_URL"]).netloc
CALL = ["s3cmd", "--config=/dev/null", "--no-ssl", f"--host={HOST}", f"--host-bucket={HOST}"]
CALL += [f"--region={os.environ['AWS_REGION']}", "get", "s3://bucket/key", "-"]


class CommandError(Exception):
    pass


def call():
    done = subprocess.run(CALL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(done.stderr.strip())


about = subprocess.run(["s3cmd", "--version"], capture_output=True, text=True, check=True).stdout
measure.run("s3cmd", about.split()[-1], call)
