"""File the opened account with the account management system, and hear its call-backs."""

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
from onboarding.applications import operations as applications
from onboarding.applications.model import ApplicationRow, Private
from onboarding.filings import operations
from onboarding.registrations import operations as registrations
from onboarding.registrations.jobs import ask_again

# 企业法人 file as LPEP, those without legal personality as NLPE.
WITHOUT_PERSONALITY = ("sole_proprietorship", "partnership", "individual_household")


def _filing(application: ApplicationRow, secret: Private, bank_code: str) -> NewFiling:
    assert application.number is not None and application.ended_at is not None
    filed_on: date = clock.business_date(application.ended_at)
    kind: Literal["LPEP", "NLPE"] = (
        "NLPE" if application.entity_type in WITHOUT_PERSONALITY else "LPEP"
    )
    return NewFiling(
        reference=str(application.id),
        bill="OPEN",
        account_kind="PRDA",
        account_number=application.number,
        account_name=application.account_name,
        bank_code=bank_code,
        uscc=application.uscc,
        depositor_kind=kind,
        legal_representative=secret.legal_representative.name,
        legal_id_number=secret.legal_representative.id_number,
        capital_fen=application.capital_fen,
        area_code=application.area_code,
        filed_on=filed_on,
    )


async def file_account(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """File on the day of opening (银发〔2019〕41号) under our own id, till it is known."""
    async with ctx.begin(business_id) as work:
        application = await applications.row(work, application_id=application_id)
        if application.filing_number or application.filing_refused_code:
            return
        secret = await applications.private(work, application=application)
        branch = await numbers.branch(work, code=application.branch)
        await registrations.refer(work, object_id=application_id)
    filing = ctx.outside.account_filing
    outcome = await deliver(
        _filing(application, secret, branch.bank_code), ask=filing.outcome, send=filing.file
    )
    await _take(ctx, business_id, application_id, outcome)
    if not outcome.is_final:
        raise ask_again(ctx)


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
    ctx: Ctx, business_id: UUID, application_id: UUID, outcome: Outcome[FiledAccount]
) -> None:
    """Write a final answer; a repeat changes nothing."""
    if outcome.state == "done" and outcome.result is not None:
        async with ctx.begin(business_id) as work:
            await operations.take_number(
                work,
                application_id=application_id,
                filing_number=outcome.result.filing_number,
            )
    elif outcome.state == "refused":
        async with ctx.begin(business_id) as work:
            await operations.take_refusal(work, application_id=application_id, code=outcome.code)
