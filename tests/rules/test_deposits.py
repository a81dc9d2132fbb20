"""States of accounts: who sets them, who lifts them, how long they last, when one may close."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.deposits import rules
from accounts.deposits.model import (
    CannotPayOnline,
    CurrenciesDiffer,
    DebtLeft,
    Deposit,
    Leftovers,
    MomentInvalid,
    MoneyLeft,
    NewMove,
    NoSubAccountHere,
    NotOneFamily,
    NotYoursToSet,
    OtherAccountsOpen,
    RangeInvalid,
    StateNotAllowed,
    TermWrong,
    VerifyAgain,
)

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
ACTIVE = Deposit(
    id=UUID(int=1), number="0200010009000000001", name="示例公司", account_class="basic",
    currency="CNY", state="active", restriction="active", ordered="active", state_reason=None,
    state_set_by=None, state_until=None, opened_on=date(2025, 9, 1), closed_on=None,
    parent_id=None, bears_interest=True, version=1,
)  # fmt: skip


def change(deposit: Deposit, to: str, by: str, hours: int | None = None) -> Deposit:
    until = NOW + timedelta(hours=hours) if hours else None
    return rules.change(deposit, to, by=by, reason="令", until=until, now=NOW)


@pytest.mark.parametrize(
    ("to", "by"),
    [("receive_only", "owner"), ("dormant", "bank"), ("stop_payment", "system")],
)
def test_nobody_sets_what_is_not_theirs(to, by):
    with pytest.raises(NotYoursToSet):
        change(ACTIVE, to, by)


@pytest.mark.parametrize("to", ["frozen_full", "closed", "active"])
def test_orders_and_closing_are_no_states_to_set(to):
    with pytest.raises(StateNotAllowed):
        change(ACTIVE, to, "bank")


def test_a_term_lies_ahead():
    assert change(ACTIVE, "receive_only", "bank", 48).state == "receive_only"
    with pytest.raises(TermWrong):
        change(ACTIVE, "receive_only", "bank", -1)


def test_a_weaker_restriction_never_replaces_a_stronger_one():
    stopped = change(ACTIVE, "no_in_no_out", "bank")
    with pytest.raises(StateNotAllowed):
        change(stopped, "stop_payment", "bank")
    assert change(change(ACTIVE, "stop_payment", "bank"), "no_in_no_out", "bank").state == (
        "no_in_no_out"
    )


def test_who_set_it_lifts_it_and_the_bank_stands_in_for_the_owner_and_the_clock():
    with pytest.raises(NotYoursToSet):
        change(change(ACTIVE, "stop_payment", "bank"), "active", "owner")
    own = change(ACTIVE, "suspended_noncounter", "owner")
    assert change(own, "active", "owner").state_reason is None
    assert change(own, "active", "bank").version == 3


def test_a_dormant_account_wakes_after_its_customer_was_verified():
    asleep = change(ACTIVE, "dormant", "system")
    assert rules.ledger_state(asleep) == "blocked"
    with pytest.raises(VerifyAgain):
        change(asleep, "active", "bank")
    awake = rules.change(
        asleep, "active", by="bank", reason="核实", until=None, now=NOW, verified=True
    )
    assert awake.state == "active"


@given(
    st.sampled_from(sorted(set(rules.LEDGER_STATE) - {"frozen_full"})),
    st.sampled_from(["active", "stop_payment", "frozen_full"]),
)
def test_order_and_restriction_let_through_what_both_let_through(restriction, ordered):
    """The state that is shown and the ledger's are the tighter of the two, in every pair."""
    both = rules.under_order(replace(ACTIVE, restriction=restriction), ordered)
    tightness = rules.TIGHTNESS[rules.ledger_state(both)]
    for one in (restriction, ordered):
        assert tightness >= rules.TIGHTNESS[rules.LEDGER_STATE[one]]
        assert rules.STRENGTH[both.state] >= rules.STRENGTH[one]
    assert both.state in (restriction, ordered)


