"""aiobotocore: botocore's credentials behind locks of its own."""

import asyncio
import os

import aiobotocore
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

import measure


async def main():
    async with get_session().create_client(
        "sts",
        region_name=os.environ["AWS_REGION"],
        endpoint_url=os.environ["TARGET_URL"],
        config=AioConfig(retries={"total_max_attempts": 1}),
    ) as sts:
        await measure.run_async("aiobotocore", aiobotocore.__version__, sts.get_caller_identity)


asyncio.run(main())
