"""Cold and warm start: from nothing to the first answer that read the database."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.report import ROOT, Figure


def started(var: Path) -> tuple[float, subprocess.Popen[bytes]]:
    """Seconds until /health/ready is 200."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "XIAOWEI_VAR": str(var), "PORT": str(port)}
    env.pop("DATABASE_URL", None)
    env.pop("REDIS_URL", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "up", "--no-demo"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while time.perf_counter() - began < 60:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=1).status_code == 200:
                return time.perf_counter() - began, process
        except httpx.HTTPError:
            time.sleep(0.02)
    process.kill()
    raise RuntimeError("it does not become ready")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, and wait."""
    process.send_signal(signal.SIGINT)
    process.wait(60)


async def run(ctx: object, url: str) -> list[Figure]:
    """Three cold starts, each followed by a warm one."""
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(3):
        var = Path(tempfile.mkdtemp(prefix="xw-start-"))
        try:
            for times in (cold, warm):
                seconds, process = started(var)
                times.append(round(seconds, 2))
                stop(process)
        finally:
            shutil.rmtree(var, ignore_errors=True)
    return [
        Figure(
            goal="G15",
            what="cold start to ready, seconds (whole system)",
            value=sorted(cold)[1],
            rounds=cold,
        ),
        Figure(
            goal="start",
            what="second start to ready, seconds (whole system)",
            value=sorted(warm)[1],
            aim=5,
            met=sorted(warm)[1] <= 5,
            rounds=warm,
        ),
    ]
