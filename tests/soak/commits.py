"""The answer of five thousand COMMITs is lost: each is one payment, told again word for word."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.soak import oracle, proxy
from tests.soak.attack import Attack, Plan
from tests.soak.kills import FUNDS_FEN, prepared, say, settle
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run
from tests.soak.system import eventually

COMMITS, CLIENTS = 5_000, 8
# The jobs behind so many payments are waited for now and then.
BREATHE_EVERY = 100
# Of so many payments one is asked for once more.
TWICE_EVERY = 5


async def lose(attack: Attack, middle: proxy.Proxy, second: str, commits: int) -> None:
    """Clients pay by the door behind the proxy first, then at the other one until they know."""
    till, begun = attack.till, 0
    middle.lose("answer", commits)

    async def client(number: int) -> None:
        nonlocal begun
        while middle.left:
            begun += 1
            mine = begun
            intent = till.intend("outside" if mine % 20 == 0 else "in_bank")
            await till.pay(intent, first_at=second)
            if mine % TWICE_EVERY == 0:
                intent.unknown = False
                await till.pay(intent)
            if mine % BREATHE_EVERY == 0:
                await till.refresh(attack.checker)
                await eventually(attack.can_breathe, 600, "the jobs keep up", every=0.5)
                say(f"{middle.reached['commit_answers_lost']} of {commits}")

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))


async def soak(seed: int, commits: int = COMMITS) -> Report:
    """So many answers lost, then the judge over everything."""
    async with prepared(Plan(seed=seed, settle_seconds=1500)) as attack:
        url = str(attack.system.run["database_url"])
        sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
        try:
            async with (
                proxy.between(sockets) as (middle, folder),
                attack.system.another_api(url.replace(str(sockets), str(folder))) as second,
            ):
                await lose(attack, middle, second, commits)
            await settle(attack)
            verdict = await oracle.judge(attack.till, funded_fen=FUNDS_FEN, runs=[])
        except (AssertionError, TimeoutError) as failed:
            verdict = oracle.Verdict(errors=[f"{type(failed).__name__}: {failed}"])
        verdict.errors += [f"verify: {line}" for line in await attack.system.verify()]
        reached = attack.reached + attack.till.reached + middle.reached
        reached["payments"] = len(attack.till.intents)
    for name, least in (
        ("commit_answers_lost", commits),
        ("of_these_committed", commits * 99 // 100),
        ("unknown_had_committed", commits * 99 // 100),
    ):
        if reached[name] < least:
            verdict.errors.append(f"{name}: {reached[name]} of at least {least}")
    return Report(
        part="commits", seed=seed, reached=dict(sorted(reached.items())), lost=len(verdict.lost),
        doubled=len(verdict.doubled), errors=len(verdict.errors),
        findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """So many commits: prints what is wrong, 1 if anything is."""
    report = asyncio.run(soak(seed_of_run(), *map(int, arguments)))
    print(report.reached)
    print("\n".join(report.findings))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
