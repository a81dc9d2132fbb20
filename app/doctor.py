"""What is in use, what is missing, and the line that mends it."""

from __future__ import annotations

import asyncio
import ctypes
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app import embedded
from app.processes import LINUX
from app.servers import each

APT = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
BREW = "brew install pango"
# The browser that the pages' tests drive; nothing else needs one.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# What WeasyPrint loads: on Linux, on macOS.
LIBRARIES = (
    ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    ("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
)
# What a production database must say; anything else may lose what was acknowledged.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
PACKAGES = ("litestar", "msgspec", "asyncpg", "redis", "arq", "weasyprint", "pyjwt", "uvicorn")


@dataclass(frozen=True)
class Lack:
    """Something missing, and the line that mends it."""

    what: str
    line: str


def missing() -> list[Lack]:
    """System libraries that no Python package brings."""
    wanted = [linux if LINUX else mac for linux, mac in LIBRARIES]
    absent = [name for name in wanted if not _loads(name)]
    if not absent:
        return []
    what = f"Missing for PDF documents: {', '.join(absent)}."
    if not LINUX:
        return [Lack(what, f"{BREW} && export DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib")]
    return [Lack(what, f"{_sudo()}sh -c 'apt-get update && {APT}'")]


def browser() -> str | None:
    """The browser of this machine."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or (str(MAC_BROWSER) if MAC_BROWSER.exists() else None)


def missing_browser() -> list[Lack]:
    """The browser, where the tests of the pages are to run."""
    if browser():
        return []
    what = "Missing for the tests of the pages: Chromium."
    if not LINUX:
        return [Lack(what, "brew install --cask google-chrome")]
    line = f"{_sudo()}sh -c 'apt-get update && apt-get install -y --no-install-recommends chromium'"
    return [Lack(what, line)]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _sudo() -> str:
    return "" if os.geteuid() == 0 else "sudo "


def mend(*, with_browser: bool = False) -> int:
    """Install what is missing where that is allowed; else print the line to type and fail."""

    def lacking() -> list[Lack]:
        return missing() + (missing_browser() if with_browser else [])

    for lack in lacking():
        print(lack.what)
        if not _may_install() or subprocess.run(lack.line, shell=True, check=False).returncode:  # noqa: S602
            print(f"Type this, then the same make command again:\n\n  {lack.line}\n")
            return 1
    left = lacking()
    for lack in left:
        print(f"{lack.what}\n  {lack.line}")
    return 1 if left else 0


def _may_install() -> bool:
    if not LINUX:
        return shutil.which("brew") is not None
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    ask = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ask.returncode == 0


def report(var: Path) -> int:
    """Print the examination; 1 if something is missing or would lose data."""
    findings: list[str] = []
    for line in _lines(var, findings):
        print(line)
    if findings:
        print("\nTo mend:")
        for finding in findings:
            print(f"  - {finding}")
    else:
        print("\nNothing is missing.")
    return 1 if findings else 0


def _lines(var: Path, findings: list[str]) -> Iterator[str]:
    yield f"Python      {sys.version.split()[0]} on {sys.platform}"
    yield "Packages    " + ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in PACKAGES
    )
    yield f"Data        {var} ({shutil.disk_usage(_existing(var)).free // 2**30} GiB free)"
    lacks = missing()
    yield f"Pango       {'missing' if lacks else 'found'}"
    findings.extend(f"{lack.what} {lack.line}" for lack in lacks)
    yield f"Browser     {browser() or 'none; only the tests of the pages need one'}"
    fonts = sorted((Path(__file__).parent / "web" / "fonts").glob("*.ttf"))
    yield f"Fonts       {', '.join(font.name for font in fonts) or 'missing'}"
    if not fonts:
        findings.append("The fonts of app/web/fonts are missing: check the clone")
    yield from _postgres(findings)
    yield from _redis(findings)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _postgres(findings: list[str]) -> Iterator[str]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        binary = embedded.postgres_binary("postgres")
        yield f"PostgreSQL  embedded, not running ({binary})"
        if not binary.exists():
            findings.append("The PostgreSQL binaries are missing: make run")
        return
    kind = "embedded" if "/xw-" in url else "yours (DATABASE_URL)"
    leading = 0
    for address in each(url):
        try:
            settings, followers = asyncio.run(_ask_postgres(address))
        except Exception as problem:
            yield f"PostgreSQL  does not answer: {type(problem).__name__}"
            findings.append("PostgreSQL of DATABASE_URL does not answer: make run, or mend the URL")
            continue
        shown = ", ".join(f"{name}={settings[name]}" for name in DURABLE)
        yield f"PostgreSQL  {settings['server_version']}, {kind}; {shown}"
        _examine(settings, findings)
        leading += followers is not None
        yield _replication(settings, followers, findings)
    if leading > 1:
        findings.append("Two servers take writes: stop the old one at once (docs/operations.md)")


def _examine(settings: dict[str, str], findings: list[str]) -> None:
    if int(settings["server_version_num"]) < 180000:
        findings.append(f"PostgreSQL 18 or later is needed, this is {settings['server_version']}")
    for name, wanted in DURABLE.items():
        if settings[name] != wanted and not (name == "synchronous_commit" and _stronger(settings)):
            mending = f"alter system set {name} = '{wanted}'; select pg_reload_conf();"
            findings.append(f"{name} is {settings[name]}: what was acknowledged may go. {mending}")


def _replication(
    settings: dict[str, str], followers: list[tuple[str, str, int]] | None, findings: list[str]
) -> str:
    """Who follows this server and how far; None: it follows another itself."""
    if followers is None:
        return "Standby     this server is one: it takes no writes"
    shown = ", ".join(f"{name} {how}, {behind} bytes behind" for name, how, behind in followers)
    waits = settings["synchronous_standby_names"]
    if waits and not any(how in ("sync", "quorum") for _, how, _ in followers):
        findings.append(f"Commits wait for a standby ({waits}) and none follows: start one")
    if waits:
        return f"Standby     {shown or 'none'}; commits wait for {waits}"
    return (
        f"Standby     {shown or 'none'}; commits wait for none: a lost server loses the last ones"
    )


def _stronger(settings: dict[str, str]) -> bool:
    return settings["synchronous_commit"] == "remote_apply"


FOLLOWERS = """
select application_name, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn)::bigint
from pg_stat_replication where flush_lsn is not null order by 1
"""


async def _ask_postgres(url: str) -> tuple[dict[str, str], list[tuple[str, str, int]] | None]:
    """Its settings, and who follows it; None if it is a standby itself."""
    import asyncpg

    connection = await asyncpg.connect(url, timeout=5)
    try:
        rows = await connection.fetch(
            "select name, setting from pg_settings where name = any($1::text[])",
            [*DURABLE, "server_version", "server_version_num", "synchronous_standby_names"],
        )
        settings = {row["name"]: row["setting"] for row in rows}
        if await connection.fetchval("select pg_is_in_recovery()"):
            return settings, None
        return settings, [tuple(row) for row in await connection.fetch(FOLLOWERS)]
    finally:
        await connection.close()


def _redis(findings: list[str]) -> Iterator[str]:
    import redis

    url = os.environ.get("REDIS_URL")
    if not url:
        yield f"Valkey      embedded, not running ({embedded.valkey_binary()})"
        return
    try:
        with redis.Redis.from_url(url, socket_timeout=3) as client:
            info = client.info("server")
    except redis.RedisError as problem:
        yield f"Valkey      does not answer: {type(problem).__name__}"
        findings.append("The server of REDIS_URL does not answer: make run, or mend the URL")
        return
    name = info.get("server_name", "redis")
    version = info.get("valkey_version") or info.get("redis_version")
    yield f"Valkey      {name} {version}, {'embedded' if url.startswith('unix') else 'REDIS_URL'}"
