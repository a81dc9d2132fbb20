"""The first days in full, then thirteen months of generated trade."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from app.demo import dealings
from app.demo.client import Failed, until
from app.demo.life import Life
from app.demo.show import money

MONTHS = 13
PEOPLE = 12
GOODS = ("软件开发服务", "系统维护服务", "数据处理服务", "信息技术咨询服务")
TAX_CODE = "3040201010000000000"


def line(name: str, quantity: str, price: str) -> dict[str, Any]:
    """A line at one per cent, as small-scale taxpayers invoice."""
    return {
        "name": name,
        "quantity": quantity,
        "unit_price": price,
        "rate_ppm": 10_000,
        "tax_included": True,
        "unit": "项",
        "tax_code": TAX_CODE,
    }


async def first_dealings(life: Life) -> None:
    """Capital comes in, a supplier is paid by two people, an invoice finds its payment."""
    show = life.show
    with show.step("Money comes in from another bank") as figures:
        await dealings.receive(life, life.customer(0), 120_000_000, "投资款")
        await dealings.arrived(life)
        account = await life.owner.get(f"/v1/accounts/{life.account_id}")
        figures.append(f"balance {money(account['balance_fen'])}")
    with show.step("A supplier at another bank is paid, approved by a second person") as figures:
        await _pay_supplier(life, figures)
    with show.step("An e-invoice of two lines; the buyer pays; the payment finds it") as figures:
        await _invoice(life, figures)
    with show.step("Vouchers have appeared; statements balance") as figures:
        await statements(life, figures)
    with show.step("Twelve people are hired and paid, tax and insurance withheld") as figures:
        await dealings.hire(life, PEOPLE)
        await _wages(life, figures)


async def _pay_supplier(life: Life, figures: list[str]) -> None:
    payment_id = await dealings.pay(life, life.supplier(0), 6_800_000, "首批设备款")
    waiting = (await life.second.get("/v1/approvals"))["items"]
    if not any(item["object_id"] == payment_id for item in waiting):
        raise Failed("the payment waits in nobody's inbox")
    await dealings.approve(life, payment_id)
    found = await dealings.settle(life, payment_id)
    figures.append(f"{money(6_800_000)} to {found['payee_name']} by {found['rail']}, settled")


async def _invoice(life: Life, figures: list[str]) -> None:
    customer = life.customer(1)
    lines = [line(GOODS[0], "2", "15000.00"), line(GOODS[1], "1.5", "1234.56")]
    invoice = await dealings.issue(life, customer, lines)
    total = invoice["total_fen"]
    figures.append(f"number {invoice['number']}, {money(total)}")

    async def rendered() -> Any:
        found = await life.owner.get(f"/v1/invoices/{invoice['id']}")
        return found if found.get("pdf_file_id") and found.get("xml_file_id") else None

    await until("the invoice's PDF and XML", rendered)
    pdf = await life.owner.content(f"/v1/invoices/{invoice['id']}/pdf")
    xml = await life.owner.content(f"/v1/invoices/{invoice['id']}/xml")
    if not pdf.startswith(b"%PDF") or invoice["number"].encode() not in xml:
        raise Failed("the invoice's documents are not what they should be")
    folder = life.bank.var / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "invoice.pdf").write_bytes(pdf)
    (folder / "invoice.xml").write_bytes(xml)
    await dealings.receive(life, customer, total, f"货款 {invoice['number']}")
    await dealings.arrived(life)
    await _all_matched(life)
    figures.append(f"PDF {len(pdf) // 1024} KiB, XML {len(xml) // 1024} KiB in {folder.name}/")


async def _all_matched(life: Life) -> None:
    async def matched() -> Any:
        page = await life.owner.get("/v1/receivables", state="open")
        settled = await life.owner.get("/v1/receivables", state="settled", limit=1)
        return bool(settled["items"]) and not page["items"]

    await until("every invoice to find its payment", matched)


async def statements(life: Life, figures: list[str]) -> None:
    """Trial balance, balance sheet, income statement of the firm as it stands."""
    books = await dealings.booked(life)
    tomorrow = (life.today + timedelta(days=1)).isoformat()
    sheet = await life.owner.get("/v1/books/balance-sheet", on=life.today.isoformat())
    income = await life.owner.get(
        "/v1/books/income-statement", **{"from": f"{life.today:%Y-01-01}", "until": tomorrow}
    )
    if books["debit_fen"] != books["credit_fen"]:
        raise Failed("the trial balance does not balance")
    if sheet["assets_fen"] != sheet["liabilities_fen"] + sheet["equity_fen"]:
        raise Failed("the balance sheet does not balance")
    figures.append(
        f"assets {money(sheet['assets_fen'])} = liabilities {money(sheet['liabilities_fen'])}"
        f" + equity {money(sheet['equity_fen'])}"
    )
    figures.append(
        f"revenue {money(income['revenue_fen'])}, profit {money(income['net_profit_fen'])}"
    )


async def _wages(life: Life, figures: list[str]) -> None:
    run = await dealings.pay_wages(life)
    figures.append(
        f"gross {money(run['gross_fen'])} − insurance "
        f"{money(run['social_fen'] + run['housing_fund_fen'])} − tax {money(run['tax_fen'])}"
        f" = net {money(run['net_fen'])}"
    )
    path = f"/v1/payroll/runs/{run['id']}/payslips/{life.employees[0]['id']}"

    async def ready() -> Any:
        answer = await life.owner.http.get(path, headers=life.owner.headers())
        return answer.content if answer.status_code == 200 else None

    slip = await until("the payslips", ready)
    (life.bank.var / "demo" / "payslip.pdf").write_bytes(slip)


async def trade(life: Life, months: int = MONTHS) -> None:
    """A month at a time: invoices, their payments, suppliers, wages."""
    with life.show.step(f"{months} months of trade") as figures:
        for _ in range(months):
            following = (life.today.replace(day=1) + timedelta(days=32)).replace(day=10)
            await life.go_to(following)
            await _month(life)
        figures.append(
            f"{len(life.invoices)} invoices, {len(life.received)} credits, "
            f"{len(life.paid)} payments, {len(life.runs)} payrolls, {len(life.returns)} tax "
            f"returns; it is {life.today}"
        )


async def _month(life: Life) -> None:
    dice = life.dice
    filing = asyncio.create_task(dealings.file_returns(life))
    sold = []
    for _ in range(dice.randrange(4, 7)):
        price = f"{dice.randrange(52_000, 88_000)}.{dice.randrange(100):02d}"
        sold.append((life.customer(dice.randrange(40)), [line(dice.choice(GOODS), "1", price)]))
    invoices = await asyncio.gather(*(dealings.issue(life, c, lines) for c, lines in sold))
    await asyncio.gather(
        *(
            dealings.receive(life, customer, invoice["total_fen"], f"货款 {invoice['number']}")
            for (customer, _), invoice in zip(sold, invoices, strict=True)
        )
    )
    bought = [
        (life.supplier(dice.randrange(20)), dice.randrange(600_000, 1_500_000))
        for _ in range(dice.randrange(2, 4))
    ]
    payments = [await dealings.pay(life, supplier, amount, "材料款") for supplier, amount in bought]
    await asyncio.gather(*(dealings.approve(life, payment) for payment in payments))
    await dealings.arrived(life)
    await asyncio.gather(
        filing,
        dealings.pay_wages(life),
        *(dealings.settle(life, payment) for payment in payments),
    )
