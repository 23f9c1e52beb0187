"""restic: one process for each request, which makes a repository."""

import os
import subprocess

import measure

CALL = ["restic", "--no-cache", "--repo", f"s3:{os.environ['TARGET_URL']}/bucket/nothing", "init"]
ENVIRONMENT = {**os.environ, "AWS_DEFAULT_REGION": os.environ["AWS_REGION"], "RESTIC_PASSWORD": "fake-password"}


class CommandError(Exception):
    pass


def call():
    done = subprocess.run(CALL, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(done.stderr.strip())


about = subprocess.run(["restic", "version"], capture_output=True, text=True, check=True).stdout
measure.run("restic", about.split()[1], call)
