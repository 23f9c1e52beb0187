"""aiodynamo: credentials of its own, by httpx."""

import asyncio
import os
from importlib.metadata import version

import httpx
from aiodynamo.client import Client
from aiodynamo.credentials import Credentials
from aiodynamo.http.httpx import HTTPX
from aiodynamo.models import StaticDelayRetry
from yarl import URL

import measure


async def without_port(request):
    """It signs the host alone, for AWS's endpoints have no port."""
    if request.url.path == "/":
        request.headers["Host"] = request.url.host


async def main():
    async with httpx.AsyncClient(event_hooks={"request": [without_port]}) as http:
        client = Client(
            HTTPX(http),
            Credentials.auto(),
            os.environ["AWS_REGION"],
            endpoint=URL(os.environ["TARGET_URL"]),
            throttle_config=StaticDelayRetry(time_limit_secs=0),
        )
        await measure.run_async("aiodynamo", version("aiodynamo"), lambda: client.get_item("table", {"key": "key"}))


asyncio.run(main())
