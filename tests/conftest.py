"""Real servers for the tests: PostgreSQL and Valkey per process, a fresh clone per test."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import asyncpg
import httpx
import pytest

from app import database, embedded
from app.settings import Settings, load
from tests.city import City, open_city

TEMPLATE = "xw_template"
START_ON = date(2025, 9, 1)


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many processes as cores: a flow waits for its servers half of the time."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Throwaway]:
    """PostgreSQL and Valkey of this test process, gone at its end.

    In memory where there is room: a clone per test would wait for the disk most of the time, and
    no flow pulls the plug. Those that kill run the supervised system on the disk.
    """
    with embedded.throwaway(where=memory()) as started:
        yield started


def memory() -> Path | None:
    """A folder in memory with room for the clones, or None: then the system's temporary one."""
    folder = Path("/dev/shm")
    if folder.is_dir() and os.access(folder, os.W_OK):
        return folder if shutil.disk_usage(folder).free > 3 * 2**30 else None
    return None


def settings_for(servers: embedded.Throwaway, name: str, port: int) -> Settings:
    return load(
        {"XIAOWEI_VAR": str(servers.var)},
        database_url=servers.postgres.address(name),
        redis_url=servers.valkey.url,
        port=port,
        start_on=START_ON,
        log_level="WARNING",
    )


@pytest.fixture(scope="session")
async def template(servers: embedded.Throwaway) -> str:
    """The migrated database that every test clones."""
    admin = await asyncpg.connect(servers.postgres.address("postgres"))
    await admin.execute(f"create database {TEMPLATE}")
    await admin.close()
    await database.prepare(settings_for(servers, TEMPLATE, 0))
    return TEMPLATE


@pytest.fixture
async def settings(
    servers: embedded.Throwaway, template: str, ports: tuple[int, int]
) -> AsyncIterator[Settings]:
    """Settings of a database of this test's own, on its own business date."""
    name = f"t{os.getpid()}_{os.urandom(4).hex()}"
    admin = await asyncpg.connect(servers.postgres.address("postgres"))
    await admin.execute(f"create database {name} template {template} strategy wal_log")
    try:
        yield settings_for(servers, name, ports[0])
    finally:
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The test's database as its administrator: to look, never to act in the product's place."""
    connection = await database.connect(settings)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def ports() -> tuple[int, int]:
    """Two neighbouring free ports: the API's and the sandbox's."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError), socket.socket() as second:
                second.bind(("127.0.0.1", port + 1))
                return port, port + 1
    raise RuntimeError("no two free ports beside each other")


@pytest.fixture(scope="session")
def sandbox(servers: embedded.Throwaway, ports: tuple[int, int]) -> Iterator[str]:
    """The outside world, a process of its own; its address."""
    log = (servers.var / "sandbox.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.sandbox.main", "--allow-reset"],
        stdout=log,
        stderr=log,
        env={**os.environ, "XIAOWEI_VAR": str(servers.var), "PORT": str(ports[0])},
        cwd=Path(__file__).parent.parent,
    )
    url = f"http://127.0.0.1:{ports[1]}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    import time

    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health").status_code == 200:
                return
        assert process.poll() is None, "the sandbox ended; see its log"
        time.sleep(0.05)
    raise AssertionError("the sandbox does not answer")


@pytest.fixture
async def city(settings: Settings, sandbox: str) -> AsyncIterator[City]:
    """The running system in this process: API on a real port, jobs on demand, the world outside.

    Every flow ends with `verify`: nothing may be left wrong behind a passing test.
    """
    async with open_city(settings, sandbox) as opened:
        yield opened
        await opened.idle()
        assert await opened.findings() == []
