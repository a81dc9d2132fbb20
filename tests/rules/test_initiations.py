"""A pain.001 becomes the rows that it says and nothing else; a pain.002 answers each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.batch_checks import rules as checks
from accounts.initiations import rules
from accounts.initiations.model import NotAnInitiation, Said
from tests.messages import initiation, to_supplier

PAYER: Any = SimpleNamespace(name="上海示例科技有限公司", number="0200010000000000001")
NOW = datetime(2025, 9, 1, 4, tzinfo=UTC)
TODAY = date(2025, 9, 1)


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20))
def test_every_credit_is_a_row_with_its_amount_to_the_fen(amounts: list[int]):
    credits = [
        to_supplier(f"{fen // 100}.{fen % 100:02d}", f"R-{no}") for no, fen in enumerate(amounts)
    ]
    total = f"{sum(amounts) // 100}.{sum(amounts) % 100:02d}"
    said = rules.read(initiation(PAYER, credits, sum=total), most=100)
    rules.payer_fits(said, account_number=PAYER.number, today=TODAY)
    rows = checks.rows(rules.lines(said))
    assert [row.amount_fen for row in rows] == amounts
    assert [row.reference for row in rows] == [f"R-{no}" for no in range(len(amounts))]
    assert not any(row.problems for row in rows)


def test_what_a_message_says_of_purpose_and_currency_is_checked_like_a_cell():
    credits = [
        to_supplier("1", "R-1", purpose="SALA"),
        to_supplier("1", "R-2", purpose="ZZZZ"),
        to_supplier("1", "R-3", currency="EUR"),
    ]
    rows = checks.rows(rules.lines(rules.read(initiation(PAYER, credits), most=100)))
    assert rows[0].purpose == "wages"
    assert [[p.code for p in row.problems] for row in rows] == [[], ["purpose"], ["amount"]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"count": 3}, "count"), ({"sum": "1.01"}, "sum"), ({"message_id": ""}, "message")],
)
def test_a_message_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: str):
    with pytest.raises(NotAnInitiation) as refused:
        rules.read(initiation(PAYER, [to_supplier("1", "R-1")], **changes), most=100)
    assert refused.value.facts["problem"] == problem


def test_a_message_with_too_many_credits_or_another_payer_is_refused():
    content = initiation(PAYER, [to_supplier("1", f"R-{no}") for no in range(3)])
    with pytest.raises(NotAnInitiation):
        rules.read(content, most=2)
    said = rules.read(content, most=3)
    with pytest.raises(NotAnInitiation):
        rules.payer_fits(said, account_number="0200010000000000002", today=TODAY)
    with pytest.raises(NotAnInitiation):
        rules.payer_fits(said, account_number=PAYER.number, today=date(2025, 8, 31))


@pytest.mark.parametrize(
    "content", [b"<a/>", b"<?xml version='1.0'?><!DOCTYPE a><a/>", b"\xff\xfe<", b"<Document"]
)
def test_what_is_no_message_is_refused_and_never_breaks(content: bytes):
    with pytest.raises(NotAnInitiation):
        rules.read(content, most=10)


def test_the_answer_names_each_credit_with_its_status():
    said = rules.read(
        initiation(PAYER, [to_supplier("1", "R-1"), to_supplier("2", "R-2")]), most=10
    )
    became = [Said(status="ACSC"), Said(status="RJCT", code="name_mismatch", words="户名不符")]
    text = rules.answer(said, became, answer_id="A1", at=NOW)
    assert rules.statuses(text) == [("R-1", "ACSC"), ("R-2", "RJCT")]
    assert "<GrpSts>PART</GrpSts>" in text and "户名不符" in text
    assert rules.group_status(became[:1]) == "ACSC"
    assert rules.group_status([Said(status="ACSP"), Said(status="PDNG")]) == "ACSP"
