"""A hostile clearing house: payouts under every danger it has; the two sides must still agree."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.clock import business_date
from tests.firms import SUPPLIER
from tests.soak import oracle
from tests.soak.attack import Attack, Plan
from tests.soak.kills import FUNDS_FEN, prepared, say
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run
from tests.soak.system import eventually

PAYOUTS = 10_000
CLIENTS = 8
TIMEOUT_SECONDS = 1.0
# Every so many payouts name somebody who does not hold the account, and every so many that have
# arrived are sent back.
WRONG_EVERY, BACK_EVERY = 20, 10
UNKNOWN_MINUTES = 10
NOW = "select clock_timestamp() + ahead from core.clock"
ASKED = "select count(*) from accounts.payments where asked > 0"


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One way of being hostile, and how often (in a hundred payouts) it must really strike."""

    name: str
    orders: dict[str, Any]
    least_percent: int
    # business time moves on while nobody can say what became of anything
    waits: bool = False


PHASES = (
    Phase(name="done_but_timed_out", least_percent=8, orders={
        "done_but_timed_out": True, "stall_ms": 1_500, "probability": 0.2}),
    Phase(name="done_but_failed", least_percent=15, orders={
        "done_but_failed": True, "probability": 0.3, "callbacks": "late", "delay_ms": 2_000}),
    Phase(name="status_unknown", least_percent=10, waits=True, orders={
        "status_unknown": True, "done_but_failed": True, "callbacks": "never"}),
    Phase(name="twice", least_percent=50, orders={"callbacks": "twice", "settle_ms": 500}),
    Phase(name="early", least_percent=50, orders={"callbacks": "early", "settle_ms": 500}),
    Phase(name="reversed", least_percent=50, orders={
        "callbacks": "reversed", "delay_ms": 700, "settle_ms": 50}),
    Phase(name="never", least_percent=50, orders={"callbacks": "never", "settle_ms": 1_500}),
    Phase(name="down", least_percent=10, orders={"down": True, "probability": 0.3}),
)  # fmt: skip


class Payout(msgspec.Struct, kw_only=True):
    """One payout by its amount, which is nobody else's, and what is to become of it."""

    amount_fen: int
    wrong: bool
    payment_id: str = ""
    sent_back: bool = False


