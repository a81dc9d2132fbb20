"""Posting through `ledger.post` in process, beside the bare function in the same rounds."""

from __future__ import annotations

import asyncio
import random
import time
from uuid import UUID, uuid4

import asyncpg

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.ids import new_id
from app.jobs import Ctx
from tests.bench import yardstick
from tests.bench.report import Figure, ratio

FIRMS = 200
SECONDS = 1.5
ROUNDS = 5


async def firms(ctx: Ctx) -> list[tuple[UUID, UUID]]:
    """Firms with a funded deposit each."""
    made = []
    for _ in range(FIRMS):
        business_id = uuid4()
        async with ctx.begin(business_id) as work:
            account = await ledger.open_account(work)
            capital = await ledger.bank_side(work, kind="capital")
            await ledger.post(
                work,
                entries=[
                    NewEntry(
                        kind="capital",
                        business_key="seed",
                        legs=[
                            Leg(account_id=account, amount_fen=10**12),
                            Leg(account_id=capital, amount_fen=-(10**12)),
                        ],
                    )
                ],
            )
        made.append((business_id, account))
    return made


async def pay(ctx: Ctx, payer: tuple[UUID, UUID], payee: tuple[UUID, UUID]) -> None:
    """One transfer of two entries in its own transaction."""
    transfer = new_id()
    key = str(transfer)
    async with ctx.begin(payer[0]) as work:
        await ledger.post(
            work,
            entries=[
                NewEntry(
                    kind="payment",
                    business_key=key,
                    transfer_id=transfer,
                    clearing_fen=1,
                    legs=[Leg(account_id=payer[1], amount_fen=-1)],
                ),
                NewEntry(
                    kind="payment",
                    business_key=key,
                    transfer_id=transfer,
                    clearing_fen=-1,
                    business_id=payee[0],
                    legs=[Leg(account_id=payee[1], amount_fen=1)],
                ),
            ],
        )


async def rate(ctx: Ctx, made: list[tuple[UUID, UUID]], *, flight: int, hot: bool) -> float:
    """Transfers a second with so many in flight."""
    done, until = 0, time.perf_counter() + SECONDS
    chosen = random.Random(flight)

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            payer, payee = chosen.sample(made, 2)
            if hot:
                payer = made[0] if payee is not made[0] else made[1]
            await pay(ctx, payer, payee)
            done += 1

    await asyncio.gather(*(one() for _ in range(flight)))
    return done / SECONDS


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """1, 16, 64, 256 in flight, uniform and on one hot account, against pgbench with 16 clients."""
    admin = await asyncpg.connect(url)
    await yardstick.prepare(admin)
    await admin.close()
    made = await firms(ctx)
    figures = []
    for hot in (False, True):
        seen: dict[int, list[float]] = {1: [], 16: [], 64: [], 256: []}
        bare = []
        for _ in range(ROUNDS):
            bare.append(await yardstick.transfers(url, clients=16, seconds=SECONDS, hot=hot))
            for flight, rates in seen.items():
                rates.append(await rate(ctx, made, flight=flight, hot=hot))
        place = "one hot account" if hot else "uniform"
        figures += [
            ratio(
                "posting",
                f"ledger.post as Work, {flight} in flight, {place}",
                rates,
                bare,
                against=f"bare pgbench c16 {place}, median {sorted(bare)[ROUNDS // 2]:.0f}/s",
            )
            for flight, rates in seen.items()
        ]
    return figures
