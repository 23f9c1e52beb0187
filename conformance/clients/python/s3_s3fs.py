"""s3fs, mounted with the credentials of a container; each request opens a file of the mount, of which s3fs keeps nothing."""

import os
import re
import subprocess
import tempfile
import time

import measure


class MountError(Exception):
    pass


about = subprocess.run(["s3fs", "--version"], capture_output=True, text=True, check=True).stdout
folder = tempfile.mkdtemp()
credentials = [] if "AWS_ACCESS_KEY_ID" in os.environ else ["ecs"]
options = [*credentials, f"url={os.environ['TARGET_URL']}", f"endpoint={os.environ['AWS_REGION']}"]
options += ["use_path_request_style", "max_stat_cache_size=0", "stat_cache_expire=0", "retries=1"]
call = ["s3fs", "bucket", folder, "-f"] + [word for option in options for word in ("-o", option)]
mounted = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
while not os.path.ismount(folder):
    if mounted.poll() is not None:
        raise SystemExit(f"s3fs ended: {mounted.stderr.read()}")
    time.sleep(0.01)


def get():
    if mounted.poll() is not None:
        raise MountError("s3fs ended")
    with open(f"{folder}/key", "rb") as file:
        file.read()


try:
    measure.run("s3fs", re.search(r"V(\S+)", about)[1], get)
finally:
    subprocess.run(["umount", folder], check=False)
    mounted.wait()
    os.rmdir(folder)
