"""The real system under attack: every process of `python -m app up`, on a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import asyncpg
import httpx

from app import database
from app.jobs import Ctx
from app.processes import Account, born, socket_folder, until
from app.settings import Settings, load
from app.supervisor import answers, read_run, running
from app.vault import Vault, parse_masters
from tests.city import City, Person
from tests.soak.ports import neighbours

# The tree whose processes run: this one, or a copy with a planted bug.
TREE = Path(__file__).resolve().parents[2]
# Long enough for a slow document on a busy machine, short enough to wait for.
LEASE_SECONDS = 6.0
PARTS = ("worker", "api", "valkey", "postgres")

WAITING = """
select (select count(*) from core.outbox where relayed_at is null)
     + (select count(*) from core.jobs where state in ('due', 'running')
        and next_at < clock_timestamp() + interval '30 seconds')
"""
STRANDED = "select id, job, lease_no, attempts from core.jobs where state = 'running'"
RERUN = """
select count(*) from core.jobs j
join unnest($1::uuid[], $2::int[]) s(id, lease_no) on s.id = j.id
where j.lease_no > s.lease_no and j.state = 'done'
"""


async def eventually(
    true: Callable[[], bool | Awaitable[bool]], seconds: float, what: str, *, every: float = 0.1
) -> float:
    """Wait until it holds; the seconds it took. AssertionError names what did not come."""
    begun = time.monotonic()
    while True:
        held = true()
        if held if isinstance(held, bool) else await held:
            return time.monotonic() - begun
        assert time.monotonic() - begun < seconds, f"after {seconds:.0f} s still not: {what}"
        await asyncio.sleep(every)


class System:
    """One `up` in a temporary folder: its processes by name, its crash points, its database."""

    def __init__(self, folder: Path, port: int, **given: str) -> None:
        self.folder, self.port, self.given = folder, port, given
        self.var, self.crash = folder / "var", folder / "crash"
        self.crash.mkdir(parents=True)
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.others: list[subprocess.Popen[bytes]] = []
        self.seen: set[tuple[int, str]] = set()

    @property
    def run(self) -> dict[str, Any]:
        """What `var/run.json` says now."""
        return read_run(self.var)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def world(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def environment(self, **more: str) -> dict[str, str]:
        """What the processes are started with; `XIAOWEI_PARENT` ends them with this process."""
        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        return env | {
            "XIAOWEI_VAR": str(self.var), "PORT": str(self.port), "XIAOWEI_LOG_LEVEL": "WARNING",
            "XIAOWEI_LEASE_SECONDS": str(LEASE_SECONDS), "XIAOWEI_CRASH_FOLDER": str(self.crash),
            "XIAOWEI_PARENT": str(os.getpid()), "PYTHONDONTWRITEBYTECODE": "1",
        } | self.given | more  # fmt: skip

    def command(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        with (self.folder / "up.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app", *words], cwd=TREE, stdout=log, stderr=log,
                env=self.environment(**more), start_new_session=True,
            )  # fmt: skip

    @contextlib.asynccontextmanager
    async def another_api(self, database_url: str = "") -> AsyncIterator[str]:
        """One more API process of the same system, perhaps by another way to the database."""
        port = neighbours()
        process = self.command(
            "serve",
            PORT=str(port),
            DATABASE_URL=database_url or self.run["database_url"],
            REDIS_URL=self.run["redis_url"],
            XIAOWEI_SANDBOX_URL=self.world,
            XIAOWEI_PUBLIC_URL=self.api,
        )
        self.others.append(process)
        try:
            await eventually(
                lambda: asyncio.to_thread(answers, "127.0.0.1", port, "/health/ready"),
                90,
                "the second API is ready",
            )
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 60)

    async def up(self, seconds: float = 180) -> float:
        """Start everything; the seconds until it was ready."""
        self.supervisor = started = self.command("up", "--no-demo")

        def ready() -> bool:
            assert started.poll() is None, (self.folder / "up.log").read_text()[-3000:]
            return bool(running(self.var))

        took = await eventually(ready, seconds, "the system is ready")
        self.remember()
        return took

    def remember(self) -> None:
        """Every process that was ever seen, so that none is left at the end."""
        for part in self.run.get("processes", {}).values():
            self.seen.add((part["pid"], part["born"]))

    async def pid(self, part: str) -> int:
        """The process id of a living part; one that has just died comes back first."""

        def lives() -> bool:
            process = self.run.get("processes", {}).get(part)
            return process is not None and born(process["pid"]) == process["born"]

        await eventually(lives, 90, f"{part} lives")
        return int(self.run["processes"][part]["pid"])

    async def kill(self, part: str) -> int:
        """kill -9, and wait until it is gone; the process id that it had."""
        self.remember()
        pid = await self.pid(part)
        birth = born(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        await eventually(lambda: born(pid) != birth, 20, f"{part} dies")
        return pid

    async def back(self, part: str, before: int, seconds: float = 90) -> float:
        """Wait until the supervisor has started it again and the API answers."""

        def again() -> bool:
            process = self.run.get("processes", {}).get(part)
            return process is not None and process["pid"] != before and bool(born(process["pid"]))

        took = await eventually(again, seconds, f"{part} is back")
        return took + await eventually(self.healthy, seconds, f"healthy with a new {part}")

    async def healthy(self) -> bool:
        return await asyncio.to_thread(answers, "127.0.0.1", self.port, "/health/ready")

    async def kill_supervisor(self) -> int:
        """kill -9 of the owner of everything, then the next start takes over."""
        assert self.supervisor is not None
        self.remember()
        self.supervisor.kill()
        self.supervisor.wait()
        pid = self.supervisor.pid
        await self.up()
        return pid

    # --- crash points -----------------------------------------------------------------------

    def arm(self, point: str) -> None:
        """The next process that comes by this point dies there."""
        (self.crash / f"{point}.hit").unlink(missing_ok=True)
        (self.crash / point).touch()

    async def hit(self, point: str, seconds: float = 90) -> None:
        """Wait until somebody has died there."""
        await eventually((self.crash / f"{point}.hit").exists, seconds, f"{point} is reached")

    # --- looking in ---------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        return load(
            {"XIAOWEI_VAR": str(self.var)},
            database_url=self.run["database_url"],
            redis_url=self.run["redis_url"],
            port=self.port,
        )

    @contextlib.asynccontextmanager
    async def look(self) -> AsyncIterator[asyncpg.Connection]:
        """The database as its administrator: to count what was reached, never to judge."""
        connection = await database.connect(self.settings)
        try:
            yield connection
        finally:
            await connection.close()

    async def waiting(self) -> int:
        """Events and jobs that are not finished."""
        async with self.look() as db:
            return int(await db.fetchval(WAITING))

    async def stranded(self) -> list[asyncpg.Record]:
        """Jobs that a worker holds, or held when it was killed."""
        async with self.look() as db:
            return await db.fetch(STRANDED)

    async def rerun(self, stranded: list[asyncpg.Record]) -> int:
        """How many stranded jobs another lease has brought to their end."""
        async with self.look() as db:
            ids, leases = [row["id"] for row in stranded], [row["lease_no"] for row in stranded]
            return int(await db.fetchval(RERUN, ids, leases))

    async def verify(self) -> list[str]:
        """`python -m app verify`: its findings."""
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "app", "verify"], cwd=TREE,
            env={k: v for k, v in self.environment().items() if k != "XIAOWEI_PARENT"},
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        lines = done.stdout.splitlines()
        return lines if lines or done.returncode == 0 else [done.stderr[-1000:]]

    async def careless(self) -> list[str]:
        """Settings that kill -9 cannot betray, because the page cache outlives a process."""
        async with self.look() as db:
            names = ("fsync", "synchronous_commit", "full_page_writes")
            return [name for name in names if await db.fetchval(f"show {name}") != "on"]

    # --- the end --------------------------------------------------------------------------------

    def keep_logs(self, under: Path) -> None:
        """What the processes said, for whoever asks why it failed."""
        shutil.rmtree(under, ignore_errors=True)
        shutil.copytree(self.var / "log", under)
        for name in ("up.log", "journal.jsonl"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(self.folder / name, under)

    def stop(self) -> int:
        """Stop everything; how many processes were left behind (and are ended now)."""
        self.remember()
        for process in self.others:
            process.kill()
            process.wait()
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.terminate()
            try:
                self.supervisor.wait(90)
            except subprocess.TimeoutExpired:
                self.supervisor.kill()
                self.supervisor.wait()
        until(lambda: not any(born(pid) == birth for pid, birth in self.seen), 15)
        left = [pid for pid, birth in self.seen if birth and born(pid) == birth]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        for name in ("postgres", "valkey"):
            shutil.rmtree(socket_folder(self.var / name, Account()), ignore_errors=True)
        return len(left)


@contextlib.asynccontextmanager
async def opened(port: int, **given: str) -> AsyncIterator[System]:
    """A fresh system on this port and the next, with these settings; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="xw-soak-")).resolve()
    system = System(folder, port, **given)
    try:
        await system.up()
        yield system
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


