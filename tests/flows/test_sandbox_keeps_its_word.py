"""The outside world keeps its word: one effect per reference, through faults and restarts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.outside.clearing_house import NewCredit
from app.outside.model import OutcomeUnknown, OutsideDown, OutsideRefused
from app.sandbox.clearing_house import OPENING_FEN
from tests.outside_bank import Bank, credit, opened, process, until


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    async with opened(tmp_path) as found:
        yield found


# --- references --------------------------------------------------------------------------------


async def test_the_same_reference_has_one_effect_and_another_body_is_refused(bank):
    house = bank.outside.clearing_house
    await bank.order("clearing_house", settle_ms=2_000)
    outcomes = await asyncio.gather(*(house.send(credit("pay-00000001")) for _ in range(20)))
    assert {outcome.state for outcome in outcomes} == {"accepted"}
    with pytest.raises(OutsideRefused) as refusal:
        await house.send(credit("pay-00000001", amount_fen=12_346))
    assert refusal.value.facts["code"] == "reference_used"
    await until(lambda: bool(bank.taken))
    (told,) = (await bank.witness("clearing_house"))["callbacks"]
    assert told["callback_id"] == bank.taken[0].callback_id
    outcome = await house.send(credit("pay-00000001"))
    assert outcome.state == "done" and outcome.result.amount_fen == 12_345
    assert (await house.balance()).balance_fen == OPENING_FEN - 12_345
    assert [c.reference for c in bank.taken] == ["pay-00000001"]


async def test_a_reference_that_never_arrived_is_told_from_one_that_did(bank):
    house = bank.outside.clearing_house
    assert await house.outcome("pay-00000404") is None
    await house.send(credit("pay-00000001"))
    assert (await house.outcome("pay-00000001")).state == "accepted"


async def test_unsigned_requests_are_refused(bank):
    answer = await bank.client.post("/sms/messages", json={"reference": "r-0000001"})
    assert answer.status_code == 401
    assert (await bank.witness("sms"))["messages"] == []


# --- faults ------------------------------------------------------------------------------------


async def resolve(bank: Bank, new: NewCredit) -> str:
    """What a job does: send once; if it is not known, ask; send again only what never arrived."""
    house = bank.outside.clearing_house
    try:
        outcome = await house.send(new)
    except (OutcomeUnknown, OutsideDown):
        outcome = None
    for _ in range(400):
        if outcome is not None and outcome.is_final:
            return outcome.state
        await asyncio.sleep(0.02)
        with contextlib.suppress(OutsideDown, OutcomeUnknown):
            outcome = await house.outcome(new.reference) or await house.send(new)
    raise AssertionError("never resolved")


@pytest.mark.parametrize(
    ("fault", "orders"),
    [
        ("down", {"down": True}),
        ("done_but_failed", {"done_but_failed": True}),
        ("status_unknown", {"status_unknown": True}),
        ("slow", {"slow_ms": 30}),
        ("never", {"callbacks": "never"}),
        (
            "done_but_failed",
            {"slow_ms": 20, "done_but_failed": True, "status_unknown": True, "callbacks": "twice"},
        ),
    ],
)
async def test_under_each_fault_every_credit_is_resolved_and_paid_once(bank, fault, orders):
    await bank.order("clearing_house", **orders, probability=0.5, seed=3, count=60, settle_ms=20)
    news = [credit(f"pay-{n:08d}", 1_000 + n) for n in range(40)]
    states = await asyncio.gather(*(resolve(bank, new) for new in news))
    assert states == ["done"] * 40
    assert (await bank.strikes("clearing_house"))[fault] >= 10
    paid = sum(new.amount_fen for new in news)
    assert (await bank.outside.clearing_house.balance()).balance_fen == OPENING_FEN - paid


async def test_done_but_timed_out_is_resolved_by_asking(bank, tmp_path):
    """Over a real socket: only there does a caller give up while the work is done."""
    async with process(tmp_path / "own") as found:
        await found.order(
            "clearing_house", done_but_timed_out=True, stall_ms=3_000, probability=0.5, seed=5
        )
        news = [credit(f"pay-{n:08d}", 1_000 + n) for n in range(20)]
        states = await asyncio.gather(*(resolve(found, new) for new in news))
        assert states == ["done"] * 20
        assert (await found.strikes("clearing_house"))["done_but_timed_out"] >= 5
        paid = sum(new.amount_fen for new in news)
        balance = await found.outside.clearing_house.balance()
        assert balance.balance_fen == OPENING_FEN - paid


async def test_callbacks_come_twice_late_backwards_early_or_never(bank):
    house = bank.outside.clearing_house
    await bank.order("clearing_house", callbacks="twice", settle_ms=10)
    await house.send(credit("pay-00000001"))
    await until(lambda: len(bank.taken) == 2)
    assert len({c.callback_id for c in bank.taken}) == 1

    bank.taken.clear()
    await bank.order("clearing_house", callbacks="late", delay_ms=400, settle_ms=10)
    began = time.monotonic()
    await house.send(credit("pay-00000002"))
    await until(lambda: bool(bank.taken))
    assert time.monotonic() - began >= 0.4

    bank.taken.clear()
    await bank.order("clearing_house", callbacks="reversed", delay_ms=1_500, settle_ms=10)
    for n in (3, 4, 5):
        await house.send(credit(f"pay-0000000{n}"))
        await asyncio.sleep(0.05)
    await until(lambda: len(bank.taken) == 3)
    assert [c.reference[-1] for c in bank.taken] == ["5", "4", "3"]

    bank.taken.clear()
    await bank.order("clearing_house", callbacks="early", settle_ms=300)
    await house.send(credit("pay-00000006"))
    await until(lambda: bool(bank.taken))
    assert (await house.outcome("pay-00000006")).state == "accepted"
    await until(lambda: len(bank.taken) == 2)

    bank.taken.clear()
    await bank.order("clearing_house", callbacks="never", settle_ms=10)
    await house.send(credit("pay-00000007"))
    await asyncio.sleep(0.2)
    assert bank.taken == []
    kept = await house.outcome("pay-00000007")
    assert kept is not None and kept.state == "done"
    assert (await bank.strikes("clearing_house")) == {"never": 1}


async def test_orders_end_and_reset_is_only_for_tests(bank):
    await bank.order("sms", down=True)
    with pytest.raises(OutcomeUnknown):
        await bank.outside.sms.send(reference="sms-0001", phone="13812345678", text="a")
    await bank.client.delete("/control")
    await bank.outside.sms.send(reference="sms-0001", phone="13812345678", text="a")
    assert len((await bank.witness("sms"))["messages"]) == 1
    assert (await bank.client.post("/control/reset")).status_code == 200
    assert (await bank.witness("sms"))["messages"] == []


# --- restarts ----------------------------------------------------------------------------------


async def test_a_restart_forgets_nothing_and_still_delivers(tmp_path):
    async with opened(tmp_path) as bank:
        bank.open = False
        await bank.outside.clearing_house.send(credit("pay-00000001"))
        await bank.order("clearing_house", settle_ms=600)
        await bank.outside.clearing_house.send(credit("pay-00000002"))
        await asyncio.sleep(0.3)
        before = await bank.witness("clearing_house")
    assert bank.taken == []
    bank.open = True
    async with opened(tmp_path, bank) as bank:
        after = await bank.witness("clearing_house")
        assert after["requests"] == before["requests"]
        assert after["accounts"] == before["accounts"]
        await until(lambda: len(bank.taken) == 2)
        assert {c.reference for c in bank.taken} == {"pay-00000001", "pay-00000002"}
        second = await bank.outside.clearing_house.outcome("pay-00000002")
        assert second is not None and second.state == "done"


async def test_nothing_that_was_answered_is_lost_by_kill_9(tmp_path):
    sent: set[str] = set()
    answered: set[str] = set()

    async def pay(bank: Bank, life: int, sender: int, dead: asyncio.Event) -> None:
        for n in range(100_000):
            if dead.is_set():
                return
            reference = f"pay-{life}-{sender}-{n:06d}"
            sent.add(reference)
            with contextlib.suppress(OutcomeUnknown, OutsideDown):
                await bank.outside.clearing_house.send(credit(reference, 1))
                answered.add(reference)

    for life in range(3):
        async with process(tmp_path) as bank:
            dead = asyncio.Event()
            sending = [asyncio.create_task(pay(bank, life, n, dead)) for n in range(12)]
            least = 30 * (life + 1)
            async with asyncio.timeout(60):
                while len(answered) < least:
                    await asyncio.sleep(0.01)
            bank.kill()
            dead.set()
            await asyncio.gather(*sending)
    assert len(sent - answered) >= 3, "killed with requests under way"
    async with process(tmp_path) as bank:
        async with asyncio.timeout(30):
            while (await bank.client.get("/pending")).json()["settling"]:
                await asyncio.sleep(0.05)
        state = await bank.witness("clearing_house")
        kept = {request["reference"] for request in state["requests"]}
        assert answered <= kept <= sent
        assert state["balance_fen"] == OPENING_FEN - len(kept)
