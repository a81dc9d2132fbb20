"""The yardstick: a bare transfer in one call, timed by pgbench on the same server."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from app.embedded import postgres_binary

ACCOUNTS = 20_000

SCHEMA = """
create schema l;
create table l.accounts (
  id int primary key, balance bigint not null, version bigint not null default 0,
  floor bigint not null default 0, check (balance >= floor)) with (fillfactor = 50);
create table l.transfers (
  id bigint generated always as identity primary key, idem uuid unique, debit int, credit int,
  amount bigint check (amount > 0), created_at timestamptz default now(), check (debit <> credit));
create table l.postings (
  account_id int, version bigint, transfer_id bigint, amount bigint, balance_after bigint,
  primary key (account_id, version));
insert into l.accounts (id, balance) select g, 1000000000000 from generate_series(1, 20000) g;
create function l.post(p_idem uuid, p_debit int, p_credit int, p_amount bigint) returns bigint
language plpgsql as $$
declare v_id bigint; v_row record; d bigint; dv bigint; c bigint; cv bigint;
begin
  insert into l.transfers (idem, debit, credit, amount) values (p_idem, p_debit, p_credit, p_amount)
  on conflict do nothing returning id into v_id;
  if v_id is null then
    select id into v_id from l.transfers where idem = p_idem; return v_id;
  end if;
  for v_row in select id from l.accounts where id in (p_debit, p_credit) order by id
    for no key update loop end loop;
  update l.accounts set balance = balance - p_amount, version = version + 1 where id = p_debit
  returning balance, version into d, dv;
  update l.accounts set balance = balance + p_amount, version = version + 1 where id = p_credit
  returning balance, version into c, cv;
  insert into l.postings
  values (p_debit, dv, v_id, -p_amount, d), (p_credit, cv, v_id, p_amount, c);
  return v_id;
end $$;
"""
UNIFORM = f"""
\\set a random(1, {ACCOUNTS})
\\set b random(1, {ACCOUNTS - 1})
select l.post(gen_random_uuid(), :a::int, (case when :b >= :a then :b + 1 else :b end)::int, 1);
"""
HOT = f"""
\\set b random(2, {ACCOUNTS})
select l.post(gen_random_uuid(), 1, :b::int, 1);
"""
_TPS = re.compile(r"tps = ([0-9.]+)")


async def prepare(connection: asyncpg.Connection) -> None:
    """The bare schema beside ours in the same database."""
    await connection.execute(SCHEMA)


async def transfers(url: str, *, clients: int, seconds: float, hot: bool = False) -> float:
    """Transfers a second of the bare function, one call each."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as script:
        script.write(HOT if hot else UNIFORM)
    try:
        process = await asyncio.create_subprocess_exec(
            str(postgres_binary("pgbench")),
            "-h",
            folder,
            "-U",
            parts.username or "postgres",
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            "1",
            "-T",
            str(max(1, int(seconds))),
            "-f",
            script.name,
            parts.path.lstrip("/"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        found = _TPS.search(output.decode())
        assert found, output.decode()
        return float(found.group(1))
    finally:
        Path(script.name).unlink()
