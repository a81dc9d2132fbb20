"""A thousand kill -9 of everything that runs, each part by a killer of its own, under load."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

import asyncpg

from app import servers
from tests.soak import oracle
from tests.soak.attack import Attack, Plan
from tests.soak.kills import FUNDS_FEN, prepared, say, settle
from tests.soak.points import payroll_flushed
from tests.soak.report import Report
from tests.soak.system import eventually

QUOTA = {"api": 300, "worker": 300, "postgres": 300, "backend": 100}
# A wave of kills, then a pause in which the clients finish and the jobs are caught up with.
WAVE_SECONDS = 75
# What has piled up ends a wave early.
BACKLOG = 400
# After the last kill every job that was accepted has come to its end in so many seconds.
END_SECONDS = 120
BACKENDS = """
select pid from pg_stat_activity
where usename in ('app', 'worker', 'lane') and pid <> pg_backend_pid() and state <> 'idle'
"""
AWAY = (*servers.AWAY, asyncpg.PostgresError, TimeoutError, AssertionError)


class Storm:
    """What is left to kill, and whether the wave is over."""

    def __init__(self, attack: Attack, quota: dict[str, int]) -> None:
        self.attack, self.system = attack, attack.system
        self.left = dict(quota)
        self.ebb = asyncio.Event()

    @property
    def over(self) -> bool:
        return not any(self.left.values())

    async def wave(self) -> None:
        """Everything is killed at once by whoever is quickest, until the time is up."""
        self.ebb.clear()
        async with self.attack.till.load(self.attack.plan.clients):
            killers = [asyncio.create_task(self.killer(part)) for part in self.left]
            killers.append(asyncio.create_task(self.watch()))
            await asyncio.gather(*killers)
            await eventually(self.system.healthy, 120, "healthy after a wave")
        await eventually(self.attack.can_breathe, 600, "the jobs keep up", every=0.5)

    async def watch(self) -> None:
        begun = time.monotonic()
        while not self.over and time.monotonic() - begun < WAVE_SECONDS:
            await asyncio.sleep(2)
            with contextlib.suppress(*AWAY):
                if await self.system.waiting() > BACKLOG:
                    break
        self.ebb.set()

    async def killer(self, part: str) -> None:
        """Kill this part again and again, as soon as it lives and somebody waits for an answer."""
        till, reached, dice = self.attack.till, self.attack.reached, self.attack.dice
        while self.left[part] and not self.ebb.is_set():
            await eventually(
                self.system.healthy, 120, f"healthy before {part} is killed", every=0.05
            )
            await asyncio.sleep(dice.uniform(0.05, 0.8))
            if not till.in_flight:
                await asyncio.sleep(0.01)
            in_flight = till.in_flight
            if not await self.kill(part):
                continue
            self.left[part] -= 1
            reached[f"kills_{part}"] += 1
            reached["in_flight_at_kills"] += in_flight
            reached["kills_with_requests_in_flight"] += in_flight > 0

    async def kill(self, part: str) -> bool:
        if part == "backend":
            return await self.kill_backend()
        before = await self.system.kill(part)
        if part == "worker":
            with contextlib.suppress(*AWAY):
                await self.attack.note_stranded()

        def again() -> bool:
            process = self.system.run.get("processes", {}).get(part)
            return process is not None and process["pid"] != before

        await eventually(again, 120, f"{part} is back", every=0.05)
        return True

    async def kill_backend(self) -> bool:
        """One process of the database that works for a client; all others fall with it."""
        try:
            async with self.system.look() as db:
                pids = [row["pid"] for row in await db.fetch(BACKENDS)]
        except AWAY:
            return False
        if not pids:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.attack.dice.choice(pids), signal.SIGKILL)
        return True


async def soak(seed: int, quota: dict[str, int] | None = None) -> Report:
    """All kills, a payroll on the way, then the judge."""
    wanted = quota or QUOTA
    async with prepared(
        Plan(seed=seed, clients=6, settle_seconds=END_SECONDS), XIAOWEI_HEALTHY_SECONDS="0"
    ) as attack:
        storm = Storm(attack, wanted)
        try:
            await payroll_flushed(attack)
            while not storm.over:
                await attack.till.refresh(attack.checker)
                await storm.wave()
                say(f"left: {storm.left}; {len(attack.till.intents)} payments")
            await settle(attack)
            verdict = await oracle.judge(attack.till, funded_fen=FUNDS_FEN, runs=attack.runs)
        except (AssertionError, TimeoutError) as failed:
            verdict = oracle.Verdict(errors=[f"{type(failed).__name__}: {failed}"])
        verdict.errors += attack.errors
        verdict.errors += [f"verify: {line}" for line in await attack.system.verify()]
        verdict.errors += [f"careless setting: {name}" for name in await attack.system.careless()]
        reached = attack.reached + attack.till.reached
        reached["payments"] = len(attack.till.intents)
        reached["jobs_stranded_by_a_dead_worker"] = len(attack.stranded)
        verdict.errors += too_rare(reached, wanted)
        if not verdict.clean:
            attack.system.keep_logs(Path("var/soak/kills-1000-log"))
        left = await asyncio.to_thread(attack.system.stop)
    return Report(
        part="kills-1000", seed=seed, reached=dict(sorted(reached.items())),
        lost=len(verdict.lost), doubled=len(verdict.doubled), leaked=left,
        errors=len(verdict.errors), findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def too_rare(reached: dict[str, int], quota: dict[str, int]) -> list[str]:
    """Dangerous states that were not reached often enough for a zero to mean anything."""
    kills = sum(quota.values())
    least = {f"kills_{part}": times for part, times in quota.items()} | {
        "kills_with_requests_in_flight": kills // 2,
        "answers_lost": kills // 20,
        "jobs_stranded_by_a_dead_worker": quota["worker"] // 2,
    }
    found = [
        f"{name}: {reached.get(name, 0)} of at least {times}"
        for name, times in least.items()
        if reached.get(name, 0) < times
    ]
    if reached["seconds_to_settle"] > END_SECONDS:
        found.append(f"jobs took {reached['seconds_to_settle']} s after the last kill")
    return found


async def short(seed: int) -> Report:
    """One of each in thirty, to see that the killers still kill."""
    return await soak(seed, {part: max(times // 30, 3) for part, times in QUOTA.items()})
