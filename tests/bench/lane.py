"""The payment lane in process and over HTTP, beside the bare function and itself one at a time."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec

from accounts.lane import operations
from accounts.lane.model import Item
from accounts.payments.model import NewPayment
from app import database
from app.actor import Actor
from app.jobs import Ctx
from tests.bench import load, yardstick
from tests.bench.payment import OUR_BANK, Payer, order, orders, payers, serving
from tests.bench.report import Figure, ratio

SECONDS = 1.5
ROUNDS = 5
FIRMS = 1_000
CLIENTS = 16
FLIGHTS = (1, 16, 64, 256)
SIZES = (64, 256)


async def ready(ctx: Ctx, made: list[Payer], people: dict[str, UUID]) -> None:
    """Generous limits and a known data key for every payer, as after their first payment."""
    for payer in made:
        business_id = UUID(payer.business_id)
        async with ctx.begin(business_id) as work:
            people[payer.business_id] = await work.connection.fetchval(
                "select person_id from identity.memberships where business_id = $1", business_id
            )
            await work.connection.execute(
                "insert into accounts.person_limits"
                " (business_id, person_id, single_fen, daily_fen, day)"
                " values ($1, $2, 1000000000, 1000000000000000, $3)",
                business_id,
                people[payer.business_id],
                work.today,
            )
            await ctx.vault.seal(work, "x", scope=business_id, place="bench", row_id=uuid4())
        async with ctx.begin(business_id) as work:
            await ctx.vault.learn(work, scope=business_id)


def item(ctx: Ctx, payer: Payer, payee: Payer, person_id: UUID) -> Item:
    """One payment of a fen, ready for a batch."""
    made = operations.as_item(
        ctx.vault,
        actor=Actor(kind="person", person_id=person_id, business_id=UUID(payer.business_id)),
        new=msgspec.convert(
            {
                "account_id": payer.account_id,
                "amount_fen": 1,
                "memo": "货款",
                "payee": {
                    "name": payee.name,
                    "account_number": payee.number,
                    "bank_code": OUR_BANK,
                },
            },
            NewPayment,
        ),
        key=f"bench-{uuid4().hex}",
    )
    assert made is not None
    return made


def batches(
    ctx: Ctx, made: list[Payer], people: dict[str, UUID], *, size: int, hot: bool
) -> Iterator[list[Item]]:
    """Batches built before the clock runs."""
    chosen = random.Random(size)
    while True:
        batch = []
        for _ in range(size):
            payer, payee = chosen.sample(made, 2)
            if hot:
                payer = made[0] if payee is not made[0] else made[1]
            batch.append(item(ctx, payer, payee, people[payer.business_id]))
        yield batch


async def rate(connections: list[asyncpg.Connection], source: Iterator[list[Item]]) -> float:
    """Payments a second: every connection sends one batch after the other, ready made."""
    ready_made = [[next(source) for _ in range(40)] for _ in connections]
    done, spent = 0, 0.0
    while spent < SECONDS:
        started = time.perf_counter()

        async def one(connection: asyncpg.Connection, queue: list[list[Item]]) -> int:
            told = [await operations.send(connection, batch) for batch in queue]
            assert all(v.outcome == "settled" for verdicts in told for v in verdicts)
            return sum(map(len, told))

        done += sum(await asyncio.gather(*map(one, connections, ready_made)))
        spent += time.perf_counter() - started
        ready_made = [[next(source) for _ in range(40)] for _ in connections]
    return done / spent


def processor(pid: int, *, children: bool = False) -> float:
    """Processor seconds of a process, or of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    first = 13 if children else 11
    return (int(fields[first]) + int(fields[first + 1])) / os.sysconf("SC_CLK_TCK")


