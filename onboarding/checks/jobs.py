"""Ask each outside source in a job of its own, so that one that is slow or down holds up no other;
whoever brings the last answer decides the route."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.face import NewFaceCheck, NewIdentityCheck
from onboarding.checks import operations
from onboarding.checks.model import (
    Answer,
    BasicAccount,
    FaceAnswer,
    Owner,
    RegisterEntry,
    Source,
)
from onboarding.checks.operations import ToCheck

ASK_AGAIN_SECONDS = 5


async def _to_check(
    ctx: Ctx, business_id: UUID, application_id: UUID, source: Source
) -> ToCheck | None:
    async with ctx.begin(business_id) as work:
        return await operations.to_check(work, application_id=application_id, source=source)


async def _take(
    ctx: Ctx, business_id: UUID, checked: ToCheck, source: Source, answer: Answer
) -> None:
    async with ctx.begin(business_id) as work:
        await operations.take_answer(work, checked=checked, source=source, answer=answer)


async def ask_registry(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """What the public register says of the firm; a repeat finds the answer kept."""
    found = await _to_check(ctx, business_id, application_id, "registry")
    if found is None:
        return
    entry = await ctx.outside.registry.licence(found.application.uscc)
    register = None
    if entry is not None:
        register = RegisterEntry(
            name=entry.name,
            address=entry.address,
            capital_fen=entry.capital_fen,
            legal_representative=entry.legal_representative,
            status=entry.status,
            entity_type=entry.entity_type,
            registered_on=entry.registered_on,
        )
    await _take(ctx, business_id, found, "registry", Answer(register=register))


async def ask_account_system(
    ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object
) -> None:
    """Whether the firm has a basic account at any bank, and who was filed as owning it."""
    found = await _to_check(ctx, business_id, application_id, "account_system")
    if found is None:
        return
    system, uscc = ctx.outside.account_filing, found.application.uscc
    account = await system.basic_account(uscc)
    filed = await system.beneficial_owners(uscc)
    answer = Answer(
        basic=None
        if account is None
        else BasicAccount(filing_number=account.filing_number, bank_code=account.bank_code),
        filed_owners=None
        if filed is None
        else [Owner(name=one.name, id_number=one.id_number) for one in filed.owners],
    )
    await _take(ctx, business_id, found, "account_system", answer)


async def ask_population(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """The identity check under our reference of this round: with the picture where one was
    taken, else of name and number alone."""
    found = await _to_check(ctx, business_id, application_id, "population")
    if found is None:
        return
    person, face = found.secret.legal_representative, ctx.outside.face
    if found.picture is None:
        outcome = await face.identify(
            NewIdentityCheck(
                reference=found.reference, name=person.name, id_number=person.id_number
            )
        )
    else:
        outcome = await face.check(
            NewFaceCheck(
                reference=found.reference,
                name=person.name,
                id_number=person.id_number,
                picture=found.picture,
            )
        )
    if not outcome.is_final:
        raise Later(ASK_AGAIN_SECONDS)
    pictured, result = found.picture is not None, outcome.result
    if result is None:
        code = outcome.code or "no_answer"
        said = FaceAnswer(matched=False, score_ppm=0, code=code, pictured=pictured)
    else:
        said = FaceAnswer(
            matched=result.matched, score_ppm=result.score_ppm, code=result.code, pictured=pictured
        )
    await _take(ctx, business_id, found, "population", Answer(face=said))
