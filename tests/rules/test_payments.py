"""Payment rules: the machine, the payment systems, who must agree, and what a repeat sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.clearing import rules as clearing
from accounts.clearing.model import Home, InTransit
from accounts.payments import rules
from accounts.payments.model import (
    NewPayment,
    Order,
    Payee,
    PayeeNameMismatch,
    PaymentChanged,
    WrongState,
)

NOW = datetime(2025, 9, 3, 2, 0, tzinfo=UTC)  # Wednesday 10:00 in Shanghai
FIRM, OTHER = UUID(int=1), UUID(int=2)


def order(**changes) -> Order:
    new = Order(
        id=UUID(int=7), account_id=UUID(int=8), amount_fen=1_000, currency="CNY",
        payee_name="苏州示例公司", payee_account_tail="0018", payee_bank_code="103100000026",
        party_id=None, rail="ibps", purpose="goods", memo="货款", state="draft", reason=None,
        made_by=UUID(int=9), version=1, created_at=NOW, send_after=None, submitted_at=None,
        finished_at=None, fingerprint=b"", answered_state="draft", first_version=1,
        payee_sealed=b"", payee_business_id=None, payee_account_id=None, hold_id=None,
        transfer_id=None, refusal=None, asked=0, limit_used_on=None,
    )  # fmt: skip
    return replace(new, **changes)


def test_every_state_is_reached_and_finished_ones_stay_except_a_return():
    reached = {to for moves in rules.MOVES.values() for to in moves} | {"draft"}
    assert reached == set(rules.MOVES)
    assert {s for s in rules.FINISHED if rules.MOVES[s]} == {"settled"}
    assert rules.MOVES["settled"] == ("returned",)


def test_a_forbidden_move_names_state_and_wish():
    with pytest.raises(WrongState) as refused:
        rules.move(order(state="failed"), "settled", now=NOW)
    assert (refused.value.facts["state"], refused.value.facts["wanted"]) == ("failed", "settled")


@given(st.lists(st.sampled_from(sorted(rules.MOVES)), max_size=12))
def test_versions_rise_by_one_and_a_moment_ends_what_is_finished(wishes):
    payment = order()
    for wish in wishes:
        if wish in rules.MOVES[payment.state]:
            before = payment.version
            payment = rules.move(payment, wish, now=NOW)
            assert payment.version == before + 1
            assert (payment.finished_at is not None) == (payment.state in rules.FINISHED)


@pytest.mark.parametrize("state", ["pending_approval", "submitted", "settled", "refused"])
def test_a_repeat_sees_the_first_answer_whatever_came_after(state):
    made = rules.move(order(), state, now=NOW, reason="余额" if state == "refused" else None)
    stored = replace(made, answered_state=state, first_version=made.version)
    first = rules.first_answer(stored)
    assert first == rules.shown(made)
    later = stored
    for to in {"pending_approval": ["submitted", "processing", "settled", "returned"],
               "submitted": ["processing", "unknown", "failed"],
               "settled": ["returned"], "refused": []}[state]:  # fmt: skip
        later = rules.move(later, to, now=NOW + timedelta(hours=1), reason="退汇")
        assert rules.first_answer(later) == first


def test_the_key_stands_for_person_and_body():
    new = NewPayment(
        account_id=UUID(int=8), amount_fen=1_000,
        payee=Payee(name="苏州示例", account_number="622848040", bank_code="103100000026"),
    )  # fmt: skip
    one = rules.fingerprint(new, person_id=FIRM)
    assert one == rules.fingerprint(new, person_id=FIRM)
    assert one != rules.fingerprint(new, person_id=OTHER)
    assert one != rules.fingerprint(replace(new, memo="x"), person_id=FIRM)


def test_only_the_version_seen_is_decided():
    with pytest.raises(PaymentChanged):
        rules.waits_for_approval(order(state="pending_approval", version=3), version=2)
    with pytest.raises(WrongState):
        rules.waits_for_approval(order(state="submitted", version=2), version=2)


def test_the_holder_is_told_by_a_comparable_name():
    rules.holder_is("示例（北京）科技有限公司", "示例(北京)科技有限公司 ")
    with pytest.raises(PayeeNameMismatch) as refused:
        rules.holder_is("示例科技", "示例科技有限公司")
    assert refused.value.facts == {}, "the holder's real name is not told"


@given(st.integers(1, 10**15))
def test_entries_of_a_payment_balance_and_its_money_back_undoes_them(amount_fen):
    paid = order(amount_fen=amount_fen)
    sent = rules.sent_entry(paid, transit_id=OTHER)
    back = rules.back_entry(paid, kind="payment_failed", transit_id=OTHER)
    for entry in (sent, back):
        assert sum(leg.amount_fen for leg in entry.legs) == 0
    inside = replace(paid, rail="in_bank", payee_account_id=OTHER, payee_business_id=OTHER)
    ours, theirs = rules.in_bank_entries(inside, business_id=FIRM, transfer_id=FIRM)
    assert ours.clearing_fen + theirs.clearing_fen == 0
    for entry in (ours, theirs):
        assert sum(leg.amount_fen for leg in entry.legs) + entry.clearing_fen == 0
    [own] = rules.in_bank_entries(inside, business_id=OTHER, transfer_id=FIRM)
    assert own.clearing_fen == 0 and sum(leg.amount_fen for leg in own.legs) == 0


@given(st.sampled_from(["out", "in"]), st.lists(st.integers(1, 10**12), min_size=1, max_size=9))
def test_a_sweep_clears_in_every_firm_and_in_the_bank(direction, amounts):
    moved = [
        InTransit(direction=direction, business_id=UUID(int=n), account_id=UUID(int=n),
                  amount_fen=amount)
        for n, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    home = Home(business_id=UUID(int=99), account_id=UUID(int=98))
    entries = clearing.sweep_entries(moved, home=home, transfer_id=FIRM)
    assert sum(entry.clearing_fen for entry in entries) == 0
    for entry in entries:
        assert sum(leg.amount_fen for leg in entry.legs) + entry.clearing_fen == 0
    sign = 1 if direction == "out" else -1
    assert entries[-1].legs[0].amount_fen == sign * sum(amounts)


def test_waiting_ends_with_the_window_and_never_lasts_too_long_to_notice_the_clock():
    assert clearing.wait_until(None, now=NOW) == 0
    assert clearing.wait_until(NOW, now=NOW) == 0
    assert clearing.wait_until(NOW + timedelta(milliseconds=1), now=NOW) == 1
    assert clearing.wait_until(NOW + timedelta(days=9), now=NOW) == clearing.LONGEST_WAIT
    waits = [clearing.ask_after(n) for n in range(20)]
    assert waits == sorted(waits) and waits[-1] == clearing.LONGEST_WAIT
