"""Ask for filings, write down what the account management system answered, ask again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import ApplicationRow
from onboarding.filings import rules
from onboarding.filings.model import (
    AskedAgain,
    Bill,
    Filing,
    FilingAsked,
    FilingNotFound,
    FilingNotRefused,
    FilingRow,
)
from onboarding.registrations import operations as registrations

sql = load(__name__)


async def ask_opening(work: Work, *, application: ApplicationRow) -> FilingRow:
    """The message about a new account, under the application's own id; a repeat finds it."""
    await _ask(work, application, "OPEN", 1, application.id)
    return await row(work, filing_id=application.id)


async def ask(work: Work, *, application: ApplicationRow, bill: Bill) -> UUID:
    """A further message about an account: it changed or was closed, or is filed once more. One
    that is under way already, or refused and not mended, stands."""
    filing_id = new_id()
    attempt = await work.one(int, sql.next_attempt, application_id=application.id, bill=bill)
    if await _ask(work, application, bill, attempt, filing_id):
        await registrations.refer(work, object_id=filing_id)
        await work.emit(FilingAsked(filing_id=filing_id, application_id=application.id))
        return filing_id
    return await work.one(UUID, sql.under_way, application_id=application.id, bill=bill)


async def _ask(
    work: Work, application: ApplicationRow, bill: Bill, attempt: int, filing_id: UUID
) -> bool:
    until_on = work.today + registrations.LONGEST_CLOSURE
    special = await reference.special_days(work, from_on=work.today, until_on=until_on)
    added = await work.run(
        sql.ask, id=filing_id, application_id=application.id, bill=bill, attempt=attempt,
        due_at=rules.due_at(application.account_class, bill, now=work.now, special=special),
    )  # fmt: skip
    return added == 1


async def row(work: Work, *, filing_id: UUID) -> FilingRow:
    """One message; FilingNotFound."""
    found = await work.maybe(FilingRow, sql.filing, id=filing_id)
    if found is None:
        raise FilingNotFound(filing_id=filing_id)
    return found


async def take_done(work: Work, *, filing_id: UUID, filing_number: str) -> None:
    """The system knows it; a repeat changes nothing."""
    filing = await row(work, filing_id=filing_id)
    if not await work.run(sql.settle, id=filing_id, state="done", code=None, reason=None):
        return
    application_id = filing.application_id
    if filing.bill == "OPEN" and await work.run(
        sql.set_number, id=application_id, filing_number=filing_number
    ):
        await work.progress(application_id, "filed", final=True)
    await work.record("application.filed", object_id=application_id, bill=filing.bill)


async def take_refusal(work: Work, *, filing_id: UUID, code: str, reason: str) -> None:
    """The system does not take it; somebody at the desk must look."""
    filing = await row(work, filing_id=filing_id)
    if not await work.run(sql.settle, id=filing_id, state="refused", code=code, reason=reason):
        return
    application_id = filing.application_id
    if filing.bill == "OPEN":
        await work.run(sql.refuse, id=application_id, code=code)
        await work.progress(application_id, "filing_refused", code=code, final=True)
    await work.record(
        "application.filing_refused", object_id=application_id, code=code, bill=filing.bill
    )


async def file_again(work: Work, *, filing_id: UUID, again: AskedAgain) -> Filing:
    """What was at fault is mended outside: the next attempt goes under a reference of its own.

    Raises FilingNotFound, FilingNotRefused.
    """
    business_id = await registrations.whose(work, object_id=filing_id)
    if business_id is None:
        raise FilingNotFound(filing_id=filing_id)
    await work.set_business(business_id)
    filing = await work.maybe(FilingRow, sql.lock_filing, id=filing_id)
    if filing is None:
        raise FilingNotFound(filing_id=filing_id)
    if filing.state != "refused":
        raise FilingNotRefused(state=filing.state)
    application = await applications.lock(work, application_id=filing.application_id)
    await work.run(sql.mend, id=filing_id)
    if filing.bill == "OPEN":
        await work.run(sql.asked_again, id=application.id)
    next_id = await ask(work, application=application, bill=filing.bill)
    await work.record("filing.again", object_id=next_id, mended=again.mended)
    return await work.one(Filing, sql.shown, id=next_id)


async def queue(work: Work, *, state: str, after: str | None, limit: int) -> Page[Filing]:
    """What is open over all firms, the earliest term first."""
    due_at, last = decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Filing, sql.open_filings, state=state, after_due=due_at, after_id=last, most=limit + 1
    )
    return page(rows, limit, lambda one: (one.due_at, one.id))


async def close_of_account(work: Work, *, account_id: UUID) -> None:
    """An account that was opened here is closed: the system must know."""
    application_id = await work.maybe(UUID, sql.of_account, account_id=account_id)
    if application_id is not None:
        application = await applications.lock(work, application_id=application_id)
        await ask(work, application=application, bill="CLOSE")
