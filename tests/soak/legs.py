"""The two legs of a transfer as two transactions, with kill -9 between them: nothing is lost.

Today one statement writes both. On several machines it would not: then the payer's leg is booked
with its clearing amount, and whoever comes next books the payee's. This is what the ledger must
bear for that, tried on a ledger whose check of both legs in one call has been taken away.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from accounts.ledger import operations as ledger
from accounts.ledger.model import AlreadyPosted, InsufficientFunds, Leg, NewEntry
from app import database, embedded, verify, work
from app.actor import SYSTEM
from app.ids import new_id
from app.settings import Settings, load
from app.vault import Vault, parse_masters
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run

KILLS, FIRMS, FUNDS_FEN = 1_000, 6, 10_000_000
FORK = multiprocessing.get_context("fork")
BOTH_LEGS = "having sum(t.clearing) <> 0"
HALVES = """
select business_id, transfer_id, business_key, clearing_fen from ledger.entries e
where kind = 'apart' and clearing_fen > 0 and not exists (
  select from ledger.entries o where o.transfer_id = e.transfer_id and o.clearing_fen < 0)
"""
# Each firm by itself, in one snapshot; its legs and its clearing.
UNBALANCED = """
select e.business_id from ledger.entries e
join (select business_id, entry_id, sum(amount_fen) total from ledger.postings group by 1, 2) p
  on p.business_id = e.business_id and p.entry_id = e.id
group by e.business_id having sum(p.total) + sum(e.clearing_fen) <> 0
"""
AT_REST = "select transfer_id from ledger.entries where transfer_id is not null"
DOUBLE = f"{AT_REST} group by 1 having count(*) <> 2"
OPEN = f"{AT_REST} group by 1 having sum(clearing_fen) <> 0"
FIRMS_OF = list[tuple[UUID, UUID]]


class Post:
    """Hands to post with, as any process of ours has them."""

    def __init__(self, settings: Settings, pool: database.Pool) -> None:
        self.settings, self.pool = settings, pool
        self.vault = Vault(parse_masters(settings.master_key))

    def begin(self, business: UUID) -> AbstractAsyncContextManager[work.Work]:
        return work.begin(
            self.pool, replace(SYSTEM, business_id=business), settings=self.settings,
            vault=self.vault, ring=lambda: None,
        )  # fmt: skip

    async def first_leg(self, payer: tuple[UUID, UUID], told: dict[str, Any]) -> None:
        """The payer's leg and, in the same transaction, the word that the payee's is owed."""
        business, account = payer
        async with self.begin(business) as current:
            await current.connection.execute(
                "insert into core.outbox (id, name, business_id, actor, payload, at, relayed_at)"
                " values ($1, 'soak.leg', $2, 'soak', $3, $4, $4)",
                UUID(told["transfer"]), business, told, current.now,
            )  # fmt: skip
            entry = NewEntry(
                kind="apart", business_key=told["key"], transfer_id=UUID(told["transfer"]),
                clearing_fen=told["fen"], legs=[Leg(account_id=account, amount_fen=-told["fen"])],
            )  # fmt: skip
            await ledger.post(current, entries=[entry])

    async def second_leg(self, payee: tuple[UUID, UUID], told: dict[str, Any]) -> None:
        """The payee's leg, after which nothing is owed any more; harmless the second time."""
        business, account = payee
        entry = NewEntry(
            kind="apart", business_key=told["key"], transfer_id=UUID(told["transfer"]),
            clearing_fen=-told["fen"], legs=[Leg(account_id=account, amount_fen=told["fen"])],
        )  # fmt: skip
        async with self.begin(business) as current:
            with suppress(AlreadyPosted):
                await ledger.post(current, entries=[entry])
            await current.connection.execute(
                "delete from core.outbox where id = $1", UUID(told["transfer"])
            )

    async def finish(self, firms: FIRMS_OF) -> None:
        """Finish what another process left half done."""
        for row in await self.pool.fetch(
            "select payload from core.outbox where name = 'soak.leg' order by id"
        ):
            await self.second_leg(firms[row["payload"]["to"]], row["payload"])


async def transfers(settings: Settings, firms: FIRMS_OF, seed: int) -> None:
    """A process: finish what another left half done, then transfer until it is killed."""
    dice = random.Random(seed)
    post = Post(settings, await database.create_pool(settings, "worker", 1))
    await post.finish(firms)
    while True:
        payer, payee = dice.sample(range(len(firms)), 2)
        told = {"to": payee, "transfer": str(new_id()), "key": str(uuid4())}
        told["fen"] = dice.randrange(1, 500)
        with suppress(InsufficientFunds):
            await post.first_leg(firms[payer], told)
            await asyncio.sleep(dice.uniform(0, 0.003))
            await post.second_leg(firms[payee], told)


async def read_on(settings: Settings, found: Any) -> None:
    """A process that looks at every moment: each firm's books balance by themselves."""
    db = await database.connect(settings)
    looks = 0
    while os.getppid() != 1:
        rows = await db.fetch(UNBALANCED)
        looks += 1
        found.put((looks, [str(row[0]) for row in rows]))
        await asyncio.sleep(0.01)


