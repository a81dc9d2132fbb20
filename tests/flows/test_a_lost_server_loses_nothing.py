"""Two servers: whatever was acknowledged is on both, and whoever leads is found at once."""

from __future__ import annotations

import asyncio
import os
import sys

import asyncpg
import msgspec
import pytest

from app import database, servers
from app.actor import SYSTEM
from app.settings import Settings
from app.work import begin
from tests.city import City
from tests.soak import standby
from tests.soak.pair import pair
from tests.soak.system import TREE


@pytest.mark.timeout(240)
async def test_two_promotions_under_load_lose_nothing():
    plan = standby.Promotions(each=1, only=("killed", "cancelled_waits"), clients=4)
    report = await standby.run(plan)
    assert report.findings == [], f"{report.findings}\nreached: {report.reached}"


async def test_the_doctor_says_who_follows_and_that_nobody_does(throwaway_redis: str):
    async with pair() as two:
        said = await doctor(two.url, throwaway_redis)
        assert "node_b quorum, 0 bytes behind; commits wait for ANY 1 (node_a, node_b)" in said
        assert "this server is one: it takes no writes" in said
        assert "none follows" not in said
        two.standby.kill()
        said = await doctor(two.primary.address(), throwaway_redis)
        assert "Commits wait for a standby (ANY 1 (node_a, node_b)) and none follows" in said


@pytest.fixture
def throwaway_redis(servers) -> str:
    return servers.valkey.url


async def doctor(url: str, redis_url: str) -> str:
    examined = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "doctor", cwd=TREE, stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": url, "REDIS_URL": redis_url},
    )  # fmt: skip
    said, _ = await examined.communicate()
    return said.decode()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h1:5432,h2:5433/x", ["postgresql://u:p@h1:5432/x",
                                               "postgresql://u:p@h2:5433/x"]),
        ("postgresql://u@/x?host=/a,/b&target_session_attrs=primary",
         ["postgresql://u@/x?host=/a", "postgresql://u@/x?host=/b"]),
        ("postgresql://u@/x?host=/a,/b&port=1,2",
         ["postgresql://u@/x?host=/a&port=1", "postgresql://u@/x?host=/b&port=2"]),
        ("postgresql://u@h/x?sslmode=require", ["postgresql://u@h/x?sslmode=require"]),
    ],
)  # fmt: skip
def test_an_address_of_several_servers_is_read_as_libpq_writes_it(url: str, expected: list[str]):
    assert servers.each(url) == expected


async def test_a_server_that_says_yes_too_early_is_not_written_through(settings: Settings):
    careless = servers.Servers(settings.database_url, standby_required=False)
    with pytest.raises(servers.CarelessServer, match="local"):
        await careless.connect(server_settings={"synchronous_commit": "local"})
    alone = servers.Servers(settings.database_url, standby_required=True)
    with pytest.raises(servers.CarelessServer, match="standby"):
        await alone.connect()


async def test_a_server_that_is_away_costs_a_second_and_an_old_leader_is_not_believed(
    settings: Settings, tmp_path
):
    gone = f"{settings.database_url},{tmp_path}"
    several = servers.Servers(gone, standby_required=False)
    async with asyncio.timeout(3):
        connection = await several.connect()
    await connection.close()
    several.timeline += 1
    with pytest.raises(servers.NoPrimary):
        await several.connect()


async def test_a_warning_at_the_commit_is_an_unknown_outcome(
    city: City, settings: Settings, db: asyncpg.Connection
):
    """What the server says when somebody cancels the wait for the standby: yes, but."""
    await db.execute("""
        create table public.doubt (id int);
        grant all on public.doubt to worker;
        create function public.warn() returns trigger language plpgsql as
          'begin raise warning ''canceling wait for synchronous replication''; return null; end';
        create constraint trigger doubt after insert on public.doubt deferrable initially deferred
          for each row execute function public.warn();
        grant usage on schema public to worker;
    """)
    async with city.ctx.begin() as work:
        await work.connection.execute("select 1")
    with pytest.raises(Exception) as raised:
        async with city.ctx.begin() as work:
            await work.connection.execute("insert into public.doubt values (1)")
    assert type(raised.value).__name__ == "CommitUnknown"
    assert await db.fetchval("select count(*) from public.doubt") == 1


async def test_a_repeat_waits_for_the_standby_as_the_first_answer_did(
    city: City, settings: Settings, db: asyncpg.Connection
):
    """With a standby required, a transaction that only reads leaves a record to be waited for."""
    strict = msgspec.structs.replace(settings, standby_required=True)
    pool = city.ctx.pools["worker"]

    async def end_of_log() -> int:
        sql = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
        return int(await db.fetchval(sql))

    async def written(with_: Settings) -> int:
        how = {"settings": with_, "vault": city.ctx.vault, "ring": lambda: None}
        async with begin(pool, SYSTEM, **how) as work:  # type: ignore[arg-type]
            before = await end_of_log()
            await work.vouch()
        return await end_of_log() - before

    assert await written(strict) > 0
    reads = [await written(settings) for _ in range(5)]
    assert 0 in reads


async def test_the_roles_of_the_processes_may_not_end_a_wait(settings: Settings):
    for role in ("app", "worker", "lane", "nightly"):
        connection = await database.connect(settings, role)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval("select pg_cancel_backend(1)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval("select pg_terminate_backend(1)")
        finally:
            await connection.close()
