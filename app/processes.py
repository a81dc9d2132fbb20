"""How child processes are started, told from others with the same number, and ended."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LINUX = sys.platform == "linux"


class EmbeddedError(RuntimeError):
    """A server could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Under which account PostgreSQL runs: its own user namespace, another user, or ours."""

    namespace: bool = False
    uid: int | None = None
    gid: int | None = None


@functools.cache
def _namespaces_allowed() -> bool:
    command = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "true"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def account_for(folder: Path, program: Path) -> Account:
    """PostgreSQL refuses root. As root: a user namespace, or else an account that can get there."""
    if os.geteuid() != 0:
        return Account()
    if LINUX and shutil.which("setpriv") and _namespaces_allowed():
        return Account(namespace=True)
    name = os.environ.get("SUDO_USER") or "nobody"
    entry = pwd.getpwnam(name)
    account = Account(uid=entry.pw_uid, gid=entry.pw_gid)
    for place in (folder, program):
        closed = [
            str(parent)
            for parent in place.parents
            if parent.stat().st_uid != entry.pw_uid and not parent.stat().st_mode & 0o001
        ]
        if closed:
            raise EmbeddedError(
                f"PostgreSQL does not run as root, user namespaces are refused here, and the "
                f"account {name} may not enter {closed[0]}. Run as a normal user, or set "
                f"DATABASE_URL to a PostgreSQL 18 of your own."
            )
    give(folder, account)
    return account


def give(path: Path, account: Account) -> None:
    """Hand a file to the account, where that is another than ours."""
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


def acting_as(account: Account) -> list[str]:
    """The words before a command that run it under this account, tied to its owner's life."""
    if account.namespace:
        return ["unshare", "-U", "--map-user=1000", "--map-group=1000", *tied("INT")]
    if account.uid is not None:
        who = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
        return ["setpriv", *who, *tied("INT")[1:]]
    return tied("INT")


def tied(how: str) -> list[str]:
    """The words that tie a command to our life: on Linux it gets this signal when we are killed."""
    return ["setpriv", "--pdeathsig", how] if LINUX and shutil.which("setpriv") else []


def socket_folder(folder: Path, account: Account) -> Path:
    """A short folder that only the server's owner may enter, the same one at every start."""
    key = hashlib.sha256(f"{folder}".encode()).hexdigest()[:10]
    root = tempfile.gettempdir()
    path = Path(root if len(root) < 60 else "/tmp") / f"xw-{os.getuid()}-{key}"  # noqa: S108
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        give(path, account)
    seen = path.lstat()
    ours = seen.st_uid in (os.getuid(), account.uid) and path.is_dir() and not path.is_symlink()
    if not ours or seen.st_mode & 0o077:
        raise EmbeddedError(f"{path} belongs to someone else or is open to others: remove it")
    return path


def server_environment() -> dict[str, str]:
    """Nothing of ours: a PGHOST or a secret of the caller has no business in the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C reaches only the supervisor."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env=server_environment(),
            start_new_session=True,
        )


def end_process(pid: int, birth: str, seconds: float = 5.0) -> None:
    """Stop the process with this id, provided that it was born when we think."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if born(pid) != birth or not birth:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        until(lambda: born(pid) != birth, seconds)


def born(pid: int) -> str:
    """What tells this process from a later one with the same number; empty when there is none."""
    if not LINUX:
        done = subprocess.run(
            ["ps", "-p", str(pid), "-o", "lstart="], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()
    with contextlib.suppress(OSError, IndexError):
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        fields = stat.rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return "" if fields[0] == "Z" else f"{boot[:8]}.{fields[19]}"
    return ""


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, looking often; False when it did not come in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
