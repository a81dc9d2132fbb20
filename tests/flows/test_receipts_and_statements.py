"""Every booked line has a receipt that anyone can check, every range a statement that adds up."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from tests import camt_reader
from tests.city import City, Person
from tests.firms import Firm, open_firm
from tests.rules.test_statements import as_cells, fen

OTHER = "杭州示例餐饮有限公司"


_booked: dict[str, int] = {}


@pytest.fixture
async def firm(city: City) -> AsyncIterator[Firm]:
    """A firm; what was booked past its own books is booked back, so that they agree at the end."""
    firm = await open_firm(city)
    yield firm
    if left_fen := _booked.pop(firm.account_id, 0):
        await book(firm, [-left_fen], mark="back")


async def book(firm: Firm, amounts: list[int], *, kind: str = "fee", mark: str = "t") -> None:
    """Movements between the account and the bank's side of the firm, a few hundred at a time."""
    _booked[firm.account_id] = _booked.get(firm.account_id, 0) + sum(amounts)
    for at in range(0, len(amounts), 500):
        async with firm.city.ctx.begin(firm.business_id) as work:
            side = await ledger.bank_side(work, kind="capital")
            await ledger.post(
                work,
                entries=[
                    NewEntry(
                        kind=kind,
                        business_key=f"{mark}:{at + no}",
                        memo=f"第{at + no}笔",
                        legs=[
                            Leg(account_id=firm.account_id, amount_fen=amount),
                            Leg(account_id=side, amount_fen=-amount),
                        ],
                    )
                    for no, amount in enumerate(amounts[at : at + 500])
                ],
            )


async def lines_of(firm: Firm) -> list[dict[str, Any]]:
    answer = await firm.owner.get(f"/v1/accounts/{firm.account_id}/postings", limit=200)
    return answer.json()["items"]


async def printed(firm: Firm, line: dict[str, Any]) -> dict[str, Any]:
    body = {"booked_on": line["booked_on"], "seq": line["seq"]}
    answer = await firm.owner.post(f"/v1/accounts/{firm.account_id}/receipts", body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def text_of(pdf: bytes) -> str:
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return "".join(texts).replace(" ", "")


async def test_every_kind_of_line_has_its_receipt(firm: Firm):
    other = await open_firm(firm.city, name=OTHER)
    await firm.receive(1_000_000)
    assert (await firm.owner.post("/v1/payments", firm.order_to(other, 1_234))).status_code == 201
    await firm.city.idle()
    for kind, amount in (("fee", -500), ("interest", 77), ("loan_drawdown", 300_000),
                         ("loan_instalment", -10_000), ("payroll", -400_000)):  # fmt: skip
        await book(firm, [amount], kind=kind, mark=kind)
    found = await lines_of(firm)
    assert len(found) == 7
    async with firm.city.ctx.begin(firm.business_id) as work:
        assert await work.connection.fetchval("select count(*) from accounts.receipts") == 0
    for line in found:
        shown = await printed(firm, line)
        assert (shown["prints"], shown["ready"]) == (1, False)
        await firm.city.idle()
        answer = await firm.owner.get(f"/v1/receipts/{shown['id']}/pdf")
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
        text = text_of(answer.content)
        assert ("收款回单" if line["amount_fen"] > 0 else "付款回单") in text
        assert shown["number"] in text and firm.name in text
        seen = (await firm.city.api.get(f"/receipts/{shown['code']}")).json()
        assert seen["amount_fen"] == abs(line["amount_fen"]) and firm.name not in str(seen)
    missing = {"booked_on": found[0]["booked_on"], "seq": 99}
    answer = await firm.owner.post(f"/v1/accounts/{firm.account_id}/receipts", missing)
    assert answer.status_code == 404
    theirs = await other.owner.get(f"/v1/receipts/{shown['id']}")
    assert theirs.status_code == 404


async def test_prints_are_counted_once_each_where_a_stranger_sees_them(firm: Firm):
    await firm.receive(5_000)
    [line] = await lines_of(firm)
    path = f"/v1/accounts/{firm.account_id}/receipts"
    body = {"booked_on": line["booked_on"], "seq": line["seq"]}
    answers = await asyncio.gather(*(firm.owner.post(path, body) for _ in range(4)))
    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["code"] for a in answers}) == 1
    one = await firm.owner.post(path, body, key="the-same-print-1")
    again = await firm.owner.post(path, body, key="the-same-print-1")
    assert one.json() == again.json() and one.json()["prints"] == 5
    await firm.city.idle()
    page = await firm.city.api.get(f"/check/{one.json()['code'].lower()}")
    assert page.status_code == 200 and "核验通过" in page.text and "伍拾元整" in page.text
    assert (
        "已打印 5 次" in page.text
        and firm.name not in page.text
        and "南京示例贸易" not in page.text
    )
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["Content-Type"].startswith("text/html")
    typed = await firm.city.api.get("/check", params={"code": one.json()["code"]})
    assert typed.status_code == 200 and "核验通过" in typed.text
    unknown = await firm.city.api.get("/check", params={"code": "<script>alert(1)</script>"})
    assert unknown.status_code == 404 and "<script" not in unknown.text
    assert (await firm.city.api.get("/check")).status_code == 200


