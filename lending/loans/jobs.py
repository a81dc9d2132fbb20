"""Renders the contract of a drawn loan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from accounts.policies import operations as policies
from app.files import operations as files
from app.jobs import Ctx
from app.reference.rules import uppercase
from lending.loans import operations
from lending.loans.model import Loan, Parties, ScheduleRow

TEMPLATE = "lending/loans/pages/contract.html"
METHODS = {
    "equal_instalment": "等额本息",
    "equal_principal": "等额本金",
    "interest_only": "按月付息、到期还本",
    "bullet": "利随本清",
    "flat": "等本等息",
}


async def render_contract(ctx: Ctx, *, loan_id: UUID, business_id: UUID, **_: object) -> None:
    """The contract as PDF with the disclosed cost and the schedule; a repeat changes nothing."""
    async with ctx.begin(business_id) as work:
        loan = await operations.get(work, loan_id=loan_id)
        if loan.contract_file_id is not None:
            return
        rows = await operations.schedule(work, loan_id=loan_id)
        parties = await operations.parties(work, account_id=loan.account_id)
        bank = await policies.bank(work)
    content = await ctx.documents.pdf(TEMPLATE, page_data(loan, rows, parties, lender=bank.name))
    async with ctx.begin(business_id) as work:
        if (await operations.get(work, loan_id=loan_id)).contract_file_id is not None:
            return
        file_id = await files.store(
            work,
            kind="loan_contract",
            name=f"{loan.number}.pdf",
            content=content,
            media_type="application/pdf",
        )
        await operations.file_contract(work, loan_id=loan_id, file_id=file_id)


def page_data(
    loan: Loan, rows: list[ScheduleRow], borrower: Parties, *, lender: str
) -> dict[str, Any]:
    """What the template shows."""
    return {
        "loan": msgspec.to_builtins(loan),
        "borrower": msgspec.to_builtins(borrower),
        "lender": lender,
        "uppercase": uppercase(loan.principal_fen),
        "method": METHODS[loan.method],
        "interest_fen": sum(row.interest_fen for row in rows),
        "rows": [
            {
                "no": row.no,
                "due_on": row.due_on.isoformat(),
                "principal_fen": row.principal_fen,
                "interest_fen": row.interest_fen,
                "payment_fen": row.principal_fen + row.interest_fen,
            }
            for row in rows
        ],
    }
