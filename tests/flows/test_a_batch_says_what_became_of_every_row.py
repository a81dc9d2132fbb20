"""A file of payments is checked row by row, agreed to as a whole, and paid row by row, once."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any
from uuid import uuid4

import asyncpg
import openpyxl  # type: ignore[import-untyped]
import pytest

from accounts.payouts import rules as payout_rules
from tests.batches import (
    TITLES,
    act,
    as_csv,
    ended,
    hand_in,
    made,
    outcomes,
    rows_of,
    seen,
    to_firm,
    to_supplier,
)
from tests.city import City, Person
from tests.firms import OUR_BANK, Firm, open_firm, open_supplier, outside_balance

OTHER = "杭州乙木贸易有限公司"


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def other(city: City) -> Firm:
    return await open_firm(city, name=OTHER)


@pytest.fixture
async def checker(firm: Firm) -> Person:
    return await firm.member(f"137{str(uuid4().int)[:8]}", "checker")


async def test_each_row_is_paid_or_says_why_not(firm: Firm, other: Firm, checker: Person):
    rows = [
        to_firm(other, "100.00", reference="A1"),
        to_supplier("200.00"),
        ("不是这个公司", other.number, OUR_BANK, "1.00", "货款", "", ""),
        to_firm(other, "１２.00"),
        to_firm(other, "=1+1"),
        to_firm(other, "9000.00"),
    ]
    found = await made(firm, as_csv(rows))
    batch = found["batch"]
    assert (batch["state"], batch["row_count"], batch["bad_count"]) == ("checked", 6, 3)
    assert (batch["total_fen"], found["available_fen"]) == (930_000, 1_000_000)
    wrong = await rows_of(firm, batch["id"], outcome="wrong")
    told = [(row["line_no"], row["problems"][0]["field"], row["problems"][0]["code"])
            for row in wrong]  # fmt: skip
    assert told == [(4, "payee_name", "name_mismatch"), (5, "amount", "full_width"),
                    (6, "amount", "formula")]  # fmt: skip
    assert all(row["problems"][0]["next_step"] for row in wrong)
    waiting = await act(firm.owner, found, "submit")
    assert waiting.json()["state"] == "pending_approval", waiting.text
    found = await seen(firm, batch["id"])
    other_content = found | {"batch": found["batch"] | {"content_hash": "0" * 64}}
    assert (await act(checker, other_content, "approve")).status_code == 409
    assert (await act(firm.owner, found, "approve")).status_code == 403
    # Money leaves meanwhile: the last row finds too little.
    spent = await firm.owner.post("/v1/payments", firm.order_to(other, 100_000))
    assert spent.json()["state"] == "settled"
    approved = await act(checker, found, "approve")
    assert approved.status_code == 200, approved.text
    found = await ended(firm, batch["id"])
    assert outcomes(found) == {"settled": 2, "refused": 1, "wrong": 3}
    (refused,) = await rows_of(firm, batch["id"], outcome="refused")
    assert refused["reason"] == "可用余额不足"
    assert await outside_balance(firm.city) == 20_000
    assert (await firm.account())["balance_fen"] == 1_000_000 - 100_000 - 30_000
    assert (await other.account())["balance_fen"] == 110_000
    assert await firm.city.findings() == []


async def test_the_result_can_be_opened_mended_and_handed_in_again(firm: Firm, other: Firm):
    rows = [to_firm(other, "5.00", memo="＠九月"), to_firm(other, "六元")]
    found = await made(firm, as_csv(rows, encoding="gb18030"))
    assert (await act(firm.owner, found, "submit")).json()["state"] == "paying"
    batch_id = found["batch"]["id"]
    await ended(firm, batch_id)
    path = f"/v1/batches/{batch_id}/result"
    text = (await firm.owner.get(path, format="csv")).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][:7] == list(TITLES)
    assert lines[2][3] == "六元" and lines[2][8] == "未付款：行数据有误" and lines[2][9]
    book = openpyxl.load_workbook(io.BytesIO((await firm.owner.get(path)).content))
    cells = list(book.worksheets[0].iter_rows(values_only=True))
    assert cells[1][8] == "未付款：行数据有误" or cells[1][8] == "付款成功"
    lines[2][3] = "6.00"
    mended = await made(firm, as_csv([tuple(line) for line in lines[2:]], tuple(lines[0])))
    assert mended["batch"]["bad_count"] == 0
    assert mended["batch"]["total_fen"] == 600


async def test_all_or_nothing_moves_nothing_when_one_row_cannot_be_paid(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    wrong = await made(firm, as_csv([to_firm(other, "1.00"), to_firm(other, "")]), mode="atomic")
    assert (await act(firm.owner, wrong, "submit")).status_code == 422
    too_much = await made(
        firm, as_csv([to_firm(other, "6000.00"), to_firm(other, "6000.01")]), mode="atomic"
    )
    short = await act(firm.owner, too_much, "submit")
    assert short.json()["short_fen"] == 200_001
    third = await open_firm(firm.city, name="宁波丙火制造有限公司")
    found = await made(
        firm, as_csv([to_firm(other, "1.00"), to_firm(third, "2.00")]), mode="atomic"
    )
    await db.execute(
        "update ledger.accounts set state = 'no_credit' where business_id = $1", third.business_id
    )
    assert (await act(firm.owner, found, "submit")).json()["state"] == "paying"
    found = await ended(firm, found["batch"]["id"])
    assert found["batch"]["state"] == "failed"
    assert found["batch"]["reason"] == "第2笔：收款账户暂不能收款，整批未付款"
    assert outcomes(found) == {"not_paid": 2}
    assert (await firm.account())["available_fen"] == 1_000_000
    await db.execute(
        "update ledger.accounts set state = 'open' where business_id = $1", third.business_id
    )
    again = await act(firm.owner, found, "retry")
    assert again.status_code == 202, again.text
    await firm.city.idle()
    second = await seen(firm, again.json()["id"])
    assert second["batch"]["retries"] == found["batch"]["id"]
    assert (await act(firm.owner, found, "retry")).status_code == 409
    assert (await act(firm.owner, second, "submit")).status_code == 200
    assert outcomes(await ended(firm, second["batch"]["id"])) == {"settled": 2}
    assert (await firm.account())["balance_fen"] == 999_700


async def test_a_payee_that_takes_nothing_stops_only_its_own_rows(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    third = await open_firm(firm.city, name="宁波丙火制造有限公司")
    found = await made(firm, as_csv([to_firm(other, "1.00"), to_firm(third, "2.00")] * 3))
    assert found["batch"]["warned_count"] == 6
    await db.execute(
        "update ledger.accounts set state = 'no_credit' where business_id = $1", third.business_id
    )
    await act(firm.owner, found, "submit")
    found = await ended(firm, found["batch"]["id"])
    await db.execute(
        "update ledger.accounts set state = 'open' where business_id = $1", third.business_id
    )
    assert outcomes(found) == {"settled": 3, "refused": 3}
    reasons = {
        row["reason"] for row in await rows_of(firm, found["batch"]["id"], outcome="refused")
    }
    assert reasons == {"收款账户暂不能收款"}


async def test_it_pauses_between_slices_goes_on_and_is_called_off(
    firm: Firm, other: Firm, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(payout_rules, "SLICE", 2)
    found = await made(firm, as_csv([to_firm(other, f"{n}.00") for n in range(1, 8)]))
    batch_id = found["batch"]["id"]
    assert (await act(firm.owner, found, "submit")).status_code == 200
    found = await seen(firm, batch_id)
    assert (await act(firm.owner, found, "pause")).status_code == 200
    await firm.city.idle()
    found = await seen(firm, batch_id)
    assert (found["batch"]["state"], outcomes(found)) == ("paused", {"waiting": 7})
    assert (await act(firm.owner, found, "resume")).status_code == 200
    found = await ended(firm, batch_id)
    assert outcomes(found) == {"settled": 7}
    stream = await _events(firm.owner, batch_id)
    assert [event for event in stream if event == "slice"] == ["slice"] * 4
    assert stream[-1] == "finished"
    found = await made(firm, as_csv([to_firm(other, "1.00")]))
    assert (await act(firm.owner, found, "cancel", reason="名单有误")).status_code == 200
    assert outcomes(await seen(firm, found["batch"]["id"])) == {"not_paid": 1}


async def _events(person: Person, batch_id: str) -> list[str]:
    answer = await person.get(f"/v1/batches/{batch_id}/progress")
    return [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")]


async def test_a_worker_that_dies_between_slices_pays_no_row_twice(
    firm: Firm, other: Firm, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(payout_rules, "SLICE", 2)
    found = await made(firm, as_csv([to_firm(other, f"{n}.00") for n in range(1, 8)]))
    await act(firm.owner, found, "submit")
    batch_id = found["batch"]["id"]

    class Died(Exception):
        pass

    from accounts.payouts import jobs
    from accounts.payouts import operations as payouts

    begun = 0
    pay_slice = payouts.pay_slice

    async def dies(work: Any, **given: Any) -> bool:
        nonlocal begun
        more = await pay_slice(work, **given)
        begun += 1
        if begun in (1, 3):
            raise Died
        return more

    monkeypatch.setattr(payouts, "pay_slice", dies)
    for _ in range(2):
        with pytest.raises(Died):
            await jobs.pay(firm.city.ctx, batch_id=batch_id, business_id=firm.business_id)
    await asyncio.gather(
        *(jobs.pay(firm.city.ctx, batch_id=batch_id, business_id=firm.business_id)
          for _ in range(3)),
    )  # fmt: skip
    found = await ended(firm, batch_id)
    assert outcomes(found) == {"settled": 7}
    assert (await other.account())["balance_fen"] == sum(range(1, 8)) * 100
    assert await db.fetchval("select count(*) from accounts.payments") == 7


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\r\n1,2\r\n", "无法识别的列"),
        (as_csv([]), "没有数据行"),
        (as_csv([("x", "1")], ("收款人户名", "金额")), "缺少必需的列"),
        (as_csv([to_supplier("1.00")] * 10_001), "超过允许的大小"),
    ],
)
async def test_a_file_that_is_no_table_of_payments_says_why(
    firm: Firm, content: bytes, reason: str
):
    found = await made(firm, content)
    assert found["batch"]["state"] == "unreadable"
    assert reason in found["batch"]["reason"]


async def test_what_is_no_table_is_not_taken(firm: Firm):
    for content in (b"\xff\xfea\x00", b"PK\x03\x04nothing", b"%PDF-1.7", b"hello"):
        assert (await hand_in(firm.owner, content)).status_code == 422


async def test_what_was_approved_cannot_be_changed_behind_it(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    found = await made(firm, as_csv([to_firm(other, "1.00")]))
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute("update accounts.batch_rows set amount_fen = 99999")
    await db.execute("alter table accounts.batch_rows disable trigger batch_rows_stay")
    await db.execute("update accounts.batch_rows set amount_fen = 99999")
    await act(firm.owner, found, "submit")
    found = await ended(firm, found["batch"]["id"])
    assert (found["batch"]["state"], outcomes(found)) == ("failed", {"not_paid": 1})


async def test_verify_sees_rows_that_were_paid_otherwise_passed_over_or_in_part(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    found = await made(
        firm, as_csv([to_firm(other, "1.00"), to_firm(other, "2.00")]), mode="atomic"
    )
    await act(firm.owner, found, "submit")
    await ended(firm, found["batch"]["id"])
    assert await firm.city.findings() == []
    planted = {
        "batch_row_paid_otherwise": (
            "update accounts.payments set payee_account_tail = '0000'",
            (
                "update accounts.payments p set payee_account_tail = r.payee_account_tail"
                " from accounts.batch_rows r where r.payment_id = p.id"
            ),
        ),
        "batch_row_passed_over": (
            "update accounts.batches set done_until = 1",
            "update accounts.batches set done_until = 2",
        ),
        "batch_all_or_nothing_in_part": (
            "update accounts.payments set state = 'refused', refusal = '{}' where amount_fen = 100",
            "update accounts.payments set state = 'settled', refusal = null where amount_fen = 100",
        ),
        "batch_finished_too_early": (
            "update accounts.payments set state = 'processing'",
            "update accounts.payments set state = 'settled'",
        ),
    }
    for name, (plant, undo) in planted.items():
        await db.execute(plant)
        findings = await firm.city.findings()
        await db.execute(undo)
        assert any(line.startswith(name) for line in findings), (name, findings)
    assert await firm.city.findings() == []
