"""The primary is lost again and again, in every way; what was acknowledged is on the other one."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import msgspec

from app.servers import warnings_of
from tests.soak import oracle
from tests.soak.attack import Attack, Plan
from tests.soak.kills import FUNDS_FEN, prepared, say, settle
from tests.soak.pair import Node, Pair, pair
from tests.soak.report import Report
from tests.soak.system import eventually

# How long a commit waits for the standby before it counts as unknown.
COMMIT_SECONDS = 1.5
# Callers of ours whose commit waits for the standby.
WAITING = "select pid from pg_stat_activity where wait_event = 'SyncRep' and usename = 'app'"
MADE = "select count(*) from accounts.payments where state <> 'draft'"


class Promotions(msgspec.Struct, frozen=True, kw_only=True):
    """How often each way of losing the primary, and which (none means all)."""

    seed: int = 1
    each: int = 5
    only: tuple[str, ...] = ()
    clients: int = 6


class Failover:
    """A system on two servers, and what is done to them."""

    def __init__(self, attack: Attack, two: Pair) -> None:
        self.attack, self.two, self.reached = attack, two, attack.reached
        self.worst_seconds = 0.0

    async def lose(self, way: Callable[[Failover], Awaitable[None]]) -> None:
        """Under load: lose the primary this way, promote, bring the old one back as a standby."""
        till = self.attack.till
        async with till.load(self.attack.plan.clients):
            await asyncio.sleep(self.attack.dice.uniform(0.3, 0.8))
            while not till.in_flight:
                await asyncio.sleep(0.001)
            self.reached["in_flight_when_lost"] += till.in_flight
            await way(self)
            begun, answered = time.monotonic(), till.definite
            await self.two.rejoin()
            await eventually(lambda: till.definite > answered, 60, "payments go on", every=0.02)
            took = time.monotonic() - begun
        self.reached["promotions"] += 1
        self.worst_seconds = max(self.worst_seconds, took)

    async def kill_and_promote(self) -> None:
        await asyncio.to_thread(self.two.primary.kill)
        await self.two.promote()

    async def old_one_acknowledges_nothing(self, old: Node) -> None:
        """Writes sent straight to the old primary, which believes that it still leads."""
        async with old.look() as db:
            assert not await db.fetchval("select pg_is_in_recovery()")
            for number in range(3):
                with warnings_of(db) as warnings:
                    try:
                        await db.execute(
                            "insert into core.ticks values ($1, '2000-01-01')",
                            f"soak.{number}.{time.monotonic_ns()}", timeout=0.7,
                        )  # fmt: skip
                    except (TimeoutError, asyncpg.PostgresError):
                        self.reached["old_primary_asked_in_vain"] += 1
                        continue
                if not warnings:
                    self.attack.errors.append("the old primary acknowledged a write")

    async def alone(self, during: Callable[[], Awaitable[None]], *, cut: bool) -> None:
        """The standby stands still meanwhile; then the primary is lost with what it has alone.

        `cut`: what was on its way is lost too, else the standby finds it when it wakes.
        """
        self.two.standby.freeze(cut=cut)
        await during()
        async with self.two.primary.look() as db:
            before = int(await db.fetchval(MADE))
        await asyncio.to_thread(self.two.primary.kill)
        self.two.standby.thaw()
        await self.two.promote()
        async with self.two.primary.look() as db:
            self.reached["committed_here_alone"] += max(before - int(await db.fetchval(MADE)), 0)


async def killed(failover: Failover) -> None:
    """kill -9 of the primary."""
    await failover.kill_and_promote()


async def frozen_primary(failover: Failover) -> None:
    """The primary stands still, the other is promoted, the first wakes and thinks that it leads."""
    old = failover.two.primary
    old.freeze()
    await failover.two.promote()
    await asyncio.sleep(failover.attack.dice.uniform(0.5, 2.5))
    old.thaw()
    failover.reached["two_primaries"] += 1
    await failover.old_one_acknowledges_nothing(old)
    await asyncio.to_thread(old.kill)


async def frozen_standby(failover: Failover) -> None:
    """The standby stands still until callers give up, then the primary is lost."""
    reached = failover.attack.till.reached

    async def given_up() -> None:
        before = reached["answered_unknown"]
        await eventually(
            lambda: reached["answered_unknown"] > before + 3, 30, "callers are told unknown"
        )

    await failover.alone(given_up, cut=failover.attack.dice.random() < 0.5)


async def cancelled_waits(failover: Failover) -> None:
    """Waits for the standby are cancelled and ended by an administrator, then the primary is lost.

    The server says yes to the cancelled ones, with only a warning.
    """

    async def end_them() -> None:
        ended = 0
        while ended < 8:
            async with failover.two.primary.look() as db:
                for row in await db.fetch(WAITING):
                    how = failover.attack.dice.choice(("cancel", "terminate"))
                    if await db.fetchval(f"select pg_{how}_backend($1)", row["pid"]):
                        failover.reached[f"waits_ended_by_{how}"] += 1
                        ended += 1
            await asyncio.sleep(0.05)

    await failover.alone(end_them, cut=True)


WAYS = {
    "killed": killed,
    "frozen_primary": frozen_primary,
    "frozen_standby": frozen_standby,
    "cancelled_waits": cancelled_waits,
}


async def run(plan: Promotions) -> Report:
    """All promotions in an order that the seed decides, then the judge."""
    ways = [WAYS[name] for name in plan.only or WAYS for _ in range(plan.each)]
    given = {"XIAOWEI_STANDBY_REQUIRED": "true", "XIAOWEI_COMMIT_SECONDS": str(COMMIT_SECONDS)}
    async with (
        pair() as two,
        prepared(
            Plan(seed=plan.seed, clients=plan.clients), DATABASE_URL=two.url, **given
        ) as attack,
    ):
        failover = Failover(attack, two)
        attack.dice.shuffle(ways)
        try:
            for way in ways:
                await attack.till.refresh(attack.checker)
                await eventually(attack.can_breathe, 300, "the jobs keep up", every=0.3)
                begun = time.monotonic()
                await failover.lose(way)
                say(f"{way.__name__}: {time.monotonic() - begun:.1f} s")
            await settle(attack)
            verdict = await oracle.judge(attack.till, funded_fen=FUNDS_FEN, runs=[])
        except (AssertionError, TimeoutError) as failed:
            verdict = oracle.Verdict(errors=[f"{type(failed).__name__}: {failed}"])
        verdict.errors += attack.errors
        verdict.errors += [f"verify: {line}" for line in await attack.system.verify()]
        if not verdict.clean:
            attack.system.keep_logs(Path("var/soak/standby-log"))
    reached = attack.reached + attack.till.reached
    reached["old_primaries_copied_anew"] = two.rebuilt
    reached["milliseconds_until_payments_go_on_at_worst"] = int(1000 * failover.worst_seconds)
    reached["payments"] = len(attack.till.intents)
    verdict.errors += too_rare(reached, plan)
    return Report(
        part="standby", seed=plan.seed, reached=dict(sorted(reached.items())),
        lost=len(verdict.lost), doubled=len(verdict.doubled), errors=len(verdict.errors),
        findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def too_rare(reached: dict[str, int], plan: Promotions) -> list[str]:
    """Dangerous states that were not reached often enough for a zero to mean anything."""
    names = plan.only or tuple(WAYS)
    least = {"promotions": plan.each * len(names), "in_flight_when_lost": plan.each * len(names)}
    if "frozen_primary" in names:
        least |= {"two_primaries": plan.each, "old_primary_asked_in_vain": 3 * plan.each}
    if "frozen_standby" in names:
        least["answered_unknown"] = 3 * plan.each
    if "cancelled_waits" in names:
        least |= {"waits_ended_by_cancel": plan.each, "committed_here_alone": plan.each}
    return [
        f"{name}: {reached.get(name, 0)} of at least {times}"
        for name, times in least.items()
        if reached.get(name, 0) < times
    ]


async def soak(seed: int) -> Report:
    """Twenty promotions."""
    return await run(Promotions(seed=seed))


def main(argument: str) -> int:
    """Promotions by a plan in JSON: prints what is wrong, 1 if anything is."""
    report = asyncio.run(run(msgspec.json.decode(argument, type=Promotions)))
    print(report.reached)
    print("\n".join(report.findings))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
