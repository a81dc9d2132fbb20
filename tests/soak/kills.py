"""Everything is killed at the worst moments and at random ones; then all must be well."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows.test_payroll_pays_everybody import card, hire
from tests.soak import oracle
from tests.soak.attack import Attack, Plan
from tests.soak.points import CRASH_POINTS, POINTS
from tests.soak.ports import neighbours
from tests.soak.report import Report
from tests.soak.system import PARTS, LiveCity, eventually, opened
from tests.soak.till import Journal, Till

FUNDS_FEN = 900_000_000
PEOPLE = 12


@contextlib.asynccontextmanager
async def prepared(plan: Plan, **given: str) -> AsyncIterator[Attack]:
    """A fresh system with two firms, money, a supplier outside and people to pay."""
    given.setdefault("XIAOWEI_PAYMENT_LANE", str(plan.lane).lower())
    async with (
        opened(neighbours(), **given) as system,
        httpx.AsyncClient(base_url=system.api, timeout=30) as api,
        httpx.AsyncClient(base_url=system.world, timeout=30) as world,
    ):
        city = LiveCity(system, api, world)
        async with city.founding():
            await open_supplier(city)
            firm = await open_firm(city, fen=FUNDS_FEN)
            payee = await open_firm(city, name="杭州示例餐饮有限公司")
        await set_rule(firm.owner, None, None)
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
        # By the lane an answer may be lost that had only decided to leave it to the ordinary way.
        "unknown_had_committed": (2 if plan.lane else 5) * named,
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
    return await reported("kills", Plan(seed=seed, named=10, kills=20, settle_seconds=1500))


async def soak_lane(seed: int) -> Report:
    """The same with the payment lane switched on, three times."""
    return await reported("lane", Plan(seed=seed, named=3, kills=6, settle_seconds=600, lane=True))


async def reported(part: str, plan: Plan) -> Report:
    """A run as a part's figures; states that were too rare are errors."""
    reached, verdict, left = await run(plan)
    verdict.errors += too_rare(reached, plan)
    return Report(
        part=part, seed=plan.seed, reached=reached, lost=len(verdict.lost),
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
