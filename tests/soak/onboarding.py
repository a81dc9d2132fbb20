"""A thousand openings while registry, filing, identity check and messages misbehave in every way:
each ends as it must, none twice, none lost, as the outside itself testifies."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from typing import Any

import httpx
import msgspec

from app.outside import Outside
from app.outside.signing import keys_folder
from tests.flows import founding
from tests.soak.kills import say
from tests.soak.openings import ENDS, KINDS, OTHER_BANK, Applicant, Journey, Town
from tests.soak.ports import neighbours
from tests.soak.report import Report
from tests.soak.system import LiveCity, System, opened

APPLICATIONS = 1_000
CLIENTS = 10
SYSTEMS = ("registry", "account_filing", "face", "sms")
TIMEOUT_SECONDS = 1.0
# From so many openings in a phase on, how often each system was struck is no matter of luck.
ENOUGH = 50
# A desk token lives for a quarter of an hour.
DESK_SECONDS = 480
OPENED = "结算账户已启用"


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One way of misbehaving, of all four systems at once; `least` strikes in a hundred openings
    are what makes a zero mean something, of each system named."""

    name: str
    orders: dict[str, Any]
    strikes: dict[str, int]


PHASES = (
    Phase(name="slow", orders={"slow_ms": 400, "probability": 0.5},
          strikes={"registry": 50, "account_filing": 80, "face": 30, "sms": 80}),
    Phase(name="down", orders={"down": True, "probability": 0.3},
          strikes={"registry": 25, "account_filing": 40, "face": 15, "sms": 40}),
    Phase(name="done_but_timed_out", orders={
        "done_but_timed_out": True, "stall_ms": 1_500, "probability": 0.2},
        strikes={"registry": 10, "account_filing": 15, "face": 10, "sms": 20}),
    Phase(name="done_but_failed", orders={"done_but_failed": True, "probability": 0.3},
          strikes={"registry": 15, "account_filing": 25, "face": 15, "sms": 40}),
    Phase(name="twice", orders={"callbacks": "twice", "settle_ms": 300},
          strikes={"registry": 40, "account_filing": 40}),
    Phase(name="reversed", orders={"callbacks": "reversed", "delay_ms": 900, "settle_ms": 50},
          strikes={"registry": 40, "account_filing": 40}),
    Phase(name="early", orders={"callbacks": "early", "settle_ms": 500},
          strikes={"registry": 40, "account_filing": 40}),
    Phase(name="never", orders={"callbacks": "never", "settle_ms": 1_000},
          strikes={"registry": 40, "account_filing": 40}),
    Phase(name="status_unknown", orders={
        "status_unknown": True, "probability": 0.5, "callbacks": "late", "delay_ms": 800},
        strikes={"account_filing": 20}),
)  # fmt: skip


class Onboarding:
    """The openings, phase by phase, and how often each fault really struck."""

    def __init__(self, system: System, town: Town, count: int, seed: int) -> None:
        self.system, self.town, self.seed = system, town, seed
        each, rest = divmod(count, len(PHASES))
        self.counts = [each + (number < rest) for number in range(len(PHASES))]
        self.applicants: list[Applicant] = []
        self.reached: Counter[str] = Counter()
        self.errors: list[str] = []
        self._desk_at = 0.0

    async def run(self) -> None:
        for phase, count in zip(PHASES, self.counts, strict=True):
            begun = time.monotonic()
            await self._phase(phase, count)
            say(f"{phase.name}: {count} openings, {time.monotonic() - begun:.1f} s")
        await self.town.city.world.delete("/control")
        await self.town.city.idle(300)

    async def _staff(self) -> None:
        if time.monotonic() - self._desk_at > DESK_SECONDS:
            self.town.desk = await founding.staff(self.town.city)
            self._desk_at = time.monotonic()

    async def _phase(self, phase: Phase, count: int) -> None:
        world = self.town.city.world
        for system in SYSTEMS:
            orders = phase.orders | {"seed": self.seed}
            answer = await world.post(f"/control/{system}", json=orders)
            assert answer.status_code == 200, answer.text
        await self._staff()
        mine = [self._applicant() for _ in range(count)]
        queue = iter(mine)

        async def client() -> None:
            for one in queue:
                try:
                    await Journey(self.town, one).walk()
                except AssertionError as failed:
                    self.errors.append(f"{phase.name} {one.kind} {one.no}: {failed}")
                    say(self.errors[-1])

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        struck = (await world.get("/control")).json()
        if not any(struck[system]["strikes"].get(phase.name) for system in phase.strikes):
            self.errors.append(f"nobody was ever {phase.name}")
        for system, least in phase.strikes.items():
            for fault, times in struck[system]["strikes"].items():
                self.reached[f"{system}_{fault}"] += times
            found = struck[system]["strikes"].get(phase.name, 0)
            if count >= ENOUGH and found * 100 < least * count:
                self.errors.append(f"{system} was {phase.name} only {found} times in {count}")

    def _applicant(self) -> Applicant:
        no = len(self.applicants) + 1
        one = Applicant(no=no, kind=KINDS[no % len(KINDS)], phone=f"137{no:08d}")
        self.applicants.append(one)
        return one