class Hostile:
    """The payouts, the phases, and how often each danger really struck."""

    def __init__(self, attack: Attack, count: int) -> None:
        self.attack, self.count = attack, count
        self.firm, self.city, self.system = attack.till.firm, attack.city, attack.system
        self.payouts: list[Payout] = []
        self.reached: Counter[str] = Counter()
        self.verdict = oracle.Verdict()

    async def run(self) -> None:
        each, rest = divmod(self.count, len(PHASES))
        for number, phase in enumerate(PHASES):
            begun = time.monotonic()
            await self._phase(phase, each + (rest if number == 0 else 0))
            say(f"{phase.name}: {time.monotonic() - begun:.1f} s")
        await self._next_day()
        await self._judge()

    async def _phase(self, phase: Phase, count: int) -> None:
        """Pay under one kind of hostility, let half of it be looked at, then be told the truth."""
        await self.attack.till.refresh()
        await self.attack.tell(**phase.orders, seed=self.attack.plan.seed)
        mine = [self._wish() for _ in range(count)]
        queue = iter(mine)

        async def client() -> None:
            for payout in queue:
                await self._pay(payout)

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        if phase.waits:
            await self._unknown_for_long(len(mine))
        else:
            await eventually(lambda: self._sent(mine), 900, f"{phase.name}: sent", every=0.5)
        await self._send_back(mine)
        await self._count(phase, count)

    def _wish(self) -> Payout:
        number = len(self.payouts) + 1
        payout = Payout(amount_fen=1_000 + number, wrong=number % WRONG_EVERY == 0)
        self.payouts.append(payout)
        return payout

    async def _pay(self, payout: Payout) -> None:
        payee = SUPPLIER | ({"name": "苏州另一家材料有限公司"} if payout.wrong else {})
        answer = await self.firm.owner.post(
            "/v1/payments", self.firm.order(payout.amount_fen, payee=payee)
        )
        assert answer.status_code == 201, answer.text
        payout.payment_id = answer.json()["id"]

    async def _sent(self, payouts: list[Payout]) -> bool:
        """Whether the clearing house has every one of these."""
        known = await self._witness()
        return all(payout.payment_id in known for payout in payouts)

    async def _witness(self) -> dict[str, dict[str, Any]]:
        """Every credit that the clearing house has taken, by its reference."""
        told = (await self.city.world.get("/witness/clearing_house", timeout=120)).json()
        return {r["reference"]: r for r in told["requests"] if r["kind"] == "credit"}

    async def _unknown_for_long(self, count: int) -> None:
        """Ten minutes of business time in which nobody can say what became of anything."""

        async def unknown() -> bool:
            async with self.system.look() as db:
                return bool(await db.fetchval(
                    "select count(*) >= $1 from accounts.payments where state = 'unknown'",
                    count // 2))  # fmt: skip

        await eventually(unknown, 600, "most outcomes are unknown", every=0.5)
        for _ in range(UNKNOWN_MINUTES):
            await self._move(timedelta(minutes=1))
            await asyncio.sleep(0.5)
        async with self.system.look() as db:
            self.reached["unknown_after_ten_minutes"] = await db.fetchval(
                "select count(*) from accounts.payments where state = 'unknown'"
            )

    async def _move(self, by: timedelta) -> datetime:
        async with self.system.look() as db:
            to: datetime = await db.fetchval(NOW) + by
        answer = await self.city.api.post("/dev/v1/clock", json={"now": to.isoformat()})
        assert answer.status_code == 200, answer.text
        return to

    async def _send_back(self, payouts: list[Payout]) -> None:
        """Other banks return some of what has arrived, each under the phase's own call-backs."""
        await asyncio.sleep(1)
        known = await self._witness()
        for payout in payouts[::BACK_EVERY]:
            request = known[payout.payment_id]
            if request["settled"] and request["decided"]["state"] == "done":
                answer = await self.city.world.post("/clearing_house/simulate/return", json={
                    "reference": payout.payment_id, "on": request["body"]["sent_on"]})  # fmt: skip
                assert answer.status_code == 200, answer.text
                payout.sent_back = True
                self.reached["returned_later"] += 1

    async def _count(self, phase: Phase, count: int) -> None:
        """How often it struck; then it behaves, and what is open comes to its end."""
        await asyncio.sleep(1)
        control = (await self.city.world.get("/control")).json()
        for name, times in control["clearing_house"]["strikes"].items():
            self.reached[name] += times
        struck = control["clearing_house"]["strikes"].get(phase.name, 0)
        if struck * 100 < phase.least_percent * count:
            self.verdict.errors.append(f"{phase.name} struck only {struck} times in {count}")
        await self.attack.tell()

    async def _next_day(self) -> None:
        """Everything undecided is asked about; the day is over and is compared; returns that
        nobody told of are found."""

        async def decided() -> bool:
            await self._move(timedelta(seconds=30))
            async with self.system.look() as db:
                return not await db.fetchval(
                    "select count(*) from accounts.payments"
                    " where state in ('submitted', 'processing', 'unknown')"
                )

        await eventually(decided, 900, "every outcome is known", every=2)
        async with self.system.look() as db:
            self.reached["asked_more_than_once"] = await db.fetchval(ASKED)
        tomorrow = await self._move(timedelta(days=1))
        today = business_date(tomorrow - timedelta(days=1))

        async def agreed() -> bool:
            async with self.system.look() as db:
                return bool(await db.fetchval(
                    "select differences = 0 from accounts.reconciliations"
                    " where reconciled_on = $1 order by run_no desc limit 1", today))  # fmt: skip

        await eventually(agreed, 900, f"both sides of {today} agree", every=1)
        await self.city.idle(600)

    async def _judge(self) -> None:
        """Bank = ledger = clearing house = other banks, payout by payout."""
        verdict, known = self.verdict, await self._witness()
        await self.attack.till.refresh()
        orders = {o["id"]: o for o in await oracle.everything(self.firm.owner, "/v1/payments")}
        wanted = {payout.payment_id: payout for payout in self.payouts}
        taken = Counter(r["body"]["amount_fen"] for r in known.values())
        verdict.count("at the clearing house", {p.amount_fen for p in self.payouts}, taken)
        verdict.doubled += [f"sent as {r}, which is no payment" for r in known if r not in wanted]
        left = FUNDS_FEN
        for payment_id, payout in wanted.items():
            state = "failed" if payout.wrong else "returned" if payout.sent_back else "settled"
            seen = orders[payment_id]["state"]
            verdict.same(f"payment {payment_id}", state, seen)
            left -= payout.amount_fen if state == "settled" else 0
            self.reached[f"ended_{seen}"] += 1
        verdict.same("balance", left, (await self.firm.account())["balance_fen"])
        told = (await self.city.world.get("/witness/clearing_house", timeout=120)).json()
        held = {a["account_number"]: a["balance_fen"] for a in told["accounts"]}
        verdict.same("supplier", FUNDS_FEN - left, held[SUPPLIER["account_number"]])
        async with self.system.look() as db:
            self.reached["differences_found"] = await db.fetchval(
                "select count(*) from accounts.differences"
            )
            still = await db.fetchval(
                "select count(*) from accounts.differences where state <> 'resolved'"
            )
            verdict.same("open differences", 0, still)


async def soak(seed: int, payouts: int = PAYOUTS) -> Report:
    """So many payouts under every danger, then the judge over both sides."""
    timeout = {"XIAOWEI_OUTSIDE_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)}
    async with prepared(Plan(seed=seed), **timeout) as attack:
        hostile = Hostile(attack, payouts)
        verdict = hostile.verdict
        try:
            await hostile.run()
        except (AssertionError, TimeoutError) as failed:
            verdict.errors.append(f"{type(failed).__name__}: {failed}")
        verdict.errors += [f"verify: {line}" for line in await attack.system.verify()]
    hostile.reached["payouts"] = payouts
    for name in ("returned_later", "ended_failed", "unknown_after_ten_minutes"):
        if hostile.reached[name] * 100 < payouts:
            verdict.errors.append(f"{name} only {hostile.reached[name]} times")
    return Report(
        part="hostile", seed=seed, reached=dict(sorted(hostile.reached.items())),
        lost=len(verdict.lost), doubled=len(verdict.doubled), errors=len(verdict.errors),
        findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """So many payouts: prints what is wrong, 1 if anything is."""
    report = asyncio.run(soak(seed_of_run(), *map(int, arguments)))
    print(report.reached)
    print("\n".join(report.findings))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
