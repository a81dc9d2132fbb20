"""Each outside system follows its trade's rules: codes, quotas, one basic account, totals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.outside.account_filing import NewFiling
from app.outside.bureau import NewReport
from app.outside.clearing_house import BatchLine, NewBatch
from app.outside.face import NewFaceCheck
from app.outside.model import OutsideRefused
from app.outside.tax import NewReturn
from app.reference import rules
from app.sandbox.clearing_house import OPENING_FEN
from app.sandbox.world import World
from tests.outside_bank import DAY, FIRM, Bank, company, credit, number, opened, until


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    async with opened(tmp_path) as found:
        yield found


# --- each system -------------------------------------------------------------------------------


async def test_a_company_gets_its_code_and_its_name_is_taken(bank):
    registry = bank.outside.registry
    assert (await registry.register(company("reg-0000001"))).state == "accepted"
    await until(lambda: bool(bank.taken))
    licence = (await registry.outcome("reg-0000001")).result
    assert rules.uscc(licence.uscc).valid and licence.uscc.startswith("91310115MA")
    assert await registry.licence(licence.uscc) == licence
    verdict = await registry.check_name(name="示例（上海）科技有限公司", area_code="310115")
    assert (verdict.available, verdict.code) == (False, "duplicate")
    assert len(verdict.suggestions) == 3
    for name in verdict.suggestions:
        assert (await registry.check_name(name=name, area_code="310115")).available
    other_city = await registry.check_name(name="北京示例科技有限公司", area_code="110108")
    assert other_city.available
    await bank.order("registry", settle_ms=0)
    again = await registry.register(company("reg-0000002"))
    assert (again.state, again.code) == ("refused", "duplicate")


async def test_a_hundred_companies_have_a_hundred_codes(bank):
    await bank.order("registry", settle_ms=0)
    names = [World(5).firm(n).name for n in range(100)]
    outcomes = [
        await bank.outside.registry.register(company(f"reg-{n:07d}", name))
        for n, name in enumerate(names)
    ]
    assert len({outcome.result.uscc for outcome in outcomes}) == 100
    assert all(rules.uscc(outcome.result.uscc).valid for outcome in outcomes)


def filing(reference: str, account: str, **more: Any) -> NewFiling:
    return NewFiling(
        **{
            "reference": reference,
            "bill": "OPEN",
            "account_kind": "PRDA",
            "account_number": account,
            "account_name": FIRM.name,
            "bank_code": "102290000002",
            "uscc": FIRM.uscc,
            "legal_representative": "王小微",
            "legal_id_number": "11010519491231002X",
            "capital_fen": 100_000_000,
            "area_code": "310115",
            "filed_on": DAY,
            **more,
        }
    )


async def test_a_firm_has_one_basic_account(bank):
    await bank.order("account_filing", settle_ms=0)
    file = bank.outside.account_filing.file
    branch = "102290000000"
    branch = branch[:11] + rules.bank_code_check(branch[:11])
    first = await file(filing("fil-0000001", "1001000011112222333", bank_code=branch))
    assert first.state == "done" and first.result.filing_number.startswith("J2900")
    assert len(first.result.filing_number) == 14
    second = await file(filing("fil-0000002", "1001000011112222334", bank_code=branch))
    assert (second.state, second.code) == ("refused", "basic_account_exists")
    known = await bank.outside.account_filing.basic_account(FIRM.uscc)
    assert known.account_number == "1001000011112222333"
    general = {"account_kind": "GEDA", "bank_code": branch}
    assert (await file(filing("fil-0000003", "1001000011112222335", **general))).state == "done"
    closing = {"bill": "CLOSE", "bank_code": branch}
    early = await file(filing("fil-0000004", "1001000011112222333", **closing))
    assert (early.state, early.code) == ("refused", "others_open")
    await file(filing("fil-0000005", "1001000011112222335", **general | closing))
    assert (await file(filing("fil-0000006", "1001000011112222333", **closing))).state == "done"
    assert await bank.outside.account_filing.basic_account(FIRM.uscc) is None


async def test_invoices_are_numbered_within_the_months_quota_and_red_letters_give_it_back(bank):
    await bank.order("tax", settle_ms=0)
    tax = bank.outside.tax
    await bank.simulate("tax", "taxpayer", uscc=FIRM.uscc, quota_fen=300_000)
    blue = (await tax.request_number(number("inv-0000001", 200_000))).result
    assert len(blue.number) == 20 and blue.number.startswith(f"25{FIRM.uscc[2:4]}")
    over = await tax.request_number(number("inv-0000002", 100_001))
    assert (over.state, over.code) == ("refused", "quota")
    red = {"red_of": blue.number, "red_reason": "02"}
    part = await tax.request_number(number("inv-0000003", -150_000, **red))
    assert part.state == "done"
    too_much = await tax.request_number(number("inv-0000004", -50_001, **red))
    assert (too_much.state, too_much.code) == ("refused", "red_amount")
    assert (await tax.quota(uscc=FIRM.uscc, month="2025-09")).used_fen == 50_000
    later = number("inv-0000005", -50_000, issued_on=date(2025, 10, 2), **red)
    assert (await tax.request_number(later)).state == "done"
    assert (await tax.quota(uscc=FIRM.uscc, month="2025-09")).used_fen == 50_000
    assert (await tax.quota(uscc=FIRM.uscc, month="2025-10")).used_fen == 0
    issued = await tax.issued(uscc=FIRM.uscc, from_on=DAY, until_on=date(2025, 10, 1))
    assert [invoice.net_fen for invoice in issued] == [200_000, -150_000]


async def test_a_period_is_filed_once(bank):
    await bank.order("tax", settle_ms=0)
    new = NewReturn(
        reference="ret-0000001",
        uscc=FIRM.uscc,
        tax="vat",
        period_from=date(2025, 7, 1),
        period_until=date(2025, 10, 1),
        figures={"sales": 28_000_000},
        payable_fen=0,
        filed_on=date(2025, 10, 8),
    )
    first = await bank.outside.tax.file_return(new)
    assert first.state == "done" and first.result.receipt_number
    again = await bank.outside.tax.file_return(
        msgspec.structs.replace(new, reference="ret-0000002")
    )
    assert (again.state, again.code) == ("refused", "already_filed")
    standing = await bank.outside.tax.standing(uscc=FIRM.uscc)
    assert (standing.rating, standing.returns_filed) == ("M", 1)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"payee_name": "别的名字有限公司"}, "BE01"),
        ({"payee_account": "999999999999"}, "AC01"),
        ({"payee_bank": "103100000020"}, "RC01"),
        ({"amount_fen": OPENING_FEN + 1}, "AM04"),
    ],
)
async def test_a_credit_that_cannot_be_booked_is_refused_with_its_reason(bank, wrong, code):
    await bank.order("clearing_house", settle_ms=0)
    outcome = await bank.outside.clearing_house.send(credit("pay-00000001", **wrong))
    assert (outcome.state, outcome.code) == ("refused", code)
    assert (await bank.outside.clearing_house.balance()).balance_fen == OPENING_FEN


async def test_every_line_of_a_batch_has_its_own_outcome(bank):
    house = bank.outside.clearing_house
    people = [World(1).person(n) for n in range(12)]
    lines = [
        BatchLine(
            no=n,
            payee_bank=person.bank_code,
            payee_account=person.card_number,
            payee_name=person.name if n != 7 else "错误姓名",
            amount_fen=1_000_000 + n,
        )
        for n, person in enumerate(people)
    ]
    total = sum(line.amount_fen for line in lines)
    batch = NewBatch(
        reference="bat-00000001",
        payer_account="1001000012345678901",
        payer_name="上海示例科技有限公司",
        line_count=12,
        total_fen=total,
        lines=lines,
        sent_on=DAY,
    )
    await house.send_batch(batch)
    await until(lambda: bool(bank.taken))
    outcome = await house.batch_outcome("bat-00000001")
    assert [line.code for line in outcome.result.lines] == [
        "BE01" if n == 7 else "" for n in range(12)
    ]
    assert outcome.result.settled_fen == total - 1_000_007
    await bank.simulate(
        "clearing_house",
        "return",
        kind="batch",
        reference="bat-00000001",
        line_no=3,
        on="2025-09-02",
    )
    outcome = await house.batch_outcome("bat-00000001")
    assert outcome.result.lines[3].state == "returned"
    totals = await house.day_totals(date(2025, 9, 2))
    assert (totals.outgoing_returned_count, totals.outgoing_returned_fen) == (1, 1_000_003)
    wrong = msgspec.structs.replace(batch, reference="bat-00000002", total_fen=total + 1)
    await bank.order("clearing_house", settle_ms=0)
    assert (await house.send_batch(wrong)).code == "AM10"


async def test_incoming_money_is_told_fetched_confirmed_or_sent_back_and_the_days_add_up(bank):
    house = bank.outside.clearing_house
    pay = {
        "payer_bank": FIRM.bank_code,
        "payer_account": FIRM.account_number,
        "payer_name": FIRM.name,
        "payee_account": "1001000012345678901",
        "payee_name": "上海示例科技有限公司",
        "purpose": "货款",
        "on": "2025-09-03",
    }
    for amount in (500_000, 70_000):
        await bank.simulate("clearing_house", "incoming", amount_fen=amount, **pay)
    await until(lambda: len(bank.taken) == 2)
    first, second = await house.waiting()
    assert {c.reference for c in bank.taken} == {first.reference, second.reference}
    assert (await house.incoming(first.reference)).amount_fen == 500_000
    answers = [
        await house.confirm_incoming(reference=first.reference, accepted=True, on=on)
        for on in (date(2025, 9, 3), date(2025, 9, 4))
    ]
    assert [answer.state for answer in answers] == ["confirmed", "confirmed"]
    with pytest.raises(OutsideRefused):
        await house.confirm_incoming(reference=first.reference, accepted=False, on=DAY)
    back = await house.confirm_incoming(
        reference=second.reference, accepted=False, on=date(2025, 9, 4), reason="账号不存在"
    )
    assert back.state == "returned" and await house.waiting() == []
    await bank.order("clearing_house", settle_ms=0)
    await house.send(credit("pay-00000001", 12_345, sent_on=date(2025, 9, 4)))
    await bank.simulate(
        "clearing_house", "return", reference="pay-00000001", on="2025-09-05", reason="退汇"
    )
    returned = await house.outcome("pay-00000001")
    assert (returned.state, returned.result.returned_on) == ("returned", date(2025, 9, 5))
    closing = OPENING_FEN
    for day, change in ((3, 570_000), (4, -82_345), (5, 12_345), (6, 0)):
        totals = await house.day_totals(date(2025, 9, day))
        assert totals.opening_fen == closing
        closing += change
        assert totals.closing_fen == closing
    assert (await house.balance()).balance_fen == closing


async def test_reports_faces_and_messages(bank):
    outside = bank.outside
    ask = NewReport(
        reference="rep-0000001",
        subject_kind="firm",
        subject_id=FIRM.uscc,
        subject_name=FIRM.name,
        consent_id="consent-1",
        asked_on=DAY,
    )
    first = await outside.bureau.report(ask)
    assert first == await outside.bureau.report(ask)
    second = await outside.bureau.report(msgspec.structs.replace(ask, reference="rep-0000002"))
    assert second.result.inquiries_3_months == first.result.inquiries_3_months + 1
    without = msgspec.structs.replace(ask, reference="rep-0000003", consent_id="")
    assert (await outside.bureau.report(without)).code == "no_consent"

    look = NewFaceCheck(
        reference="fac-0000001", name="王小微", id_number="11010519491231002X", picture=b"p" * 64
    )
    assert (await outside.face.check(look)).result.matched
    wrong = msgspec.structs.replace(look, reference="fac-0000002", name="王大微")
    assert (await outside.face.check(wrong)).result.code == "name"
    assert "picture" not in str(await bank.witness("face"))

    for text in ("第一条", "第二条"):
        await outside.sms.send(reference=f"sms-{ord(text[1])}", phone="13812345678", text=text)
    inbox = (await bank.client.get("/sms", params={"phone": "13812345678"})).json()["items"]
    assert [message["text"] for message in inbox] == ["第二条", "第一条"]
