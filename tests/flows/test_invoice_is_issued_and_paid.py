"""An invoice gets its number once, its documents say what it says, and its payment finds it."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from uuid import uuid4

import httpx
import pypdf
import pytest
from lxml import etree

from app.identity import operations as identity
from app.reference import rules as reference
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier

BUYER = {"buyer_name": "南京示例贸易有限公司", "buyer_uscc": "91330100799655058B"}
LINES = [
    {
        "name": "*信息技术服务*软件开发服务",
        "unit": "项",
        "quantity": "2",
        "unit_price": "5300.00",
        "rate_ppm": 10_000,
        "tax_code": "3040201010000000000",
    },
    {
        "name": "*研发和技术服务*技术咨询",
        "quantity": "12.5",
        "unit_price": "101",
        "rate_ppm": 10_000,
        "tax_included": True,
        "discount_fen": 10_100,
    },
]
# 10,600.00 + 106.00; (1,262.50 - 101.00) gross = 1,150.00 + 11.50
TOTALS = {"amount_fen": 1_175_000, "tax_fen": 11_750, "total_fen": 1_186_750}


def uscc(number: int) -> str:
    """A well-formed credit code of a firm in Pudong."""
    subject = f"MA{number:06d}"
    body = f"91310115{subject}{reference.organisation_check(subject)}"
    return body + reference.uscc_check(body)


async def registered(city: City, *, name: str = "上海示例科技有限公司", **more: Any) -> Firm:
    """A firm with an account and a credit code."""
    firm = await open_firm(city, name=name, **more)
    async with city.ctx.begin(firm.business_id) as work:
        await identity.register_business(work, uscc=uscc(int(firm.number[-6:])), name=name)
    return firm


def invoice(**changes: Any) -> dict[str, Any]:
    return {"kind": "ordinary", "lines": LINES, "remark": "合同 2025-001"} | BUYER | changes


@pytest.fixture
async def firm(city: City) -> Firm:
    return await registered(city)


async def issued(firm: Firm, **changes: Any) -> dict[str, Any]:
    """A new invoice, issued, with all its reactions done."""
    drafted = await firm.owner.post("/v1/invoices", invoice(**changes))
    assert drafted.status_code == 201, drafted.text
    path = f"/v1/invoices/{drafted.json()['id']}"
    submitted = await firm.owner.post(f"{path}/issue")
    assert submitted.status_code == 200, submitted.text
    assert submitted.json()["state"] == "submitted"
    await firm.city.idle()
    return (await firm.owner.get(path)).json()


async def platform(firm: Firm) -> list[dict[str, Any]]:
    """What the tax platform has issued, as the sandbox says."""
    return (await firm.city.world.get("/witness/tax")).json()["invoices"]


async def receivables(firm: Firm, **params: Any) -> list[dict[str, Any]]:
    return (await firm.owner.get("/v1/receivables", **params)).json()["items"]


def text_of(pdf: httpx.Response) -> str:
    assert pdf.status_code == 200, pdf.text
    assert pdf.headers["content-type"] == "application/pdf"
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)


async def test_an_invoice_of_two_lines_from_draft_to_payment(firm: Firm):
    done = await issued(firm)
    assert done["state"] == "issued" and len(done["number"]) == 20
    assert {name: done[name] for name in TOTALS} == TOTALS
    (known,) = await platform(firm)
    assert known["number"] == done["number"]
    assert (known["net_fen"], known["tax_fen"], known["total_fen"]) == tuple(TOTALS.values())

    path = f"/v1/invoices/{done['id']}"
    text = text_of(await firm.owner.get(f"{path}/pdf"))
    for said in (
        done["number"],
        "南京示例贸易有限公司",
        "壹万壹仟捌佰陆拾柒元伍角",
        "软件开发服务",
    ):
        assert said in text
    xml = await firm.owner.get(f"{path}/xml")
    root = etree.fromstring(xml.content)
    assert root.findtext("Header/EIid") == done["number"]
    assert root.findtext("TaxSupervisionInfo/TaxBureauCode") == "13100000000"
    assert root.findtext("EInvoiceData/BasicInformation/TotalTax-includedAmount") == "11867.50"
    items = root.findall("EInvoiceData/IssuItemInformation")
    assert len(items) == 3, "two lines and a discount line"
    amounts = [int(item.findtext("Amount").replace(".", "")) for item in items]
    assert sum(amounts) == TOTALS["amount_fen"] and amounts[2] < 0

    (owed,) = await receivables(firm, state="open")
    assert (owed["open_fen"], owed["invoice_number"]) == (1_186_750, done["number"])
    await firm.receive(1_186_750, purpose=f"付发票{done['number']}")
    (owed,) = await receivables(firm, state="settled")
    assert (owed["open_fen"], owed["paid_fen"]) == (0, 1_186_750)
    assert (await firm.owner.get("/v1/receivables/unallocated")).json() == []
    assert (await firm.owner.get("/v1/invoices", limit=200)).status_code == 200
    for limit in (0, -1, 201):
        assert (await firm.owner.get("/v1/invoices", limit=limit)).status_code == 400


async def test_the_version_seen_decides_and_an_issued_invoice_never_changes(firm: Firm):
    drafted = (await firm.owner.post("/v1/invoices", invoice())).json()
    path = f"/v1/invoices/{drafted['id']}"
    changed = await firm.owner.put(path, invoice(version=1, remark="改"))
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await firm.owner.put(path, invoice(version=1))
    assert stale.status_code == 409 and stale.json()["type"].endswith(":stale-invoice")
    assert (await firm.owner.get(f"{path}/pdf")).status_code == 409
    await firm.owner.post(f"{path}/issue")
    late = await firm.owner.put(path, invoice(version=3))
    assert late.status_code == 409 and late.json()["type"].endswith(":already-issued")
    twice = await firm.owner.post(f"{path}/issue")
    assert twice.status_code == 409


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "special", "buyer_uscc": None}, "buyer-not-eligible"),
        ({"buyer_uscc": "91330100799655058C"}, "buyer-not-eligible"),
        ({"lines": [LINES[0] | {"rate_ppm": 170_000}]}, "rate-not-in-force"),
        ({"lines": [LINES[0] | {"discount_fen": 1_060_001}]}, "discount-too-large"),
        ({"lines": [LINES[0] | {"unit_price": "0"}]}, "nothing-to-invoice"),
    ],
)
async def test_what_may_not_be_invoiced_is_refused(firm: Firm, changes: dict, problem: str):
    answer = await firm.owner.post("/v1/invoices", invoice(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith(f":{problem}")


async def test_a_firm_without_a_credit_code_cannot_invoice(city: City):
    firm = await open_firm(city, name="杭州示例贸易有限公司")
    answer = await firm.owner.post("/v1/invoices", invoice())
    assert answer.status_code == 403
    assert answer.json()["type"].endswith(":seller-not-registered")


async def test_the_platform_did_it_but_we_did_not_hear_one_number(firm: Firm):
    order = await firm.city.world.post(
        "/control/tax", json={"done_but_timed_out": True, "count": 1}
    )
    assert order.status_code == 200, order.text
    done = await issued(firm)
    async with asyncio.timeout(40):
        while done["state"] == "submitted":
            await asyncio.sleep(0.3)
            await firm.city.idle()
            done = (await firm.owner.get(f"/v1/invoices/{done['id']}")).json()
    assert done["state"] == "issued"
    assert [row["number"] for row in await platform(firm)] == [done["number"]]
    struck = (await firm.city.world.get("/control")).json()["tax"]["strikes"]
    assert struck["done_but_timed_out"] == 1


async def test_the_quota_holds_here_and_at_the_platform(firm: Firm):
    code = (await firm.owner.post("/v1/invoices", invoice())).json()["seller_uscc"]
    told = await firm.city.world.post(
        "/tax/simulate/taxpayer", json={"uscc": code, "quota_fen": 2_000_000}
    )
    assert told.status_code == 200, told.text
    first = await issued(firm)
    assert first["state"] == "issued"
    drafted = (await firm.owner.post("/v1/invoices", invoice())).json()
    answer = await firm.owner.post(f"/v1/invoices/{drafted['id']}/issue")
    assert answer.status_code == 422 and answer.json()["type"].endswith(":quota-exceeded")
    assert answer.json()["left_fen"] == 2_000_000 - TOTALS["amount_fen"]
    await firm.city.world.post(
        "/tax/simulate/taxpayer", json={"uscc": code, "quota_fen": 3_000_000}
    )
    assert (await firm.owner.post("/v1/invoices/quota/refresh")).status_code == 202
    await firm.city.idle()
    quota = (await firm.owner.get("/v1/invoices/quota")).json()
    assert (quota["limit_fen"], quota["left_fen"]) == (3_000_000, 1_825_000)
    assert (await firm.owner.post(f"/v1/invoices/{drafted['id']}/issue")).status_code == 200


async def test_a_refused_invoice_gives_its_quota_back_and_may_be_mended(firm: Firm):
    code = (await firm.owner.post("/v1/invoices", invoice())).json()["seller_uscc"]
    await firm.city.world.post("/tax/simulate/taxpayer", json={"uscc": code, "quota_fen": 100})
    refused = await issued(firm)
    assert refused["state"] == "refused" and refused["refusal"]
    assert await platform(firm) == []
    small = [LINES[0] | {"quantity": "1", "unit_price": "0.90"}]
    path = f"/v1/invoices/{refused['id']}"
    mended = await firm.owner.put(path, invoice(version=refused["version"], lines=small))
    assert mended.status_code == 200, mended.text


async def test_money_that_fits_two_invoices_waits_for_the_owner(firm: Firm):
    one, other = await issued(firm), await issued(firm)
    await firm.receive(1_186_750, payer_name="南京示例贸易有限公司", purpose="货款")
    (waiting,) = (await firm.owner.get("/v1/receivables/unallocated")).json()
    assert waiting["outcome"] == "ambiguous"
    numbers = {row["invoice_number"] for row in waiting["suggestions"]}
    assert numbers == {one["number"], other["number"]}
    chosen = next(r for r in waiting["suggestions"] if r["invoice_number"] == other["number"])
    path = f"/v1/receivables/{chosen['receivable_id']}/allocate"
    key = str(uuid4())
    first = await firm.owner.post(path, {"receipt_id": waiting["receipt_id"]}, key=key)
    assert first.status_code == 200 and first.json()["open_fen"] == 0, first.text
    again = await firm.owner.post(path, {"receipt_id": waiting["receipt_id"]}, key=key)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json() == first.json()
    more = await firm.owner.post(path, {"receipt_id": waiting["receipt_id"]})
    assert more.status_code == 422
    assert [r["invoice_number"] for r in await receivables(firm, state="open")] == [one["number"]]


async def test_the_calculator_needs_no_sign_in(city: City):
    answer = await city.api.post(
        "/v1/quotes/invoice",
        json={
            "issued_on": "2025-09-01",
            "lines": [
                {"name": "x", "quantity": "1", "unit_price": "101000", "rate_ppm": 10_000,
                 "tax_included": True},
                {"name": "y", "quantity": "3", "unit_price": "33.3333333333333",
                 "rate_ppm": 170_000},
            ],
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["lines"][0] == {
        "amount_fen": 10_000_000,
        "tax_fen": 100_000,
        "total_fen": 10_100_000,
        "rate_in_force": True,
    }
    assert not body["lines"][1]["rate_in_force"]
    assert body["totals"]["total_fen"] == sum(line["total_fen"] for line in body["lines"])
    assert body["uppercase"] == "壹拾万壹仟壹佰壹拾柒元整"


async def test_a_buyer_at_this_bank_names_the_last_eight_digits(city: City):
    await open_supplier(city)
    seller = await registered(city)
    buyer = await registered(city, name="南京示例贸易有限公司", fen=2_000_000)
    done = await issued(seller)
    order = buyer.order_to(seller, 1_186_750, memo=f"发票 {done['number'][-8:]}")
    paid = await buyer.owner.post("/v1/payments", order)
    assert paid.status_code == 201, paid.text
    await city.idle()
    if paid.json()["state"] == "pending_approval":
        checker = await buyer.member(f"137{str(uuid4().int)[:8]}", "checker")
        await checker.post(
            f"/v1/payments/{paid.json()['id']}/approve", {"version": paid.json()["version"]}
        )
        await city.idle()
    (owed,) = await receivables(seller, state="settled")
    assert owed["invoice_number"] == done["number"]
