"""Our own PostgreSQL and Valkey lose nothing and leave nothing behind, however they ended."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import embedded
from app.processes import Account, EmbeddedError, born, socket_folder, until

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="children are tied only on Linux")


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.end_leftovers(tmp_path / "postgres" / "data")
    for name in ("postgres", "valkey"):
        shutil.rmtree(socket_folder(tmp_path / name, Account()))


def ask(server: embedded.Server, query: str) -> str:
    done = subprocess.run(
        [str(embedded.postgres_binary("psql")), "-XAtc", query, "-d", server.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def start(var: Path) -> embedded.Server:
    return embedded.start_postgres(var, sync_init=False)


def test_nothing_acknowledged_can_be_lost_by_a_setting(servers: embedded.Throwaway) -> None:
    names = "('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums')"
    found = ask(servers.postgres, f"select setting from pg_settings where name in {names}")
    assert found.split() == ["on"] * 4
    assert ask(servers.postgres, "show server_version_num") >= "180000"
    assert ask(servers.postgres, "show listen_addresses") == ""


def test_a_letter_is_a_letter_in_chinese_too(servers: embedded.Throwaway) -> None:
    query = "create extension if not exists pg_trgm; select cardinality(show_trgm('华强电子'))"
    assert int(ask(servers.postgres, query).splitlines()[-1]) > 0


def test_a_killed_postmaster_leaves_nothing_in_the_way(var: Path) -> None:
    server = start(var)
    ask(server, "create table kept as select 42 as answer")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    again = start(var)
    assert ask(again, "select answer from kept") == "42"
    again.stop()


def test_a_lock_file_that_names_a_stranger_is_no_obstacle(var: Path) -> None:
    server = start(var)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    # After a reboot or in a container the old number may belong to anyone: here, to us.
    lock = var / "postgres" / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = start(var)
    assert ask(again, "select 1") == "1"
    again.stop()


def test_a_second_owner_takes_over_from_one_that_is_gone(var: Path) -> None:
    first = start(var)
    ask(first, "create table kept as select 42 as answer")
    second = start(var)
    first.process.wait(10)
    assert ask(second, "select answer from kept") == "42"
    second.stop()


OWNER = """
import sys, time
from pathlib import Path
from app import embedded
var = Path(sys.argv[1])
servers = embedded.start_postgres(var, sync_init=False), embedded.start_valkey(var)
print(servers[0].process.pid, servers[1].process.pid, flush=True)
time.sleep(600)
"""


@linux
def test_when_the_owner_is_killed_the_servers_end_by_themselves(var: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    pids = [int(word) for word in owner.stdout.readline().split()]
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert until(lambda: not any(born(pid) for pid in pids), 15)
    log = (var / "postgres" / "postgres.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]


def test_valkey_is_found_and_ended_after_its_owner(var: Path) -> None:
    first = embedded.start_valkey(var)
    second = embedded.start_valkey(var)
    first.process.wait(10)
    assert second.alive
    second.stop()


def test_a_deep_folder_is_no_obstacle_for_the_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("很深的文件夹" * 8) / ("deep" * 20)
    server = start(deep)
    assert ask(server, "select 1") == "1"
    server.stop()
    shutil.rmtree(server.sockets)


def test_a_socket_folder_open_to_others_is_refused(var: Path) -> None:
    server = start(var)
    server.stop()
    server.sockets.chmod(0o777)
    with pytest.raises(EmbeddedError, match="open to others"):
        start(var)
    server.sockets.chmod(0o700)


def test_data_of_another_version_are_refused_and_kept(var: Path) -> None:
    data = var / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 16"):
        start(var)
    assert (data / "PG_VERSION").exists()


def test_a_half_made_data_directory_is_made_again(var: Path) -> None:
    half = var / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = start(var)
    assert ask(server, "select 1") == "1"
    server.stop()