async def open_firms(settings: Settings) -> FIRMS_OF:
    """Firms with money, on a ledger that takes the two legs of a transfer one by one."""
    db = await database.connect(settings)
    text = await db.fetchval(
        "select pg_get_functiondef(oid) from pg_proc where oid = 'ledger.post'::regproc"
    )
    assert BOTH_LEGS in text, "the check of both legs is written in other words"
    await db.execute(text.replace(BOTH_LEGS, "having false"))
    await db.close()
    pool = await database.create_pool(settings, "worker", 1)
    post, firms = Post(settings, pool), []
    for _ in range(FIRMS):
        business = uuid4()
        async with post.begin(business) as current:
            account = await ledger.open_account(current)
            capital = await ledger.bank_side(current, kind="capital")
            legs = [
                Leg(account_id=account, amount_fen=FUNDS_FEN),
                Leg(account_id=capital, amount_fen=-FUNDS_FEN),
            ]
            funding = NewEntry(kind="fund", business_key="fund", legs=legs)
            await ledger.post(current, entries=[funding])
        firms.append((business, account))
    await pool.close()
    return firms


def begin(target: Any, *arguments: Any) -> Any:
    """A process of ours, forked: it costs nothing to begin it a thousand times."""
    process = FORK.Process(target=_run, args=(target, *arguments), daemon=True)
    process.start()
    return process


def _run(target: Any, *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(target(*arguments))


async def halves(settings: Settings) -> int:
    db = await database.connect(settings)
    try:
        return len(await db.fetch(HALVES))
    finally:
        await db.close()


async def judge(settings: Settings) -> tuple[Counter[str], list[str]]:
    """At rest: no leg is missing, none is there twice, and every firm balances."""
    db = await database.connect(settings)
    reached = Counter(transfers=await db.fetchval(
        "select count(distinct transfer_id) from ledger.entries where transfer_id is not null"
    ))  # fmt: skip
    errors = []
    for what, sql in (
        ("half or double", DOUBLE),
        ("not cleared", OPEN),
        ("unbalanced", UNBALANCED),
    ):
        errors += [f"{what}: {row[0]}" for row in await db.fetch(sql)]
    await db.close()
    errors += [line for line in await verify.check(settings) if line.startswith("ledger_")]
    return reached, errors


async def finish(settings: Settings, firms: FIRMS_OF) -> None:
    """What the last killed process left half done is finished, as the next one would."""
    pool = await database.create_pool(settings, "worker", 1)
    await Post(settings, pool).finish(firms)
    await pool.close()


def attack(settings: Settings, kills: int, seed: int) -> Report:
    """Kill the process that transfers again and again, while another one looks."""
    dice, reached = random.Random(seed), Counter[str]()
    firms = asyncio.run(open_firms(settings))
    found: Any = FORK.SimpleQueue()
    reader = begin(read_on, settings, found)
    errors: list[str] = []
    for number in range(kills):
        process = begin(transfers, settings, firms, seed * 1_000_000 + number)
        time.sleep(dice.uniform(0.04, 0.12))
        process.kill()
        process.join()
        reached["kills"] += 1
        if asyncio.run(halves(settings)):
            reached["kills_between_the_legs"] += 1
        while not found.empty():
            reached["looks_meanwhile"], unbalanced = found.get()
            errors += [f"unbalanced meanwhile: {firm}" for firm in unbalanced]
    reader.kill()
    asyncio.run(finish(settings, firms))
    more, wrong = asyncio.run(judge(settings))
    reached += more
    if reached["kills_between_the_legs"] < max(kills // 20, 1):
        wrong.append(f"only {reached['kills_between_the_legs']} kills fell between the legs")
    errors += wrong
    return Report(
        part="legs", seed=seed, reached=dict(sorted(reached.items())), errors=len(errors),
        findings=errors,
    )  # fmt: skip


def run(seed: int, kills: int) -> Report:
    """On servers of its own."""
    with embedded.throwaway() as servers:
        address = servers.postgres.address("xiaowei")
        settings = load(
            {"XIAOWEI_VAR": str(servers.var)}, database_url=address, redis_url=servers.valkey.url,
            log_level="WARNING",
        )  # fmt: skip
        asyncio.run(database.prepare(settings))
        return attack(settings, kills, seed)


async def soak(seed: int) -> Report:
    """A thousand kills, in a process of its own: it forks."""
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.soak.legs", str(KILLS), stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"SEED": str(seed)},
    )  # fmt: skip
    said, _ = await done.communicate()
    return msgspec.json.decode(said.splitlines()[-1], type=Report)


def main(arguments: list[str]) -> int:
    """So many kills: prints the report as JSON, 1 if anything is wrong."""
    report = run(seed_of_run(), int(arguments[0]))
    print(msgspec.json.encode(report).decode())
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
