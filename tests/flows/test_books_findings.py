"""`verify` finds each way in which invoices, receivables and books could contradict themselves."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app.queries import parse
from tests.city import City
from tests.firms import Firm
from tests.flows.test_invoice_is_issued_and_paid import issued, registered

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "invoicing/invoices", "invoicing/receivables", "invoicing/red_letters", "bookkeeping/journal",
    "bookkeeping/postings",
)  # fmt: skip
# What is done behind the walls, and everything that must notice it.
PLANTED = {
    "a total that is not its lines": (
        "update invoicing.invoices set amount_fen = amount_fen + 1, total_fen = total_fen + 1",
        {
            "invoice_totals_are_not_its_lines",
            "quota_used_is_not_what_was_submitted",
            "issued_invoice_without_its_receivable",
        },
    ),
    "quota forgotten": (
        "update invoicing.quotas set used_fen = 0",
        {"quota_used_is_not_what_was_submitted"},
    ),
    "a receivable gone": (
        "delete from invoicing.receivables where settled_at is null",
        {"issued_invoice_without_its_receivable"},
    ),
    "a payment never allocated": (
        "update invoicing.receivables set paid_fen = 5 where paid_fen = 0",
        {"receivable_is_not_invoice_less_allocations"},
    ),
    "an allocation gone": (
        "delete from invoicing.allocations",
        {"receivable_is_not_invoice_less_allocations", "receipt_allocated_is_not_its_allocations"},
    ),
    "a red letter forgotten by its invoice": (
        "update invoicing.invoices set red_amount_fen = 0 where red_amount_fen > 0",
        {"red_letters_are_not_what_was_taken"},
    ),
    "a red letter never credited": (
        "delete from invoicing.credits",
        {"red_letter_not_credited", "receivable_credited_is_not_its_red_letters"},
    ),
    "a line changed on both sides of the ledger": (
        "update bookkeeping.lines set debit_fen = debit_fen + 1 where account_code = '1002'",
        {
            "voucher_without_lines_or_unbalanced",
            "month_totals_are_not_the_lines",
            "books_differ_from_the_bank",
        },
    ),
    "lines gone": (
        "delete from bookkeeping.lines where account_code <> '1002'",
        {
            "voucher_without_lines_or_unbalanced",
            "month_totals_are_not_the_lines",
            "party_totals_are_not_the_lines",
        },
    ),
    "a voucher gone with its lines and totals": (
        """with gone as (delete from bookkeeping.vouchers where template_id = 'CAPITAL'
                         returning id), lines as (
             delete from bookkeeping.lines where voucher_id in (select id from gone)
             returning account_code, debit_fen, credit_fen)
           update bookkeeping.month_totals t
           set debit_fen = t.debit_fen - l.debit_fen, credit_fen = t.credit_fen - l.credit_fen
           from lines l where l.account_code = t.account_code""",
        {"voucher_numbers_have_gaps", "books_differ_from_the_bank"},
    ),
    "totals tampered with": (
        "update bookkeeping.month_totals set debit_fen = debit_fen + 1",
        {"month_totals_are_not_the_lines"},
    ),
    "a customer's total tampered with": (
        "update bookkeeping.party_totals set credit_fen = credit_fen + 1",
        {"party_totals_are_not_the_lines"},
    ),
    "a month closed without its closing vouchers": (
        "update bookkeeping.periods set state = 'closed', closed_at = now()",
        {"closed_month_with_profit_left"},
    ),
}


def rules() -> dict[str, str]:
    return {
        query.name: query.text
        for room in ROOMS
        for query in parse(ROOT / room / "verify.sql").values()
    }


async def findings(db: asyncpg.Connection) -> set[str]:
    return {name for name, text in rules().items() if await db.fetch(text)}


@pytest.fixture
async def lived(city: City) -> Firm:
    """A firm with capital, an invoice that was paid and one of which a part was taken back."""
    firm = await registered(city)
    owner = {"payer_name": "王小微", "payer_account": "6217000010000000001"}
    await firm.receive(50_000_000, purpose="股东投资款", **owner)
    paid = await issued(firm)
    other = await issued(firm)
    part = {"invoice_id": other["id"], "reason": "04", "lines": [{"line_no": 1, "amount_fen": 500}]}
    assert (await firm.owner.post("/v1/red-letters", part)).status_code == 201
    await firm.receive(paid["total_fen"], purpose=f"发票 {paid['number']}")
    return firm


async def test_each_contradiction_is_found_and_nothing_else(lived: Firm, db: asyncpg.Connection):
    assert await findings(db) == set()
    for name, (attack, expected) in PLANTED.items():
        undo = db.transaction()
        await undo.start()
        # Behind every trigger and constraint: what a broken disk or an administrator could do.
        await db.execute("set local session_replication_role = replica")
        await db.execute(attack)
        assert await findings(db) == expected, name
        await undo.rollback()
    assert await findings(db) == set()


def test_every_check_is_planted_once():
    planted = set().union(*(expected for _, expected in PLANTED.values()))
    assert planted == set(rules())
