"""File accounts with the account management system, and hear its call-backs."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from accounts.numbers import operations as numbers
from app import clock
from app.jobs import Ctx
from app.outside.account_filing import FiledAccount, NewFiling
from app.outside.delivery import deliver
from app.outside.model import Outcome
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.filings import operations, rules
from onboarding.filings.model import FilingRow
from onboarding.registrations import operations as registrations
from onboarding.registrations.jobs import ask_again

# 企业法人 file as LPEP, those without legal personality as NLPE.
WITHOUT_PERSONALITY = ("sole_proprietorship", "partnership", "individual_household")


async def _message(work: Work, filing: FilingRow) -> NewFiling:
    """The message of an attempt, word for word the same each time it is made."""
    application = await applications.row(work, application_id=filing.application_id)
    secret = await applications.private(work, application=application)
    branch = await numbers.branch(work, code=application.branch)
    assert application.number is not None
    filed_on: date = clock.business_date(filing.asked_at)
    kind: Literal["LPEP", "NLPE"] = (
        "NLPE" if application.entity_type in WITHOUT_PERSONALITY else "LPEP"
    )
    return NewFiling(
        reference=str(filing.id),
        bill=filing.bill,
        account_kind=rules.KINDS[application.account_class],
        account_number=application.number,
        account_name=application.account_name,
        bank_code=branch.bank_code,
        uscc=application.uscc,
        depositor_kind=kind,
        legal_representative=secret.legal_representative.name,
        legal_id_number=secret.legal_representative.id_number,
        capital_fen=application.capital_fen,
        area_code=application.area_code,
        simple_opening=application.opening == "simplified" and filing.bill == "OPEN",
        basic_account_number=application.terms.basic_account_number,
        until_on=application.terms.until_on,
        filed_on=filed_on,
    )


async def file_account(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """File on the day of opening (银发〔2019〕41号) under our own id, till it is known."""
    async with ctx.begin(business_id) as work:
        application = await applications.row(work, application_id=application_id)
        filing = await operations.ask_opening(work, application=application)
        await registrations.refer(work, object_id=application_id)
    await _send(ctx, filing)


async def send_filing(ctx: Ctx, *, filing_id: UUID, business_id: UUID, **_: object) -> None:
    """Send a further message: a change, a closing, one that was refused and mended."""
    async with ctx.begin(business_id) as work:
        filing = await operations.row(work, filing_id=filing_id)
    await _send(ctx, filing)


async def _send(ctx: Ctx, filing: FilingRow) -> None:
    if filing.state != "waiting":
        return
    async with ctx.begin(filing.business_id) as work:
        message = await _message(work, filing)
    system = ctx.outside.account_filing
    outcome = await deliver(message, ask=system.outcome, send=system.file)
    await _take(ctx, filing.business_id, filing.id, outcome)
    if not outcome.is_final:
        raise ask_again(ctx)


async def file_closing(
    ctx: Ctx, *, account_id: UUID, state: str, business_id: UUID, **_: object
) -> None:
    """An account opened here was closed: file that, too."""
    if state == "closed":
        async with ctx.begin(business_id) as work:
            await operations.close_of_account(work, account_id=account_id)


async def hear_filing(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The account management system says that it knows more: ask it."""
    if system != "account_filing":
        return
    async with ctx.begin() as work:
        whose = await registrations.whose_reference(work, reference_text=reference)
    if whose is None:
        return
    outcome = await ctx.outside.account_filing.outcome(reference)
    if outcome is not None:
        await _take(ctx, *whose, outcome)


async def _take(
    ctx: Ctx, business_id: UUID, filing_id: UUID, outcome: Outcome[FiledAccount]
) -> None:
    """Write a final answer; a repeat changes nothing."""
    if outcome.state == "done" and outcome.result is not None:
        async with ctx.begin(business_id) as work:
            await operations.take_done(
                work, filing_id=filing_id, filing_number=outcome.result.filing_number
            )
    elif outcome.state == "refused":
        async with ctx.begin(business_id) as work:
            await operations.take_refusal(
                work, filing_id=filing_id, code=outcome.code, reason=outcome.reason
            )
