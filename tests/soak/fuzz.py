"""Twenty thousand cases over the whole document, a town of its own for every few thousand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg

from app import database, embedded
from tests.conftest import TEMPLATE, settings_for
from tests.isolation.calls_watch import forget_reports_without_money
from tests.isolation.fuzzing import Fuzzer, Tally
from tests.isolation.town import open_town
from tests.soak.ports import neighbours
from tests.soak.report import Report
from tests.soak.system import TREE

CASES = 20_000
# Few enough that every firm's months, slots and limits suffice.
PER_TOWN = 20


@contextlib.asynccontextmanager
async def sandbox(servers: embedded.Throwaway, port: int) -> AsyncIterator[str]:
    """The outside world of the towns; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.sandbox.main", "--allow-reset"],
        cwd=TREE,
        env={**os.environ, "XIAOWEI_VAR": str(servers.var), "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port + 1)
                writer.close()
                break
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port + 1}"
    finally:
        process.terminate()
        process.wait(10)


async def soak(seed: int) -> Report:
    """Towns with other data each, until there were enough cases."""
    report, statuses, poor = Report(part="fuzz", seed=seed), Counter[str](), Counter[str]()
    with embedded.throwaway() as servers:
        admin = await asyncpg.connect(servers.postgres.address("postgres"))
        await admin.execute(f"create database {TEMPLATE}")
        await admin.close()
        await database.prepare(settings_for(servers, TEMPLATE, 0))
        port = neighbours()
        async with sandbox(servers, port) as outside:
            while report.reached.get("cases", 0) < CASES:
                async with open_town(servers, port, outside) as town:
                    round_no = report.reached.get("towns", 0)
                    tally = await Fuzzer(town, seed + round_no).everything(PER_TOWN)
                    await forget_reports_without_money(town)
                    report.findings += await town.city.findings()
                _add(report, tally, statuses)
                poor.update(tally.poor)
                said = f"{report.reached['cases']} cases, {len(report.findings)} findings"
                print(f"town {round_no + 1}: {said}", file=sys.stderr)
    report.findings += [f"{name}: below three in ten in {n} towns" for name, n in poor.items()]
    report.errors = len(report.findings)
    report.reached |= dict(sorted(statuses.items()))
    return report


def _add(report: Report, tally: Tally, statuses: Counter[str]) -> None:
    report.findings += tally.wrong
    for name, add in (("towns", 1), ("cases", tally.cases), ("operations", 0)):
        report.reached[name] = report.reached.get(name, 0) + add
    report.reached["operations"] = len(tally.statuses)
    for counts in tally.statuses.values():
        for status, times in counts.items():
            statuses[f"answers {status}"] += times


if __name__ == "__main__":
    from tests.soak.report import publish
    from tests.soak.report import seed as seed_of_run

    publish(asyncio.run(soak(seed_of_run())))