class Judge:
    """Compares what the bank says with what the outside saw."""

    def __init__(self, run: Onboarding) -> None:
        self.run, self.world = run, run.town.city.world
        self.lost: list[str] = []
        self.doubled: list[str] = []
        self.wrong: list[str] = []

    async def judge(self) -> None:
        filings = (await self.world.get("/witness/account_filing")).json()
        faces = (await self.world.get("/witness/face")).json()
        texts = (await self.world.get("/witness/sms")).json()["messages"]
        filed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for account in filings["accounts"]:
            if account["bank_code"] != OTHER_BANK:
                filed[account["uscc"]].append(account)
        asked = Counter(
            one["body"]["uscc"]
            for one in filings["requests"]
            if one["body"]["bank_code"] != OTHER_BANK
        )
        checked = Counter(one["reference"].partition(".")[0] for one in faces["requests"])
        told = Counter(text["phone"] for text in texts if OPENED in text["text"])
        for one in self.run.applicants:
            if one.end:
                self._one(one, filed[one.uscc], asked[one.uscc], told[one.phone])
                self._checked(one, checked[one.application_id])
        self._numbers()

    def _one(self, one: Applicant, accounts: list[dict[str, Any]], asked: int, told: int) -> None:
        """An active one has one account, one filing, one message; every other one has none."""
        wanted = 1 if ENDS[one.kind] == "active" else 0
        label = f"{one.kind} {one.no}"
        counts = {
            "accounts filed": len(accounts), "filings asked": asked,
            "accounts here": len(one.accounts), "messages": told,
        }  # fmt: skip
        for what, count in counts.items():
            if count < wanted:
                self.lost.append(f"{label}: {count} {what}")
            elif count > wanted:
                self.doubled.append(f"{label}: {count} {what}")
        if wanted and accounts:
            seen, end = accounts[0], one.end
            same = (
                seen["filing_number"] == end["filing_number"],
                seen["account_number"] == end["number"] == one.accounts[0]["number"],
                seen["account_name"] == end["account_name"] == one.name,
                seen["simple_opening"] == (end["opening"] == "simplified"),
            )
            if not all(same):
                self.wrong.append(f"{label}: {seen} against {end}")

    def _checked(self, one: Applicant, times: int) -> None:
        """The identity check was asked once about each; one taken back may have come before it."""
        if times > 1:
            self.doubled.append(f"{one.kind} {one.no}: {times} identity checks")
        if times < 1 and one.kind != "taken_back":
            self.lost.append(f"{one.kind} {one.no}: no identity check")

    def _numbers(self) -> None:
        numbers = Counter(
            one.end["number"] for one in self.run.applicants if one.end.get("state") == "active"
        )
        self.doubled += [f"{number} was given {n} times" for number, n in numbers.items() if n > 1]


async def soak(seed: int, applications: int = APPLICATIONS) -> Report:
    """All phases, then the judge over everything."""
    async with (
        opened(neighbours(), XIAOWEI_OUTSIDE_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS)) as system,
        httpx.AsyncClient(base_url=system.api, timeout=60) as api,
        httpx.AsyncClient(base_url=system.world, timeout=60) as world,
    ):
        outside = Outside(base_url=system.world, keys_folder=keys_folder(system.settings))
        city = LiveCity(system, api, world)
        run = Onboarding(system, Town(city, outside), applications, seed)
        judge = Judge(run)
        try:
            await run.run()
            await judge.judge()
        except (AssertionError, TimeoutError) as failed:
            run.errors.append(f"{type(failed).__name__}: {failed}")
        finally:
            await outside.close()
        errors = [*run.errors, *judge.wrong]
        errors += [f"verify: {line}" for line in await system.verify()]
    kinds = Counter(f"{ENDS[one.kind]}_{one.kind}" for one in run.applicants if one.end)
    return Report(
        part="onboarding", seed=seed,
        reached=dict(sorted(run.reached.items())) | {
            "applications": len(run.applicants), **dict(sorted(kinds.items())),
        },
        lost=len(judge.lost), doubled=len(judge.doubled), errors=len(errors),
        findings=[*judge.lost, *judge.doubled, *errors],
    )  # fmt: skip
