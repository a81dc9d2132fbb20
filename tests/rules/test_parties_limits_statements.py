"""Counterparties, personal limits, receipts and statements: the small rules around a payment."""

from __future__ import annotations

import csv
import io
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
from accounts.receipts import rules as receipts
from accounts.statements import rules as statements
from accounts.statements.model import Line, Statement

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


def test_a_stranger_sees_only_the_ends_of_a_name():
    assert receipts.shortened("上海示例科技有限公司") == "上海******公司"
    assert receipts.shortened("王小微") == "王**"
    assert receipts.number(TODAY, UUID(int=42)) == "20250901000000000042"


NASTY = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"]


def line(memo: str, name: str | None, amount_fen: int = -1) -> Line:
    return Line(
        seq=1, booked_on=TODAY, at=NOW, amount_fen=amount_fen, balance_after_fen=-5,
        kind="payment", memo=memo, counterparty_name=name, counterparty_account_tail="0018",
    )  # fmt: skip


def statement(*lines: Line) -> Statement:
    return Statement(
        account_number="1", account_name="示例", currency="CNY", from_on=TODAY, until_on=TODAY,
        opening_fen=0, closing_fen=0, came_in_fen=0, went_out_fen=0, lines=list(lines),
    )  # fmt: skip


def test_a_spreadsheet_runs_nothing_of_a_statement():
    content = statements.as_csv(statement(*(line(text, text) for text in NASTY)))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.startswith(b"\xef\xbb\xbf")
    assert len(rows) == 1 + len(NASTY)
    for row, text in zip(rows[1:], NASTY, strict=True):
        assert row[6] == row[8] == f"'{text}"
    assert rows[1][3:6] == ["", "0.01", "-0.05"]


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30))
def test_what_came_less_what_went_is_the_sum(amounts):
    came, went = statements.sums([line("", None, amount) for amount in amounts])
    assert came - went == sum(amounts) and came >= 0 and went >= 0
