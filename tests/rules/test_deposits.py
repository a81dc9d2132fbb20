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
    Deposit,
    MomentInvalid,
    MoneyLeft,
    NotYoursToSet,
    OtherAccountsOpen,
    RangeInvalid,
    StateNotAllowed,
    TermWrong,
)

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
ACTIVE = Deposit(
    id=UUID(int=1), number="0200010009000000001", name="示例公司", account_class="basic",
    currency="CNY", state="active", state_reason=None, state_set_by=None, state_until=None,
    opened_on=date(2025, 9, 1), closed_on=None, version=1,
)  # fmt: skip


def change(deposit: Deposit, to: str, by: str, hours: int | None = None) -> Deposit:
    until = NOW + timedelta(hours=hours) if hours else None
    return rules.change(deposit, to, by=by, reason="令", until=until, now=NOW)


@pytest.mark.parametrize(
    ("to", "by", "hours"),
    [
        ("frozen_full", "bank", 24),
        ("dormant", "bank", None),
        ("stop_payment", "court", 24),
        ("closed", "owner", None),
    ],
)
def test_nobody_sets_what_is_not_theirs(to, by, hours):
    with pytest.raises(NotYoursToSet):
        change(ACTIVE, to, by, hours)


def test_an_emergency_stop_lasts_two_days_and_a_freeze_a_year_at_most():
    assert change(ACTIVE, "stop_payment", "police", 48).state == "stop_payment"
    for to, by, hours in (
        ("stop_payment", "police", 49),
        ("stop_payment", "police", None),
        ("frozen_full", "court", 365 * 24 + 1),
    ):
        with pytest.raises(TermWrong):
            change(ACTIVE, to, by, hours)
    with pytest.raises(TermWrong):
        change(ACTIVE, "receive_only", "bank", -1)


def test_a_weaker_state_never_replaces_a_stronger_one():
    frozen = change(ACTIVE, "frozen_full", "court", 24)
    with pytest.raises(StateNotAllowed):
        change(frozen, "stop_payment", "police", 24)
    assert change(frozen, "no_in_no_out", "bank").state == "no_in_no_out"


def test_who_gave_the_order_lifts_it_and_the_bank_only_after_its_term():
    frozen = change(ACTIVE, "frozen_full", "court", 24)
    with pytest.raises(NotYoursToSet):
        change(frozen, "active", "bank")
    assert change(frozen, "active", "court").state_reason is None
    later = rules.change(
        frozen, "active", by="bank", reason="到期", until=None, now=NOW + timedelta(hours=25)
    )
    assert (later.state, later.version) == ("active", 3)


def test_only_an_active_account_pays_online():
    rules.may_pay_online(ACTIVE)
    for state in rules.LEDGER_STATE:
        if state != "active":
            with pytest.raises(CannotPayOnline):
                rules.may_pay_online(replace(ACTIVE, state=state))


def close(
    deposit: Deposit, balance_fen: int = 0, held_fen: int = 0, away_fen: int = 0, others: int = 0
) -> Deposit:
    return rules.close(
        deposit, balance_fen=balance_fen, held_fen=held_fen, away_fen=away_fen,
        others_open=others, now=NOW, reason="撤销", on=date(2025, 9, 1),
    )  # fmt: skip


def test_an_account_closes_empty_and_the_basic_one_last():
    with pytest.raises(MoneyLeft):
        close(ACTIVE, balance_fen=1)
    with pytest.raises(MoneyLeft):
        close(ACTIVE, held_fen=1)
    with pytest.raises(MoneyLeft):
        close(ACTIVE, away_fen=1)
    with pytest.raises(OtherAccountsOpen):
        close(ACTIVE, others=1)
    closed = close(replace(ACTIVE, account_class="general"), others=1)
    assert (closed.state, closed.closed_on) == ("closed", date(2025, 9, 1))
    with pytest.raises(StateNotAllowed):
        change(closed, "active", "bank")
    with pytest.raises(StateNotAllowed):
        close(change(ACTIVE, "receive_only", "bank"))


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
