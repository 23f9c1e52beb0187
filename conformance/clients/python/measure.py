"""What the programs share: sends REQUESTS requests through one client and prints how that went."""

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

STARTED = time.perf_counter()
REQUESTS = int(os.environ["REQUESTS"])
CONCURRENCY = int(os.environ.get("CONCURRENCY", "1"))
PACE_S = int(os.environ.get("PACE_MS", "0")) / 1000

turns = iter(range(REQUESTS))
times_ms = []
errors = []
successes_at_ms = []


def run(client, version, request):
    """From threads."""

    def work():
        for _ in turns:
            with measured():
                request()
            time.sleep(PACE_S)

    with ThreadPoolExecutor(CONCURRENCY) as threads:
        for worker in [threads.submit(work) for _ in range(CONCURRENCY)]:
            worker.result()
    report(client, version)


async def run_async(client, version, request):
    """From tasks."""

    async def work():
        for _ in turns:
            with measured():
                await request()
            await asyncio.sleep(PACE_S)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    report(client, version)


@contextmanager
def measured():
    began = time.perf_counter()
    try:
        yield
        successes_at_ms.append(ms_since(STARTED))
    except Exception as error:
        errors.append((ms_since(STARTED), f"{type(error).__name__}: {error}"[:300]))
    finally:
        times_ms.append(ms_since(began))


def report(client, version):
    times_ms.sort()
    line = {
        "client": client,
        "version": version,
        "requests": len(times_ms),
        "failed": len(errors),
        "p50Ms": percentile(50),
        "p99Ms": percentile(99),
        "firstError": errors[0][1] if errors else None,
        "firstErrorAtMs": errors[0][0] if errors else None,
        "lastErrorAtMs": errors[-1][0] if errors else None,
        "firstSuccessAtMs": successes_at_ms[0] if successes_at_ms else None,
    }
    print(json.dumps(line))


def percentile(percent):
    return times_ms[(len(times_ms) - 1) * percent // 100]


def ms_since(moment):
    return round((time.perf_counter() - moment) * 1000, 3)