async def test_wages_day_asks_nothing_of_the_one_pen(firm: Firm):
    """Settled payments leave no drawing behind; receipts that are wanted give way to other jobs."""
    other = await open_firm(firm.city, name=OTHER)
    await firm.receive(1_000_000)
    for no in range(5):
        await firm.owner.post("/v1/payments", firm.order_to(other, 100 + no))
    await firm.city.idle()
    pool = firm.city.ctx.pools["worker"]
    drawings = "select count(*) from core.jobs where job like 'accounts.receipts.%'"
    assert await pool.fetchval(drawings) == 0
    found = await lines_of(firm)
    await asyncio.gather(*(printed(firm, line) for line in found))
    await firm.city.idle()
    assert await pool.fetchval(drawings + " and state = 'done'") == len(found)


async def ordered(person: Person, account_id: str, form: str, **span: str) -> dict[str, Any]:
    answer = await person.post(f"/v1/accounts/{account_id}/exports", {"form": form} | span)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def made(firm: Firm, form: str, **span: str) -> tuple[dict[str, Any], bytes]:
    asked = await ordered(firm.owner, firm.account_id, form, **span)
    await firm.city.idle(seconds=120)
    shown = (await firm.owner.get(f"/v1/exports/{asked['id']}")).json()
    assert shown["state"] == "done", shown
    answer = await firm.owner.get(f"/v1/exports/{asked['id']}/file")
    assert answer.status_code == 200, answer.text
    return shown, answer.content


