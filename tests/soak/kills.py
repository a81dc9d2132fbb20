"""Everything is killed at the worst moments and at random ones; then all must be well."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import msgspec
import redis.asyncio as redis

from tests.firms import Firm, open_firm, open_supplier
from tests.flows.test_payroll_pays_everybody import card, hire, make, step
from tests.soak import oracle, proxy
from tests.soak.ports import neighbours
from tests.soak.report import Report
from tests.soak.system import PARTS, LiveCity, System, eventually, opened
from tests.soak.till import Journal, Till
from workers.main import AT_ONCE, QUEUE

# How many answers to COMMIT are lost at a time, and how many COMMITs.
LOSSES: tuple[tuple[proxy.Loss, int], ...] = (("answer", 5), ("commit", 3))
# Jobs that may wait when the next blow falls.
BACKLOG = 120
FUNDS_FEN = 900_000_000
PEOPLE = 12


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of it: repeats of each named point, random kills of each part."""

    seed: int = 1
    named: int = 1
    kills: int = 2
    clients: int = 4
    # Only these named points; none means all.
    only: tuple[str, ...] = ()
    # How long what has piled up may take, once nothing is killed any more.
    settle_seconds: int = 240


class Attack:
    """A system, its clients, and how often each dangerous state was really reached."""

    def __init__(self, system: System, city: LiveCity, till: Till, checker: Any, plan: Plan):
        self.system, self.city, self.till, self.checker = system, city, till, checker
        self.plan, self.dice = plan, random.Random(plan.seed)
        self.reached: Counter[str] = Counter()
        self.stranded: dict[Any, asyncpg.Record] = {}
        self.runs: list[dict[str, Any]] = []
        self.errors: list[str] = []

    async def under_load(self, strike: Callable[[], Awaitable[int]]) -> int:
        """Strike while clients pay; each then finishes what it began, however long that takes."""
        async with self.till.load(self.plan.clients):
            await asyncio.sleep(self.dice.uniform(0.1, 0.4))
            # At a moment that is dangerous: somebody waits for an answer.
            while not self.till.in_flight:
                await asyncio.sleep(0.001)
            in_flight = self.till.in_flight
            self.reached["in_flight_at_kills"] += in_flight
            self.reached["kills_with_requests_in_flight"] += in_flight > 0
            return await strike()

    async def kill(self, part: str) -> None:
        """kill -9 of one part under load, its return, and what it left in the air."""

        async def strike() -> int:
            pid = await self.system.kill(part)
            if part == "worker":
                await self.note_stranded()
            return pid

        before = await self.under_load(strike)
        await self.system.back(part, before)
        self.reached[f"kills_{part}"] += 1

    async def can_breathe(self) -> bool:
        """Work is under way, but no longer more than a few seconds of it."""
        return await self.system.waiting() < BACKLOG

    async def note_stranded(self) -> None:
        """Jobs that the dead worker held: each must have been counted before it ran."""
        for row in await self.system.stranded():
            self.stranded[row["id"]] = row
            if row["attempts"] < 1:
                self.errors.append(f"{row['job']} runs uncounted: it could kill workers for ever")

    async def tell(self, fault: str = "", **orders: Any) -> None:
        """Order the clearing house to misbehave from now on."""
        orders |= {fault: True} if fault else {}
        answer = await self.city.world.post("/control/clearing_house", json=orders)
        assert answer.status_code == 200, answer.text

    async def struck(self) -> bool:
        """Whether the clearing house has done and failed as often as it was told."""
        strikes = (await self.city.world.get("/control")).json()["clearing_house"]["strikes"]
        if (done := strikes.get("done_but_failed", 0)) < 3:
            # Only what is sent can fail.
            await self.till.pay(self.till.intend("outside"))
            return False
        self.reached["outside_did_it_and_said_500"] += done
        await self.tell()
        return True

    async def die_at(self, point: str, part: str) -> None:
        """Under load the next process that passes this point dies there, and comes back."""
        before = await self.system.pid(part)
        async with self.till.load(self.plan.clients):
            self.system.arm(point)
            await self.system.hit(point)
            if part == "worker":
                await self.note_stranded()
        await self.system.back(part, before)
        self.reached[f"died_at_{point}"] += 1


# --- the named points -----------------------------------------------------------------------------


async def committed(attack: Attack) -> None:
    """After the commit, before the answer."""
    await attack.die_at("committed.person", "api")


async def commit_lost(attack: Attack) -> None:
    """The answer of COMMIT is lost, or COMMIT itself: a second API stands behind the proxy."""
    till, url = attack.till, str(attack.system.run["database_url"])
    sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
    async with (
        proxy.between(sockets) as (middle, folder),
        attack.system.another_api(url.replace(str(sockets), str(folder))) as second,
    ):
        for what, count in LOSSES:
            middle.lose(what, count)
            intents = [till.intend(till.any_rail()) for _ in range(count)]
            await asyncio.gather(*(till.pay(one, first_at=second) for one in intents))
    attack.reached.update(middle.reached)


