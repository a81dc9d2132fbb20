"""All settings: one frozen Struct, decoded from the environment once; passed, never imported."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

BARE = {"DATABASE_URL", "REDIS_URL", "PORT"}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting, its default and its meaning. `NAME_FILE` reads a secret from a file.

    `DATABASE_URL`, `REDIS_URL` and `PORT` are read bare; the others as `XIAOWEI_<NAME>`.
    """

    environment: Literal["development", "production"] = "development"
    # A user who may create roles and databases; each process then logs in as its own role.
    database_url: str = ""
    redis_url: str = ""
    port: int = 8000
    host: str = "127.0.0.1"
    sandbox_url: str = ""
    # Where the outside world reaches us with call-backs.
    public_url: str = ""
    var: str = "var"
    # 64 hex characters, comma-separated to rotate; in development made once under var/secrets.
    master_key: str = ""
    # Business date on which an empty development database starts, so that a demo year lies
    # inside the statutory tables; production has real time alone.
    start_on: date = date(2025, 9, 1)
    seed: int = 1
    pool_size: int = 8
    # How long a request waits for a connection before it is told to come back.
    pool_wait_seconds: float = 2.0
    # After this a commit counts as unknown: the standby does not answer.
    commit_seconds: float = 10.0
    # Write only through a server that waits for a standby; then a lost server loses nothing.
    standby_required: bool = False
    # Payments that one person may make alone inside the bank, many in one commit (ADR 10); off,
    # every payment goes the ordinary way.
    payment_lane: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # 0 serves documents with as many render processes as cores, at most 2.
    render_processes: int = 1
    # One address for all outside systems in development; a proxy may rewrite in production.
    outside_timeout_seconds: float = 3.0
    # How long a job belongs to a worker that is not heard of; a killed one's jobs wait so long.
    lease_seconds: float = 20.0
    # Development only: where tests arm the crash points (app/crash.py).
    crash_folder: str = ""

    @property
    def development(self) -> bool:
        """True on a developer's machine: the clock may be moved, the sandbox plays the world."""
        return self.environment == "development"

    @property
    def var_path(self) -> Path:
        """The folder of everything that is written."""
        return Path(self.var).resolve()

    def __repr__(self) -> str:
        return f"Settings(environment={self.environment!r}, port={self.port})"


def load(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment; msgspec.ValidationError names the bad one."""
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = field.name.upper()
        variable = name if name in BARE else f"XIAOWEI_{name}"
        if file := env.get(f"{variable}_FILE"):
            values[field.name] = Path(file).read_text(encoding="utf-8").strip()
        elif env.get(variable):
            values[field.name] = env[variable]
    values.update(overrides)
    settings = msgspec.convert(values, Settings, strict=False)
    port = settings.port
    return msgspec.structs.replace(
        settings,
        sandbox_url=settings.sandbox_url or f"http://127.0.0.1:{port + 1}",
        public_url=settings.public_url or f"http://127.0.0.1:{port}",
        master_key=settings.master_key or _development_key(settings),
    )


def _development_key(settings: Settings) -> str:
    """The master key of a development installation, made once and readable by its user only."""
    if not settings.development:
        raise msgspec.ValidationError("XIAOWEI_MASTER_KEY or XIAOWEI_MASTER_KEY_FILE is required")
    folder = settings.var_path / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, draft = folder / "master_key", folder / f"master_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32), encoding="ascii")
    try:
        os.link(draft, path)  # the first of several starting processes wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
