"""Sixty-four clients drain one account by payments, holds and parts: never a fen too much."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg

from accounts.ledger import operations as ledger
from accounts.ledger.model import HoldChange, HoldNotOpen, InsufficientFunds, Leg, NewEntry
from app import database, embedded, verify
from app.errors import Overloaded
from app.ids import new_id
from app.jobs import Ctx
from app.settings import Settings, load
from tests.soak.kills import say
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run
from workers.main import open_ctx

ROUNDS, CLIENTS, ACTS = 100, 64, 12
DATABASE = "xw_drain"


@contextlib.asynccontextmanager
async def ledger_alone() -> AsyncIterator[tuple[Ctx, Settings]]:
    """A migrated database without firms, and hands to post with."""
    with embedded.throwaway() as servers:
        admin = await asyncpg.connect(servers.postgres.address("postgres"))
        await admin.execute(f"create database {DATABASE}")
        await admin.close()
        settings = load(
            {"XIAOWEI_VAR": str(servers.var)},
            database_url=servers.postgres.address(DATABASE), redis_url=servers.valkey.url,
            log_level="WARNING", pool_wait_seconds=60.0,
        )  # fmt: skip
        await database.prepare(settings)
        async with open_ctx(settings) as ctx:
            yield ctx, settings


class Round:
    """One account, what was funded, and what every client was told."""

    def __init__(self, ctx: Ctx, dice: random.Random, reached: Counter[str]) -> None:
        self.ctx, self.dice, self.reached = ctx, dice, reached
        self.firm = uuid4()
        self.account = self.capital = UUID(int=0)
        self.funded = dice.randrange(20_000, 200_000)
        self.paid: dict[str, int] = {}
        self.refused: set[str] = set()
        self.errors: list[str] = []
        self.done = False

    async def open(self) -> None:
        async with self.ctx.begin(self.firm) as work:
            self.account = await ledger.open_account(work)
            self.capital = await ledger.bank_side(work, kind="capital")
            await ledger.post(work, entries=[self.entry("fund", -self.funded)])

    def entry(self, key: str, amount_fen: int) -> NewEntry:
        """Money that leaves the account; a negative amount comes in."""
        legs = [
            Leg(account_id=self.account, amount_fen=-amount_fen),
            Leg(account_id=self.capital, amount_fen=amount_fen),
        ]
        return NewEntry(kind="drain", business_key=key, legs=legs)

    async def post(self, key: str, amount_fen: int, *holds: HoldChange, pays: bool = True) -> bool:
        """Ask the ledger; whether it said yes. What it says is kept for the judge."""
        entries = [self.entry(key, amount_fen)] if pays else []
        try:
            async with self.ctx.begin(self.firm) as work:
                await ledger.post(work, entries=entries, holds=holds)
        except InsufficientFunds as refusal:
            short = refusal.facts["short_fen"]
            self.reached["overdrafts_refused"] += 1
            self.refused.add(key)
            if not 1 <= short <= amount_fen:
                self.errors.append(f"{key}: {short} short of {amount_fen}: available was negative")
            return False
        except HoldNotOpen:
            self.errors.append(f"{key}: a client's own open hold was not open")
            return False
        if pays:
            self.paid[key] = amount_fen
        return True

    async def client(self, number: int) -> None:
        held: list[tuple[UUID, int]] = []
        for act in range(ACTS):
            key, amount = f"{number}.{act}", self.dice.randrange(1, self.funded // 120)
            what = self.dice.choice(("pay", "hold", "release", "capture", "part"))
            if what == "hold":
                hold = self.change("place", new_id(), amount)
                if await self.post(key, amount, hold, pays=False):
                    held.append((hold.hold_id, amount))
                    self.reached["holds_placed"] += 1
            elif what == "pay" or (not held and self.dice.random() < 0.3):
                self.note("paid", await self.post(key, amount))
            elif held:
                await self.use(what, key, *held.pop(), held)
        for number_left, (hold_id, amount) in enumerate(held):
            key = f"{number}.end.{number_left}"
            await self.post(key, amount, self.change("release", hold_id), pays=False)

    async def use(
        self, what: str, key: str, hold_id: UUID, amount: int, held: list[tuple[UUID, int]]
    ) -> None:
        """A hold of one's own: let go, taken whole, or taken in part with the rest still held."""
        if what == "release":
            change = self.change("release", hold_id)
            self.note("holds_released", await self.post(key, amount, change, pays=False))
        elif what == "capture" or amount < 2:
            change = self.change("capture", hold_id)
            self.note("holds_captured", await self.post(key, amount, change))
        else:
            part = self.dice.randrange(1, amount)
            change = self.change("capture_part", hold_id, part)
            self.note("holds_captured_in_part", await self.post(key, part, change))
            held.append((hold_id, amount - part))

    def note(self, what: str, done: bool) -> None:
        # Not `+= await`: that reads before it waits, and forgets what came meanwhile.
        self.reached[what] += done

    def change(self, action: str, hold_id: UUID, amount_fen: int = 0) -> HoldChange:
        return HoldChange(
            action=action,  # type: ignore[arg-type]
            hold_id=hold_id,
            account_id=self.account,
            amount_fen=amount_fen,
        )

    async def watch(self) -> None:
        """What any reader sees at any moment: never below nothing."""
        while not self.done:
            async with self.ctx.begin(self.firm) as work:
                seen = await ledger.balance(work, account_id=self.account)
            self.reached["looks_meanwhile"] += 1
            if seen.available_fen < 0 or seen.held_fen < 0:
                self.errors.append(f"seen: {seen}")
            await asyncio.sleep(0.005)

    async def run(self) -> list[str]:
        """All clients at once, then the last fen; what is wrong."""
        await self.open()
        watching = asyncio.create_task(self.watch())
        ended = await asyncio.gather(
            *(self.client(number) for number in range(CLIENTS)), return_exceptions=True
        )
        self.errors += [f"{type(one).__name__}: {one}" for one in ended if one is not None]
        async with self.ctx.begin(self.firm) as work:
            left = (await ledger.balance(work, account_id=self.account)).available_fen
        if await self.post("one-too-many", left + 1):
            self.errors.append("a fen more than there was")
        if left and not await self.post("the-last", left):
            self.errors.append("the last fen was refused")
        self.done = True
        await watching
        await self.judge()
        return self.errors

    async def judge(self) -> None:
        """The history as the ledger tells it: one order, no gap, and exactly what was said."""
        sql = (
            "select p.seq, p.amount_fen, p.balance_after_fen, e.business_key"
            " from ledger.postings p join ledger.entries e on e.business_id = p.business_id"
            " and e.booked_on = p.booked_on and e.id = p.entry_id"
            " where p.business_id = $1 and p.account_id = $2 order by p.seq"
        )
        async with self.ctx.begin(self.firm) as work:
            rows = await work.connection.fetch(sql, self.firm, self.account)
        balance, told = 0, {"fund": -self.funded} | self.paid
        for number, row in enumerate(rows, 1):
            balance += row["amount_fen"]
            if (row["seq"], row["balance_after_fen"]) != (number, balance) or balance < 0:
                self.errors.append(f"history: {dict(row)} after {balance}")
            if told.pop(row["business_key"], None) != -row["amount_fen"]:
                self.errors.append(f"history: {row['business_key']} was not said")
            if row["business_key"] in self.refused:
                self.errors.append(f"history: {row['business_key']} had been refused")
        self.errors += [f"said and not booked: {key}" for key in told]
        if balance != self.funded - sum(self.paid.values()) or balance != 0:
            self.errors.append(f"{balance} left")


