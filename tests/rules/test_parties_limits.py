"""Counterparties, personal limits and incoming credits: the small rules around a payment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.deposits.model import Holder
from accounts.incoming import rules as incoming
from accounts.incoming.model import Arrival
from accounts.limits import rules as limits
from accounts.limits.model import (
    DailyLimitExceeded,
    LimitsContradict,
    PersonLimit,
    SingleLimitExceeded,
)
from accounts.parties import rules as parties

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
TODAY = date(2025, 9, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("示例（北京）科技有限公司", "示例(北京)科技有限公司", True),
        ("ＡＢＣ示例 公司", "abc示例公司", True),
        ("古丽·示例", "古丽示例", True),
        ("示例科技有限公司", "示例科技有限责任公司", False),
        ("示例一店", "示例二店", False),
    ],
)
def test_names_are_compared_as_banks_compare_them(one, other, same):
    assert parties.same_name(one, other) is same


def test_a_new_payee_is_watched_until_it_cooled_or_is_trusted():
    until = parties.cooling_until(NOW, timedelta(hours=24))
    watched = {"trusted": False, "cooling_until": until}
    assert parties.is_watched(**watched, now=NOW + timedelta(hours=23))
    assert not parties.is_watched(**watched, now=until)
    assert not parties.is_watched(trusted=True, cooling_until=until, now=NOW)


def limit(**changes) -> PersonLimit:
    values = {
        "person_id": UUID(int=1), "single_fen": 500, "daily_fen": 800, "day": TODAY,
        "used_fen": 0, "version": 1,
    }  # fmt: skip
    return PersonLimit(**(values | changes))


def test_limits_refuse_at_the_first_fen_above_and_a_new_day_begins_at_nothing():
    with pytest.raises(SingleLimitExceeded):
        limits.check(limit(), amount_fen=501, today=TODAY)
    with pytest.raises(DailyLimitExceeded) as refused:
        limits.check(limit(used_fen=400), amount_fen=401, today=TODAY)
    assert refused.value.facts["left_fen"] == 400
    tomorrow = limits.use(limit(used_fen=800), amount_fen=500, today=TODAY + timedelta(days=1))
    assert (tomorrow.day, tomorrow.used_fen) == (TODAY + timedelta(days=1), 500)
    # One that began before midnight and waited for that one: both count, on the day begun.
    late = limits.use(tomorrow, amount_fen=300, today=TODAY)
    assert (late.day, late.used_fen) == (TODAY + timedelta(days=1), 800)
    with pytest.raises(DailyLimitExceeded):
        limits.use(late, amount_fen=1, today=TODAY)
    with pytest.raises(LimitsContradict):
        limits.sound(single_fen=2, daily_fen=1)


@given(st.lists(st.tuples(st.integers(1, 500), st.booleans()), max_size=20))
def test_the_days_use_is_what_was_paid_and_not_given_back(steps):
    used, spent = limit(), 0
    for amount_fen, back in steps:
        try:
            used = limits.use(used, amount_fen=amount_fen, today=TODAY)
            spent += amount_fen
        except DailyLimitExceeded:
            assert spent + amount_fen > 800
            continue
        if back:
            used = limits.give_back(used, amount_fen=amount_fen, used_on_day=TODAY)
            spent -= amount_fen
        assert used.used_fen == spent <= 800
    yesterday = TODAY - timedelta(days=1)
    assert limits.give_back(used, amount_fen=1, used_on_day=yesterday) == used


def test_an_incoming_credit_is_booked_for_its_holder_only():
    arrival = Arrival(
        source="outside", reference="IN000001", amount_fen=5, payer_name="甲", payer_account="1",
        payer_bank_code="103100000026", payee_account="2", payee_name="示例公司", remark="",
    )  # fmt: skip
    holder = Holder(business_id=UUID(int=1), account_id=UUID(int=2), name="示例公司")
    assert incoming.objection(arrival, holder) == ""
    assert incoming.objection(arrival, None) == incoming.UNKNOWN_ACCOUNT
    other = Holder(business_id=UUID(int=1), account_id=UUID(int=2), name="别家公司")
    assert incoming.objection(arrival, other) == incoming.NAME_DIFFERS
    entry = incoming.entry(arrival, account_id=UUID(int=2), transit_id=UUID(int=3))
    assert sum(leg.amount_fen for leg in entry.legs) == 0
