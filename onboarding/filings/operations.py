"""Write down what the account management system answered about an opened account."""

from __future__ import annotations

from uuid import UUID

from app.queries import load
from app.work import Work

sql = load(__name__)


async def take_number(work: Work, *, application_id: UUID, filing_number: str) -> None:
    """The basic account's number outside; a repeat changes nothing."""
    if await work.run(sql.set_number, id=application_id, filing_number=filing_number):
        await work.progress(application_id, "filed", final=True)
        await work.record("application.filed", object_id=application_id)


async def take_refusal(work: Work, *, application_id: UUID, code: str) -> None:
    """The account management system does not take the account; an operator must look."""
    if await work.run(sql.refuse, id=application_id, code=code):
        await work.progress(application_id, "filing_refused", code=code, final=True)
        await work.record("application.filing_refused", object_id=application_id, code=code)
