"""A pain.001 is a payment file like any other, answered by a pain.002; camt.052 and 054 tell."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.initiations import rules as initiations
from tests import camt_reader
from tests.batches import act, ended, hand_in, made
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.messages import initiation, to_firm, to_supplier


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await set_rule(firm.owner, None, None)
    return firm


async def test_a_message_is_paid_row_by_row_and_answered(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    credits = [
        to_supplier("1000.00", "INV-1"),
        to_firm(other, "20.5", "INV-2", purpose="SCVE"),
        to_supplier("3.00", "INV-3", currency="USD"),
        to_firm(other, "7", "INV-4").replace("杭州示例餐饮", "杭州别家餐饮"),
    ]
    content = initiation(firm, credits, sum="1030.50")
    seen = await made(firm, content, speed="instant")
    batch = seen["batch"]
    assert (batch["state"], batch["row_count"], batch["bad_count"]) == ("checked", 4, 2)
    rows = (await firm.owner.get(f"/v1/batches/{batch['id']}/rows")).json()["items"]
    assert [row["reference"] for row in rows] == ["INV-1", "INV-2", "INV-3", "INV-4"]
    assert [[p["code"] for p in row["problems"]] for row in rows] == [
        [], [], ["amount"], ["name_mismatch"]]  # fmt: skip
    assert rows[1]["purpose"] == "services"
    early = await firm.owner.get(f"/v1/batches/{batch['id']}/status-report")
    assert [s for _, s in initiations.statuses(early.text)] == ["PDNG", "PDNG", "RJCT", "RJCT"]
    assert (await act(firm.owner, seen, "submit")).status_code == 200
    await ended(firm, batch["id"])
    answer = await firm.owner.get(f"/v1/batches/{batch['id']}/status-report")
    assert answer.headers["content-type"].startswith("application/xml")
    assert initiations.statuses(answer.text) == [
        ("INV-1", "ACSC"), ("INV-2", "ACSC"), ("INV-3", "RJCT"), ("INV-4", "RJCT"),
    ]  # fmt: skip
    assert "户名与账号不符" in answer.text and "MSG-1" in answer.text
    assert (await firm.account())["balance_fen"] == 1_000_000 - 100_000 - 2_050
    # The same message again pays nothing; a table has no such answer.
    again = await made(firm, content)
    assert again["batch"]["state"] == "unreadable"
    assert again["batch"]["reason"].startswith("该报文编号已提交过，未重复受理")
    none = await firm.owner.get(f"/v1/batches/{again['batch']['id']}/status-report")
    assert none.status_code == 404


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sum": "2.00"}, "报文声明的合计金额与明细不符"),
        ({"count": 2}, "报文声明的笔数与明细不符"),
        ({"payer": "6222000000000000000"}, "报文的付款账号不是所选账户"),
        ({"on": "2026-01-01"}, "报文的执行日期在以后"),
        ({"message_id": "M" * 36}, "不是可受理的 pain.001 报文"),
    ],
)
async def test_a_message_that_contradicts_itself_pays_nothing(
    firm: Firm, changes: dict[str, object], reason: str
):
    seen = await made(firm, initiation(firm, [to_supplier("1.00", "R-1")], **changes))
    assert seen["batch"]["state"] == "unreadable"
    assert seen["batch"]["reason"].startswith(reason)


async def test_a_message_with_an_entity_is_not_taken(firm: Firm):
    content = initiation(firm, [to_supplier("1.00", "R-1")])
    planted = content.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', 1)
    answer = await hand_in(firm.owner, planted, name="pain.xml")
    assert answer.status_code == 422


async def test_notices_and_the_day_so_far_are_read_back(firm: Firm):
    paid = await firm.owner.post("/v1/payments", firm.order(2_500))
    assert paid.status_code == 201, paid.text
    await firm.city.idle()
    path = f"/v1/accounts/{firm.account_id}"
    today = date(2025, 9, 1).isoformat()
    lines = (await firm.owner.get(f"{path}/statement")).json()["lines"]
    for line in lines:
        answer = await firm.owner.get(f"{path}/notice", booked_on=today, seq=line["seq"])
        assert answer.status_code == 200, answer.text
        told = camt_reader.read_told(answer.content, "camt.054.001.08")
        assert told.account == firm.number
        assert [(e.amount_fen, e.counterparty) for e in told.entries] == [
            (line["amount_fen"], line["counterparty_name"])
        ]
    report = await firm.owner.get(f"{path}/intraday-report")
    assert report.status_code == 200, report.text
    told = camt_reader.read_told(report.content, "camt.052.001.08")
    account = await firm.account()
    assert told.balances == {
        "OPBD": 0, "ITBD": account["balance_fen"], "ITAV": account["available_fen"],
    }  # fmt: skip
    assert sum(entry.amount_fen for entry in told.entries) == account["balance_fen"]
    assert (await firm.owner.get(f"{path}/notice", booked_on=today, seq=99)).status_code == 404