def parent(pid: int) -> int:
    """The server behind a backend."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def effort(ctx: Ctx, url: str, made: list[Payer], people: dict[str, UUID]) -> Figure:
    """Processor time in PostgreSQL: what other load on the machine does not disturb."""
    line = await database.connect(ctx.settings, "lane")
    pid = line.get_server_pid()
    server = parent(pid)
    source = batches(ctx, made, people, size=256, hot=False)
    bare, ours = [], []
    for _ in range(ROUNDS):
        began = processor(server, children=True)
        moved = await yardstick.transfers(url, clients=CLIENTS, seconds=4) * 4
        bare.append((processor(server, children=True) - began) / moved)
        queue = [next(source) for _ in range(60)]
        began = processor(pid)
        for batch in queue:
            await operations.send(line, batch)
        ours.append((processor(pid) - began) / sum(map(len, queue)))
    await line.close()
    return ratio(
        "G1",
        "processor time in PostgreSQL, bare transfer ÷ payment in a batch of 256",
        bare,
        ours,
        against=f"a payment takes {statistics.median(ours) * 1e6:.0f} µs of a processor",
    )


async def in_process(
    ctx: Ctx, url: str, made: list[Payer], people: dict[str, UUID]
) -> list[Figure]:
    """G1: batches of 64 and 256 on one connection, and the same function one at a time on 16."""
    lines = [await database.connect(ctx.settings, "lane") for _ in range(CLIENTS)]
    figures = []
    for hot in (False, True):
        place = "one hot account" if hot else "uniform"
        bare: list[float] = []
        alone: list[float] = []
        seen: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(ROUNDS):
            bare.append(await yardstick.transfers(url, clients=CLIENTS, seconds=SECONDS, hot=hot))
            alone.append(await rate(lines, batches(ctx, made, people, size=1, hot=hot)))
            for size, rates in seen.items():
                rates.append(await rate(lines[:1], batches(ctx, made, people, size=size, hot=hot)))
        for size, rates in seen.items():
            aim = (3.0 if size == 256 else 1.8) if not hot else None
            figures += [
                ratio(
                    "G1",
                    f"lane in process, batch of {size}, {place}",
                    rates,
                    bare,
                    against=f"bare pgbench c16 {place}, median {statistics.median(bare):.0f}/s",
                    aim=aim,
                ),
                ratio(
                    "G1" if not hot else "G3",
                    f"lane in process, batch of {size}, {place}, against itself",
                    rates,
                    alone,
                    against="the same function one at a time, 16 connections",
                    aim=(8.0 if hot else 3.0) if size == 256 else None,
                ),
            ]
    for line in lines:
        await line.close()
    return figures


AIMS = {64: 1.2, 256: 1.3}


async def over_http(ctx: Ctx, url: str, made: list[Payer], people: dict[str, UUID]) -> list[Figure]:
    """G2, G3: complete payments over HTTP, sign-in included."""
    lines = [await database.connect(ctx.settings, "lane") for _ in range(CLIENTS)]
    figures = []
    async with serving(ctx, url, lane=True) as port:
        warm = iter([order(payer, made[0], f"warm-{uuid4().hex}") for payer in made[1:]] * 2)
        connection = await load.Connection.open(port)
        for raw in warm:
            await connection.ask(raw)
        connection.close()
        for hot in (False, True):
            place = "one hot account" if hot else "uniform"
            seen: dict[int, list[float]] = {flight: [] for flight in FLIGHTS}
            slow: dict[int, list[float]] = {flight: [] for flight in FLIGHTS}
            bare: list[float] = []
            alone: list[float] = []
            one_by_one: list[float] = []
            middle: list[float] = []
            requests = orders(made, hot=hot)
            for _ in range(ROUNDS):
                bare.append(
                    await yardstick.transfers(url, clients=CLIENTS, seconds=SECONDS, hot=hot)
                )
                alone.append(await rate(lines, batches(ctx, made, people, size=1, hot=hot)))
                one_by_one.append(
                    1 / await yardstick.transfers(url, clients=1, seconds=SECONDS, hot=hot)
                )
                for flight, rates in seen.items():
                    told = await load.run(port, requests, flight=flight, seconds=SECONDS)
                    assert set(told.statuses) == {201}, told.statuses
                    rates.append(len(told.seconds) / SECONDS)
                    slow[flight].append(told.quantile(0.99))
                    if flight == 1:
                        middle.append(told.quantile(0.5))
            figures.append(
                ratio(
                    "G4",
                    f"POST /v1/payments alone, p50, {place} (times)",
                    middle,
                    one_by_one,
                    against="a bare transfer by one pgbench client",
                    aim=2.5,
                    at_most=True,
                )
            )
            for flight, rates in seen.items():
                figures += [
                    ratio(
                        "G3" if hot else "G2",
                        f"POST /v1/payments by the lane, {flight} in flight, {place}",
                        rates,
                        bare,
                        against=f"bare pgbench c16 {place}",
                        aim=None if hot else AIMS.get(flight),
                    ),
                    ratio(
                        "G3" if hot else "G2",
                        f"same, {flight} in flight, {place}, against its function one at a time",
                        rates,
                        alone,
                        against="the function one at a time, 16 connections",
                        aim={64: 4.5}.get(flight) if hot else {64: 1.4, 256: 1.7}.get(flight),
                    ),
                ]
    for line in lines:
        await line.close()
    return figures


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """Interleaved rounds of everything."""
    admin = await asyncpg.connect(url)
    await yardstick.prepare(admin)
    await admin.close()
    made = await payers(ctx, FIRMS)
    people: dict[str, UUID] = {}
    await ready(ctx, made, people)
    figures = await in_process(ctx, url, made, people)
    figures.append(await effort(ctx, url, made, people))
    return figures + await over_http(ctx, url, made, people)
