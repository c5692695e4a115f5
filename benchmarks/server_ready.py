"""How soon `yunqi serve` serves, and serves again when its engine process is killed with requests under way.

python benchmarks/server_ready.py [--rounds 3] [--requests 20]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from typing import Any

import aiohttp
import psutil

PORT = 8572
URL = f"http://127.0.0.1:{PORT}"


def start() -> tuple[subprocess.Popen[bytes], float]:
    """A server of nano, and the seconds until it said that it is healthy."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "yunqi", "serve", "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.perf_counter() - begun < 60:
        try:
            urllib.request.urlopen(f"{URL}/health")
            return process, time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)
    raise SystemExit("it did not start")


async def ask(session: aiohttp.ClientSession, number: int) -> tuple[int, Any]:
    question = f"Start with {number}, add 7, multiply by 3, subtract 10, add 99."
    body = {"messages": [{"role": "user", "content": question}], "temperature": 0}
    async with session.post(f"{URL}/v1/chat/completions", json=body) as response:
        return response.status, await response.json()


async def kill_under(server: int, requests: int) -> tuple[int, float]:
    """How many requests got an error in the dialect's shape, and the seconds until the next answer came."""
    (engine,) = psutil.Process(server).children()
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(ask(session, number)) for number in range(requests)]
        await asyncio.sleep(0.15)
        os.kill(engine.pid, signal.SIGKILL)
        killed = time.perf_counter()
        answers = await asyncio.gather(*tasks)
        status, _ = await ask(session, 1)
        assert status == 200, status
        return sum(status in (500, 503) and "message" in body["error"] for status, body in answers if status != 200), (
            time.perf_counter() - killed
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=20)
    options = parser.parse_args()
    ready, back = [], []
    for _ in range(options.rounds):
        process, seconds = start()
        try:
            errors, recovery = asyncio.run(kill_under(process.pid, options.requests))
        finally:
            process.terminate()
            process.wait(60)
        ready.append(seconds)
        back.append(recovery)
        print(
            f"ready in {seconds:.2f} s; {errors} clear errors of {options.requests}, answers again in {recovery:.2f} s"
        )
    print(f"medians: {statistics.median(ready):.2f} s and {statistics.median(back):.2f} s")


if __name__ == "__main__":
    main()
