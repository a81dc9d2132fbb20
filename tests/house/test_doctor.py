"""`python -m app doctor` tells a server that may lose money from one that does not."""

import os
import subprocess
import sys
from pathlib import Path

from app import embedded

ROOT = Path(__file__).resolve().parents[2]


def doctor(servers: embedded.Throwaway, redis_url: str | None = None) -> tuple[int, str]:
    environment = {
        **os.environ,
        "DATABASE_URL": servers.postgres.url,
        "REDIS_URL": redis_url or servers.valkey.url,
        "XIAOWEI_VAR": str(servers.var),
    }
    done = subprocess.run(
        [sys.executable, "-m", "app", "doctor"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_healthy_house_lacks_nothing(servers: embedded.Throwaway) -> None:
    code, said = doctor(servers)
    assert code == 0, said
    assert "Nothing is missing." in said
    assert "fsync=on, synchronous_commit=on, full_page_writes=on" in said
    assert "valkey 9" in said


def test_settings_that_lose_data_are_named_with_the_line_that_mends_them() -> None:
    careless = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
    with embedded.throwaway(extra=careless) as servers:
        code, said = doctor(servers)
    assert code == 1
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"{name} is off" in said
        assert f"alter system set {name} = 'on'; select pg_reload_conf();" in said


def test_a_server_that_does_not_answer_is_named(servers: embedded.Throwaway) -> None:
    code, said = doctor(servers, redis_url="unix:///nowhere/valkey.sock")
    assert code == 1
    assert "REDIS_URL does not answer" in said