async def outside_did_it(attack: Attack) -> None:
    """After the clearing house has taken the payment, before we have recorded its answer."""
    await attack.tell("done_but_failed", count=3)
    await attack.die_at("answered.clearing", "worker")
    await eventually(attack.struck, 60, "the outside has failed three times")


async def effected(attack: Attack) -> None:
    """After a job's effect, before the job is marked done."""
    await attack.die_at("effected.bookkeeping.postings.record_payment", "worker")


async def claimed(attack: Attack) -> None:
    """Between claiming a job and its effect."""
    await attack.die_at("claimed.accounts.clearing.send", "worker")


async def payroll_flushed(attack: Attack) -> None:
    """Redis forgets everything again and again in the middle of a payroll; the worker dies too."""
    firm = attack.till.firm
    await attack.tell(settle_ms=1500)
    more: dict[str, Any] = {}
    if attack.runs:
        bonus = 100_000 + 1_000 * len(attack.runs)
        people = [line["employee_id"] for line in attack.runs[0]["lines"]]
        lines = [{"employee_id": one, "bonus_fen": bonus} for one in people]
        more = {"lines": lines, "reason": "奖金"}
    run = await make(firm, **more)
    submitted = await step(firm.owner, run, "submit")
    before = await attack.system.pid("worker")
    attack.system.arm("answered.payroll")
    await step(attack.checker, submitted, "approve")
    attack.runs.append(run)
    async with attack.till.load(attack.plan.clients):
        flushing = asyncio.create_task(flush(attack, 6))
        await attack.system.hit("answered.payroll")
        await attack.note_stranded()
        await flushing
    await attack.system.back("worker", before)
    attack.reached["died_at_answered.payroll"] += 1
    await attack.tell()


async def flush(attack: Attack, times: int) -> None:
    """FLUSHALL at random moments, if possible when more is announced than a worker runs."""
    async with redis.from_url(attack.system.run["redis_url"]) as client:
        for _ in range(times):
            await asyncio.sleep(attack.dice.uniform(0.02, 0.3))
            for _ in range(25):
                announced = await client.zcard(QUEUE)
                if announced > AT_ONCE:
                    break
                await asyncio.sleep(0.02)
            await client.flushall()
            attack.reached["flushed"] += 1
            attack.reached["flushed_with_jobs_announced"] += announced > 0
            attack.reached["flushed_with_more_announced_than_run"] += announced > AT_ONCE


async def database_dies(attack: Attack) -> None:
    """The postmaster is killed under load."""
    await attack.kill("postgres")


async def supervisor_dies(attack: Attack) -> None:
    """The owner of everything is killed under load; the next start takes over."""

    await attack.under_load(attack.system.kill_supervisor)
    attack.reached["kills_supervisor"] += 1


POINTS: dict[str, Callable[[Attack], Awaitable[None]]] = {
    "committed": committed,
    "commit_lost": commit_lost,
    "outside_did_it": outside_did_it,
    "claimed": claimed,
    "effected": effected,
    "payroll_flushed": payroll_flushed,
    "database_dies": database_dies,
    "supervisor_dies": supervisor_dies,
}


CRASH_POINTS = (
    "committed.person",
    "answered.clearing",
    "answered.payroll",
    "claimed.accounts.clearing.send",
    "effected.bookkeeping.postings.record_payment",
)


# --- a whole run ------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def prepared(plan: Plan) -> AsyncIterator[Attack]:
    """A fresh system with two firms, money, a supplier outside and people to pay."""
    async with (
        opened(neighbours()) as system,
        httpx.AsyncClient(base_url=system.api, timeout=30) as api,
        httpx.AsyncClient(base_url=system.world, timeout=30) as world,
    ):
        city = LiveCity(system, api, world)
        async with city.founding():
            await open_supplier(city)
            firm = await open_firm(city, fen=FUNDS_FEN)
            payee = await open_firm(city, name="杭州示例餐饮有限公司")
        nobody = {"outside_above_fen": None, "in_bank_above_fen": None, "version": 0}
        answer = await firm.owner.put("/v1/payments/second-person-rule", nobody)
        assert answer.status_code == 200, answer.text
        checker = await firm.member("13700000009", "checker")
        await hire(firm, range(PEOPLE))
        till = Till(firm, payee, Journal(system.folder / "journal.jsonl"), plan.seed)
        try:
            yield Attack(system, city, till, checker, plan)
        finally:
            await till.close()


async def attack_all(attack: Attack) -> None:
    """Every named point and every random kill, in an order that the seed decides."""
    plan, blows = attack.plan, []
    for name, point in POINTS.items():
        if not plan.only or name in plan.only:
            blows += [point] * plan.named
    for part in PARTS:
        if not plan.only or f"kill_{part}" in plan.only:
            blows += [killing(part)] * plan.kills
    attack.dice.shuffle(blows)
    for blow in blows:
        await attack.till.refresh(attack.checker)
        await eventually(attack.can_breathe, 300, "the jobs keep up", every=0.3)
        begun = time.monotonic()
        await blow(attack)
        say(f"{blow.__name__}: {time.monotonic() - begun:.1f} s")