# --- people and firms on the running system -----------------------------------------------------


class LiveCity(City):
    """The city of the flow tests, standing on the running processes."""

    def __init__(self, system: System, api: httpx.AsyncClient, world: httpx.AsyncClient) -> None:
        super().__init__(system.settings, api, world, cast(Ctx, None))
        self.system = system

    async def idle(self, seconds: float = 60) -> None:
        """Wait until the workers have nothing left that is due soon."""
        quiet = 0

        async def rests() -> bool:
            nonlocal quiet
            owed = (await self.world.get("/pending")).json()
            quiet = 0 if await self.system.waiting() or any(owed.values()) else quiet + 1
            return quiet >= 3

        await eventually(rests, seconds, "the workers rest", every=0.3)

    async def sign_in(self, phone: str, device: str = "test-phone") -> Person:
        """As in the flow tests, but waiting only for the message itself."""
        before = len(await self._messages(phone))
        asked = await self.api.post("/v1/auth/codes", json={"phone": phone})
        assert asked.status_code == 202, asked.text
        messages: list[dict[str, Any]] = []

        async def came() -> bool:
            messages[:] = await self._messages(phone)
            return len(messages) > before

        await eventually(came, 60, "the code arrives")
        code = "".join(c for c in messages[0]["text"] if c.isdigit())[:6]
        answer = await self.api.post(
            "/v1/auth/tokens", json={"phone": phone, "code": code, "device": device}
        )
        assert answer.status_code in (200, 201), answer.text
        return Person(self, phone, answer.json()["access_token"])

    async def _messages(self, phone: str) -> list[dict[str, Any]]:
        """The sign-in codes that this phone has got, latest first."""
        found = (await self.world.get("/sms", params={"phone": phone})).json()["items"]
        return [one for one in found if "验证码" in one["text"]]

    @contextlib.asynccontextmanager
    async def founding(self) -> AsyncIterator[None]:
        """Hands to found firms with, as the flow tests do."""
        pool = await database.create_pool(self.settings, "worker", 2)
        bell: Any = type("Bell", (), {"ring": staticmethod(lambda: None)})
        nobody: Any = None
        try:
            self.ctx = Ctx(
                settings=self.settings,
                pools={"worker": pool},
                outside=nobody,
                documents=nobody,
                vault=Vault(parse_masters(self.settings.master_key)),
                doorbell=bell,
            )
            yield
        finally:
            await pool.close()
