"""Wages of ten thousand people: computed, and posted durably in one call."""

from __future__ import annotations

import time
from uuid import UUID

import asyncpg

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.ids import new_id
from app.jobs import Ctx
from tests.bench import yardstick
from tests.bench.posting import firms
from tests.bench.report import Figure, ratio

PEOPLE = 10_000
ROUNDS = 5


def wages(payer: tuple[UUID, UUID], payees: list[UUID]) -> list[NewEntry]:
    """One entry: the firm's account pays, everybody's account gets a thousand yuan."""
    legs = [Leg(account_id=payer[1], amount_fen=-100_000 * len(payees))]
    legs += [Leg(account_id=payee, amount_fen=100_000) for payee in payees]
    return [NewEntry(kind="payroll", business_key=str(new_id()), legs=legs)]


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """G5: payees a second posted in one call, against bare transfers one by one."""
    admin = await asyncpg.connect(url)
    await yardstick.prepare(admin)
    payer, *_ = await firms(ctx)
    async with ctx.begin(payer[0]) as work:
        payees = [await ledger.open_account(work) for _ in range(PEOPLE)]
    await admin.execute("analyze")
    await admin.close()
    posted, bare, spent = [], [], []
    for _ in range(ROUNDS):
        bare.append(await yardstick.transfers(url, clients=16, seconds=2))
        entries = wages(payer, payees)
        began = time.perf_counter()
        async with ctx.begin(payer[0]) as work:
            await ledger.post(work, entries=entries)
        spent.append(time.perf_counter() - began)
        posted.append(PEOPLE / spent[-1])
    middle = sorted(spent)[ROUNDS // 2]
    return [
        ratio(
            "G5",
            f"wages of {PEOPLE:,} posted durably in one call, payees a second",
            posted,
            bare,
            against="bare pgbench c16 uniform, one transfer a payee",
        ),
        Figure(
            goal="G5",
            what=f"wages of {PEOPLE:,}, milliseconds",
            value=round(middle * 1000),
            aim=100,
            met=middle <= 0.1,
            rounds=[round(one * 1000) for one in spent],
        ),
    ]