def test_only_an_active_account_pays_online():
    rules.may_pay_online(ACTIVE)
    for state in rules.LEDGER_STATE:
        if state != "active":
            with pytest.raises(CannotPayOnline):
                rules.may_pay_online(replace(ACTIVE, state=state))


def close(
    deposit: Deposit,
    balance_fen: int = 0,
    held_fen: int = 0,
    away_fen: int = 0,
    others: int = 0,
    owed_fen: int = 0,
) -> Deposit:
    facts = Leftovers(
        balance_fen=balance_fen, held_fen=held_fen, away_fen=away_fen, others_open=others,
        owed_fen=owed_fen,
    )  # fmt: skip
    return rules.close(deposit, facts, reason="撤销", on=date(2025, 9, 1))


def test_an_account_closes_empty_and_the_basic_one_last():
    for left in ({"balance_fen": 1}, {"held_fen": 1}, {"away_fen": 1}):
        with pytest.raises(MoneyLeft):
            close(ACTIVE, **left)
    with pytest.raises(OtherAccountsOpen):
        close(ACTIVE, others=1)
    with pytest.raises(DebtLeft):
        close(ACTIVE, owed_fen=1)
    closed = close(replace(ACTIVE, account_class="general"), owed_fen=1)
    assert (closed.state, closed.closed_on) == ("closed", date(2025, 9, 1))
    with pytest.raises(StateNotAllowed):
        change(closed, "active", "bank")
    for state in ("receive_only", "no_in_no_out"):
        with pytest.raises(StateNotAllowed):
            close(change(ACTIVE, state, "bank"))
    with pytest.raises(StateNotAllowed):
        close(rules.under_order(ACTIVE, "frozen_full"))


SUB = replace(
    ACTIVE, id=UUID(int=2), number=ACTIVE.number + "001", account_class="sub", parent_id=ACTIVE.id
)


def move(from_: Deposit, to: Deposit):
    new = NewMove(to_account_id=to.id, amount_fen=100)
    return rules.move_entry(UUID(int=9), new, from_=from_, to=to)


def test_money_moves_within_one_family_and_one_currency():
    sibling = replace(SUB, id=UUID(int=3))
    for pair in ((ACTIVE, SUB), (SUB, ACTIVE), (SUB, sibling)):
        entry = move(*pair)
        assert [leg.amount_fen for leg in entry.legs] == [-100, 100]
    stranger = replace(ACTIVE, id=UUID(int=4), account_class="general")
    for pair in ((ACTIVE, stranger), (SUB, stranger), (ACTIVE, ACTIVE)):
        with pytest.raises(NotOneFamily):
            move(*pair)
    with pytest.raises(CurrenciesDiffer):
        move(ACTIVE, replace(SUB, currency="USD"))
    with pytest.raises(CannotPayOnline):
        move(change(ACTIVE, "receive_only", "bank"), SUB)


def test_a_sub_account_has_its_parents_number_with_a_suffix():
    assert rules.sub_number(ACTIVE, present=0) == ACTIVE.number + "001"
    for parent, present in ((SUB, 0), (ACTIVE, 99), (change(ACTIVE, "receive_only", "bank"), 0)):
        with pytest.raises(NoSubAccountHere):
            rules.sub_number(parent, present=present)


def test_a_foreign_currency_does_not_pay_online():
    with pytest.raises(CannotPayOnline):
        rules.may_pay_online(replace(ACTIVE, currency="USD"))


@given(st.dates(), st.dates())
def test_a_range_begins_before_it_ends(first, end):
    if first < end and first.year in rules.YEARS and end.year in rules.YEARS:
        days = rules.days_of(ACTIVE, from_on=first, until_on=end, today=date(2025, 9, 1))
        assert (days.from_on, days.until_on) == (first, end)
    else:
        with pytest.raises(RangeInvalid):
            rules.days_of(ACTIVE, from_on=first, until_on=end, today=date(2025, 9, 1))


def test_a_moment_needs_an_offset():
    rules.sound_moment(NOW)
    for bad in (datetime(2025, 9, 1), datetime(2500, 1, 1, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(MomentInvalid):
            rules.sound_moment(bad)
