"""An issued invoice is never void: a red letter takes it back, once, and everything follows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lxml import etree

from tests.city import City
from tests.firms import Firm
from tests.flows.test_books_agree_with_the_bank import moved, vouchers
from tests.flows.test_invoice_is_issued_and_paid import (
    TOTALS,
    issued,
    platform,
    receivables,
    registered,
    text_of,
)


@pytest.fixture
async def firm(city: City) -> Firm:
    return await registered(city)


async def take_back(firm: Firm, invoice: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A red letter with all its reactions done."""
    body = {"invoice_id": invoice["id"], "reason": "02"} | changes
    answer = await firm.owner.post("/v1/red-letters", body)
    assert answer.status_code == 201, answer.text
    await firm.city.idle()
    return (await firm.owner.get(f"/v1/red-letters/{answer.json()['id']}")).json()


async def test_a_part_and_then_the_rest(firm: Firm):
    blue = await issued(firm)
    part = await take_back(firm, blue, lines=[{"line_no": 1, "amount_fen": 100_000}])
    assert part["state"] == "issued"
    assert (part["amount_fen"], part["tax_fen"]) == (-100_000, -1_000)
    (owed,) = await receivables(firm, state="open")
    assert (owed["credited_fen"], owed["open_fen"]) == (101_000, TOTALS["total_fen"] - 101_000)
    rest = await take_back(firm, blue)
    assert part["total_fen"] + rest["total_fen"] == -TOTALS["total_fen"]
    (owed,) = await receivables(firm, state="settled")
    assert (owed["open_fen"], owed["refund_due_fen"]) == (0, 0)
    known = {row["number"]: row for row in await platform(firm)}
    assert known[part["number"]]["red_of"] == blue["number"] == known[rest["number"]]["red_of"]
    assert sum(row["total_fen"] for row in known.values()) == 0
    quota = (await firm.owner.get("/v1/invoices/quota")).json()
    assert quota["used_fen"] == 0, "taken back in its own month"
    assert set(moved(await vouchers(firm)).values()) == {0}
    again = await firm.owner.post(
        "/v1/red-letters", {"invoice_id": blue["id"], "reason": "02", "lines": None}
    )
    assert again.status_code == 409 and again.json()["type"].endswith(":not-reversible")
    seen = (await firm.owner.get("/v1/red-letters", invoice_id=blue["id"])).json()["items"]
    assert [row["id"] for row in seen] == [rest["id"], part["id"]]


async def test_its_documents_are_red(firm: Firm):
    blue = await issued(firm)
    red = await take_back(firm, blue, reason="01")
    path = f"/v1/red-letters/{red['id']}"
    text = text_of(await firm.owner.get(f"{path}/pdf"))
    for said in (red["number"], f"被红冲蓝字数电发票号码：{blue['number']}", "负壹万壹仟捌佰"):
        assert said in text
    root = etree.fromstring((await firm.owner.get(f"{path}/xml")).content)
    assert root.findtext("Header/InherentLabel/InIssuType/LabelCode") == "N"
    total = root.findtext("EInvoiceData/BasicInformation/TotalTax-includedAmount")
    assert total == "-11867.50"


async def test_what_was_paid_before_is_due_as_a_refund(firm: Firm):
    blue = await issued(firm)
    await firm.receive(TOTALS["total_fen"], purpose=f"发票 {blue['number']}")
    await take_back(firm, blue, reason="04", lines=[{"line_no": 2, "amount_fen": 50_000}])
    (owed,) = await receivables(firm)
    assert (owed["paid_fen"], owed["open_fen"], owed["refund_due_fen"]) == (
        TOTALS["total_fen"], 0, 50_500,
    )  # fmt: skip


async def test_two_at_once_never_take_the_same_fen(firm: Firm):
    blue = await issued(firm)
    body = {"invoice_id": blue["id"], "reason": "02"}
    answers = await asyncio.gather(*(firm.owner.post("/v1/red-letters", body) for _ in range(6)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409, 409]
    await firm.city.idle()
    assert len(await platform(firm)) == 2


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"reason": "01", "lines": [{"line_no": 1, "amount_fen": 1}]}, "must-be-whole"),
        ({"reason": "02", "lines": [{"line_no": 1, "amount_fen": 1_060_001}]},
         "red-amount-too-large"),
        ({"reason": "02", "lines": [{"line_no": 3, "amount_fen": 1}]}, "red-amount-too-large"),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_back_is_refused(firm: Firm, body: dict, problem: str):
    blue = await issued(firm)
    answer = await firm.owner.post("/v1/red-letters", body | {"invoice_id": blue["id"]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith(f":{problem}")