async def test_a_statement_adds_up_in_every_format_and_names_the_other_side(firm: Firm):
    other = await open_firm(firm.city, name=OTHER)
    await firm.receive(10_000)
    order = firm.order_to(other, 1_234, memo="=1+1")
    assert (await firm.owner.post("/v1/payments", order)).status_code == 201
    await firm.city.idle()
    path = f"/v1/accounts/{firm.account_id}/statement"
    shown = (await firm.owner.get(path)).json()
    assert (shown["opening_fen"], shown["closing_fen"]) == (0, 8_766)
    assert shown["came_in_fen"] - shown["went_out_fen"] == 8_766
    names = ["南京示例贸易有限公司", OTHER]
    assert [line["counterparty_name"] for line in shown["lines"]] == names
    assert [line["label"] for line in shown["lines"]] == ["跨行来账", "转账支出"]
    table = await firm.owner.get(path, format="csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert fen(rows[-1][6]) == 8_766 and "'=1+1" in rows[3]
    book_ = await firm.owner.get(path, format="xlsx")
    cells = as_cells(book_.content)
    assert fen(cells[-1]["G"][1]) == 8_766 and cells[6]["K"][1] == "=1+1"
    message = camt_reader.read((await firm.owner.get(path, format="camt053")).content)
    camt_reader.check(message)
    assert (message.closing_fen, [e.counterparty for e in message.entries]) == (8_766, names)
    before = {"from": "2025-01-01", "until": "2025-02-01"}
    empty = (await firm.owner.get(path, **before)).json()
    assert (empty["lines"], empty["closing_fen"]) == ([], 0)
    camt_reader.check(
        camt_reader.read((await firm.owner.get(path, format="camt053", **before)).content)
    )
    span = {"from_on": "2025-01-01", "until_on": "2025-02-01"}
    for form in ("pdf", "xlsx", "csv", "camt053"):
        _, content = await made(firm, form, **span)
        assert content
    refused = await firm.owner.post(
        f"/v1/accounts/{firm.account_id}/exports", {"form": "receipts_pdf"} | span
    )
    assert refused.status_code == 422


async def test_long_statements_are_made_piece_by_piece_and_kept_thirty_days(firm: Firm):
    amounts = [1_000_000] + [(-1) ** no * (no + 1) for no in range(1_300)]
    await book(firm, amounts)
    closing_fen = sum(amounts)
    path = f"/v1/accounts/{firm.account_id}/statement"
    refused = await firm.owner.get(path)
    assert refused.status_code == 422 and refused.json()["most_lines"] == 1_000
    shown, content = await made(firm, "csv")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [fen(row[4]) - fen(row[5]) for row in rows[2:-1]] == amounts
    assert fen(rows[-1][6]) == shown["closing_fen"] == closing_fen
    shown, content = await made(firm, "camt053")
    message = camt_reader.read(content)
    camt_reader.check(message)
    assert [entry.amount_fen for entry in message.entries] == amounts
    _, content = await made(firm, "xlsx")
    cells = as_cells(content)
    assert [fen(r["E"][1]) - fen(r["F"][1]) for r in cells[5:-1]] == amounts
    shown, content = await made(firm, "pdf")
    pages = PdfReader(io.BytesIO(content)).pages
    for no, page in enumerate(pages, 1):
        assert f"第 {no} 页 · 共 {len(pages)} 页" in page.extract_text(), no
    async with firm.city.ctx.begin(firm.business_id) as work:
        planned = await work.connection.fetchval(
            "select pages from accounts.exports where id = $1", shown["id"]
        )
        parts = await work.connection.fetchval("select count(*) from accounts.export_parts")
    assert planned == len(pages) and parts >= 2 + 1 + 2
    steps = await firm.owner.get(f"/v1/exports/{shown['id']}/events")
    assert "event: progress" in steps.text and "event: done" in steps.text
    texts = (await firm.city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert any(f"/v1/exports/{shown['id']}/file" in one["text"] for one in texts)
    listed = (await firm.owner.get("/v1/exports", account_id=firm.account_id)).json()["items"]
    assert [one["state"] for one in listed] == ["done"] * 4
    await firm.city.move_clock(datetime.fromisoformat("2025-10-20T10:00:00+08:00"))
    gone = await firm.owner.get(f"/v1/exports/{shown['id']}/file")
    assert gone.status_code == 404
    assert (await firm.owner.get(f"/v1/exports/{shown['id']}")).json()["state"] == "expired"


async def test_a_statement_is_of_one_moment_while_posting_goes_on(firm: Firm):
    await book(firm, [50_000] * 20)
    path = f"/v1/accounts/{firm.account_id}/statement"
    done = asyncio.Event()

    async def post() -> int:
        count = 0
        while not done.is_set():
            await book(firm, [7, -3], mark=f"more{count}")
            count += 1
        return count

    posting = asyncio.create_task(post())
    seen = set()
    try:
        for _ in range(15):
            shown = (await firm.owner.get(path)).json()
            lines = shown["lines"]
            moved = sum(line["amount_fen"] for line in lines)
            assert shown["opening_fen"] + moved == shown["closing_fen"]
            assert shown["came_in_fen"] - shown["went_out_fen"] == moved
            assert lines[-1]["balance_after_fen"] == shown["closing_fen"]
            seen.add(len(lines))
        asked = await ordered(firm.owner, firm.account_id, "csv")
        await asyncio.sleep(0.3)
    finally:
        done.set()
    assert await posting > 5 and len(seen) > 3
    await firm.city.idle()
    file = await firm.owner.get(f"/v1/exports/{asked['id']}/file")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert len(rows) - 3 == asked["lines"] < len(await lines_of(firm))
    assert fen(rows[-2][6]) == fen(rows[-1][6]) == asked["closing_fen"]


async def test_many_receipts_come_as_one_document_or_packed(firm: Firm):
    await book(firm, [100 * no for no in range(1, 24)])
    asked, content = await made(firm, "receipts_pdf")
    assert len(PdfReader(io.BytesIO(content)).pages) == 23 == asked["lines"]
    _, content = await made(firm, "receipts_zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert len(set(names)) == 23
        assert archive.read(names[0]).startswith(b"%PDF-")
    shown = await printed(firm, (await lines_of(firm))[0])
    assert (shown["prints"], shown["ready"]) == (3, True)


async def test_a_closed_month_and_its_letter_are_answered(firm: Firm):
    await book(firm, [10_000, -300])
    await firm.city.move_clock(datetime.fromisoformat("2025-10-01T10:00:00+08:00"))
    await book(firm, [5], mark="october")
    [month] = (await firm.owner.get(f"/v1/accounts/{firm.account_id}/months")).json()
    assert month == {
        "month_on": "2025-09-01", "opening_fen": 0, "came_in_fen": 10_000, "went_out_fen": 300,
        "closing_fen": 9_700, "lines": 2,
    }  # fmt: skip
    [letter] = (await firm.owner.get("/v1/balance-letters")).json()["items"]
    assert (letter["as_of_on"], letter["balance_fen"], letter["state"]) == (
        "2025-09-30", 9_700, "open",
    )  # fmt: skip
    path = f"/v1/balance-letters/{letter['id']}"
    wrong = {"version": 1, "stated_fen": 9_000, "differences": [{"amount_fen": 1, "memo": "x"}]}
    assert (await firm.owner.post(f"{path}/object", wrong)).status_code == 422
    right = wrong | {"differences": [{"amount_fen": -700, "memo": "企业已付银行未付"}]}
    answered = (await firm.owner.post(f"{path}/object", right)).json()
    assert (answered["state"], answered["stated_fen"]) == ("objected", 9_000)
    assert (await firm.owner.post(f"{path}/agree", {"version": 2})).status_code == 409
    await firm.city.move_clock(datetime.fromisoformat("2026-01-02T10:00:00+08:00"))
    months = (await firm.owner.get(f"/v1/accounts/{firm.account_id}/months")).json()
    assert [m["month_on"] for m in months] == [
        "2025-12-01",
        "2025-11-01",
        "2025-10-01",
        "2025-09-01",
    ]
    letters = (await firm.owner.get("/v1/balance-letters", state="open")).json()["items"]
    assert [one["as_of_on"] for one in letters] == ["2025-12-31"]
    agreed = await firm.owner.post(f"/v1/balance-letters/{letters[0]['id']}/agree", {"version": 1})
    assert agreed.json()["state"] == "agreed"