def killing(part: str) -> Callable[[Attack], Awaitable[None]]:
    """A random kill of this part."""

    async def blow(attack: Attack) -> None:
        await attack.kill(part)

    blow.__name__ = f"kill_{part}"
    return blow


async def settle(attack: Attack) -> None:
    """Everything comes to its end by itself, within the time that is promised."""
    firm = attack.till.firm
    begun = time.monotonic()
    await attack.city.idle(attack.plan.settle_seconds)

    async def paid() -> bool:
        attack.runs = [await read_run(firm, run) for run in attack.runs]
        slips = all(line["payslip_ready"] for run in attack.runs for line in run["lines"])
        return slips and all(run["state"] == "paid" for run in attack.runs)

    async def sent() -> bool:
        orders = await oracle.everything(firm.owner, "/v1/payments")
        return all(order["state"] == "settled" for order in orders)

    with contextlib.suppress(AssertionError):
        await eventually(paid, 60, "payrolls paid", every=0.5)
        await eventually(sent, 60, "payments settled", every=0.5)
        await attack.city.idle(60)
    say(f"settle: {time.monotonic() - begun:.1f} s, {len(attack.till.intents)} payments")
    attack.reached["seconds_to_settle"] = int(time.monotonic() - begun)


def say(text: str) -> None:
    """Progress for whoever waits."""
    print(text, file=sys.stderr, flush=True)


async def read_run(firm: Firm, run: dict[str, Any]) -> dict[str, Any]:
    """A payroll as it stands, with the cards of its people."""
    seen = (await firm.owner.get(f"/v1/payroll/runs/{run['id']}")).json()
    return seen | {"cards": [card(no) for no in range(len(seen["lines"]))]}


async def run(plan: Plan) -> tuple[dict[str, int], oracle.Verdict, int]:
    """One whole attack: what was reached, the verdict, processes left behind."""
    async with prepared(plan) as attack:
        system, till = attack.system, attack.till
        try:
            await attack_all(attack)
            await settle(attack)
            verdict = await oracle.judge(till, funded_fen=FUNDS_FEN, runs=attack.runs)
        except (AssertionError, TimeoutError) as failed:
            verdict = oracle.Verdict(errors=[f"{type(failed).__name__}: {failed}"])
        verdict.errors += attack.errors
        verdict.errors += [f"verify: {line}" for line in await system.verify()]
        verdict.errors += [f"careless setting: {name}" for name in await system.careless()]
        reached = attack.reached + till.reached
        reached["payments"] = len(till.intents)
        reached["payrolls"] = len(attack.runs)
        reached["jobs_stranded_by_a_dead_worker"] = len(attack.stranded)
        reached["jobs_run_again_under_a_new_lease"] = await system.rerun(
            list(attack.stranded.values())
        )
        if not verdict.clean:
            system.keep_logs(Path("var/soak/kills-log"))
        left = await asyncio.to_thread(system.stop)
    return dict(sorted(reached.items())), verdict, left


def too_rare(reached: dict[str, int], plan: Plan) -> list[str]:
    """Dangerous states that were not reached often enough for a zero to mean anything."""
    named, kills = plan.named, plan.kills
    least = {f"died_at_{point}": named for point in CRASH_POINTS} | {
        **{f"kills_{part}": kills for part in PARTS},
        "kills_postgres": kills + named,
        "kills_supervisor": named,
        "commit_answers_lost": 5 * named,
        "of_these_committed": 5 * named,
        "commits_never_sent": 3 * named,
        "unknown_had_committed": 5 * named,
        "unknown_had_not": 3 * named,
        "outside_did_it_and_said_500": 3 * named,
        "flushed_with_jobs_announced": named,
        "kills_with_requests_in_flight": 4 * kills + 2 * named,
        "jobs_run_again_under_a_new_lease": named + kills,
        "payrolls": named,
    }
    return [
        f"{name}: {reached.get(name, 0)} of at least {times}"
        for name, times in least.items()
        if reached.get(name, 0) < times
    ]


async def soak(seed: int) -> Report:
    """Ten times what every landing does."""
    plan = Plan(seed=seed, named=10, kills=20, settle_seconds=1500)
    reached, verdict, left = await run(plan)
    verdict.errors += too_rare(reached, plan)
    return Report(
        part="kills", seed=seed, reached=reached, lost=len(verdict.lost),
        doubled=len(verdict.doubled), leaked=left, errors=len(verdict.errors),
        findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def main(argument: str) -> int:
    """One attack by a plan in JSON: prints what is wrong, 1 if anything is."""
    reached, verdict, left = asyncio.run(run(msgspec.json.decode(argument, type=Plan)))
    print(reached)
    for line in (*verdict.lost, *verdict.doubled, *verdict.errors):
        print(line)
    return 0 if verdict.clean and not left else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
