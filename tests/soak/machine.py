"""The money machine at length, and bugs planted into the database that it must notice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from app import database, embedded
from app.settings import Settings
from tests.conftest import TEMPLATE, memory, settings_for
from tests.machine import machine
from tests.soak.report import Report

RUNS = int(os.environ.get("RUNS") or 5_000)
STEPS = 30
# How many runs a bug has before it counts as not noticed.
CHANCES = 150
DEFINITION = "select pg_get_functiondef('ledger.post'::regproc)"
# Second walls that would notice by themselves: a bug is planted behind them too.
WALLS = (
    "alter table ledger.accounts drop constraint if exists account_never_falls_below_its_floor",
    "alter table ledger.accounts drop constraint if exists held_is_never_negative",
    "alter table ledger.holds drop constraint if exists closed_holds_have_a_moment",
    "drop trigger if exists frozen_money_stays on ledger.accounts",
)


class Bug(msgspec.Struct, frozen=True, kw_only=True):
    """Texts of `ledger.post` replaced by others, wherever they stand."""

    bug: str
    patches: tuple[tuple[str, str], ...]


HELD = """case h.action when 'place' then h.amount when 'capture_part' then -h.amount
                             else -o.amount_fen end"""
HELD_TOO = """case h.action when 'place' then h.amount when 'capture_part' then -h.amount
                         else -o.amount_fen end"""
BUGS = (
    Bug(
        bug="what is available ignores holds",
        patches=(
            ("a.balance_fen + t.delta - a.held_fen - t.held < a.floor_fen",
             "a.balance_fen + t.delta < a.floor_fen"),
        ),
    ),
    Bug(
        bug="a captured hold stays open",
        patches=(("when 'capture' then 'captured'\n", "when 'capture' then 'open'\n"),),
    ),
    Bug(
        bug="a hold can be let go twice",
        patches=(("(h.action <> 'place' and o.state <> 'open')",
                  "(h.action not in ('place', 'release') and o.state <> 'open')"),),
    ),
    Bug(
        bug="a captured part frees the rest",
        patches=((HELD_TOO, "case h.action when 'place' then h.amount else -o.amount_fen end"),),
    ),
    Bug(
        bug="a hold past its term is captured",
        patches=(("h.action in ('capture', 'capture_part') and o.expires_at <= p_at", "false"),),
    ),
    Bug(
        bug="an overdraft of one fen",
        patches=(("- a.held_fen - t.held < a.floor_fen",
                  "- a.held_fen - t.held < a.floor_fen - 1"),),
    ),
    Bug(
        bug="a stopped account is debited",
        patches=(("((t.debited or t.placed) and a.state in ('no_debit', 'blocked', 'closed'))",
                  "(t.placed and a.state in ('no_debit', 'blocked', 'closed'))"),),
    ),
    Bug(
        bug="the accounts are not locked",
        patches=((" for no key update", ""),),
    ),
)  # fmt: skip


async def plant(settings: Settings, bug: Bug) -> None:
    """Put the bug into this database; AssertionError when the code has moved on."""
    connection = await database.connect(settings)
    try:
        text: str = await connection.fetchval(DEFINITION)
        for old, new in bug.patches:
            assert old in text, f"{bug.bug}: no longer there: {old!r}"
            text = text.replace(old, new)
        await connection.execute(text)
        for wall in WALLS:
            await connection.execute(wall)
    finally:
        await connection.close()


async def notices(settings: Settings, bug: Bug, number: int) -> str:
    """What the machine said about the bug; empty when it noticed nothing."""
    await plant(settings, bug)
    try:
        await asyncio.to_thread(machine.play, settings, runs=CHANCES, steps=STEPS, number=number)
    except (Exception, ExceptionGroup) as noticed:
        return str(noticed).strip().splitlines()[0][:300] or type(noticed).__name__
    return ""


@asynccontextmanager
async def clone(servers: embedded.Throwaway, name: str) -> AsyncIterator[Settings]:
    """A database of its own."""
    admin = await asyncpg.connect(servers.postgres.address("postgres"))
    try:
        await admin.execute(f"create database {name} template {TEMPLATE} strategy wal_log")
        yield settings_for(servers, name, 0)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


async def soak(number: int) -> Report:
    """All runs without a difference, then each bug in turn."""
    report = Report(part="machine", seed=number, planted=len(BUGS))
    with embedded.throwaway(where=memory()) as servers:
        admin = await asyncpg.connect(servers.postgres.address("postgres"))
        await admin.execute(f"create database {TEMPLATE}")
        await admin.close()
        await database.prepare(settings_for(servers, TEMPLATE, 0))
        for no, bug in enumerate(BUGS):
            async with clone(servers, f"bug_{no}") as settings:
                said = await notices(settings, bug, number)
            print(f"{bug.bug}: {said or 'NOT noticed'}", flush=True)
            report.caught += bool(said)
            report.reached[f"{bug.bug}: {'noticed' if said else 'NOT noticed'}"] = 1
        async with clone(servers, "machine") as settings:
            try:
                reached = await asyncio.to_thread(
                    machine.play, settings, runs=RUNS, steps=STEPS, number=number
                )
            except (Exception, ExceptionGroup) as parted:
                report.errors += 1
                report.findings.append(str(parted))
                return report
    report.reached |= dict(reached)
    for short in machine.too_few(reached):
        report.errors += 1
        report.findings.append(f"reached too seldom: {short}")
    return report