async def soak(seed: int, rounds: int = ROUNDS) -> Report:
    """So many accounts, one after the other."""
    reached, errors, dice = Counter[str](), list[str](), random.Random(seed)
    async with ledger_alone() as (ctx, settings):
        for number in range(rounds):
            try:
                errors += await Round(ctx, dice, reached).run()
            except (asyncpg.PostgresError, Overloaded) as failed:
                errors.append(f"round {number}: {type(failed).__name__}: {failed}")
            if number % 10 == 9:
                say(f"round {number + 1} of {rounds}: {dict(reached)}")
        errors += [line for line in await verify.check(settings) if line.startswith("ledger_")]
    least = {
        "overdrafts_refused": 20, "holds_placed": 40, "holds_released": 10,
        "holds_captured": 10, "holds_captured_in_part": 10, "paid": 30, "looks_meanwhile": 5,
    }  # fmt: skip
    errors += [
        f"{name}: {reached[name]} of at least {times * rounds}"
        for name, times in least.items()
        if reached[name] < times * rounds
    ]
    reached["rounds"] = rounds
    return Report(
        part="drain", seed=seed, reached=dict(sorted(reached.items())), errors=len(errors),
        findings=errors,
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """So many rounds: prints what is wrong, 1 if anything is."""
    report = asyncio.run(soak(seed_of_run(), *map(int, arguments)))
    print(report.reached)
    print("\n".join(report.findings[:20]))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
