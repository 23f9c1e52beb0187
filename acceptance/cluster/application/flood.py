"""Reads credentials over 64 connections as fast as they are answered, and prints what came of it. Argument: reads of each."""
import http.client
import json
import os
import sys
import threading
import time
from urllib.parse import urlparse

CONNECTIONS = 64
uri = urlparse(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
took, refused = [], []


def read():
    connection = http.client.HTTPConnection(uri.hostname, uri.port, timeout=5)
    for _ in range(int(sys.argv[1])):
        with open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
            token = file.read()
        began = time.monotonic()
        try:
            connection.request("GET", uri.path, headers={"Authorization": token})
            response = connection.getresponse()
            response.read()
            status = response.status
        except OSError as error:
            status = str(error)
        if status == 200:
            took.append(time.monotonic() - began)
        else:
            refused.append(status)


threads = [threading.Thread(target=read) for _ in range(CONNECTIONS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took.sort()
print(json.dumps({"answered": len(took), "refused": refused, "p99Ms": round(took[int(len(took) * 0.99)] * 1000)}))
