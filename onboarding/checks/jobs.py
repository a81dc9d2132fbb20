"""Run the checks: read, leave the transaction, ask the world, come back and decide the route."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.face import NewFaceCheck
from onboarding.checks import operations
from onboarding.checks.model import FaceAnswer, RegisterEntry
from onboarding.checks.operations import ToCheck

ASK_AGAIN_SECONDS = 5


async def run_checks(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """Check one submitted application; a repeat finds it moved on and does nothing."""
    async with ctx.begin(business_id) as work:
        found = await operations.to_check(work, application_id=application_id)
    if found is None:
        return
    uscc = found.application.uscc
    entry = await ctx.outside.registry.licence(uscc)
    elsewhere = await ctx.outside.account_filing.basic_account(uscc)
    face = await _face(ctx, found)
    register = None
    if entry is not None:
        register = RegisterEntry(
            name=entry.name,
            address=entry.address,
            capital_fen=entry.capital_fen,
            legal_representative=entry.legal_representative,
            status=entry.status,
        )
    async with ctx.begin(business_id) as work:
        await operations.conclude(
            work,
            checked=found,
            register=register,
            face=face,
            basic_account_elsewhere=elsewhere is not None,
        )


async def _face(ctx: Ctx, found: ToCheck) -> FaceAnswer | None:
    """The identity check under our reference of this round; None when no picture was taken."""
    if found.picture is None:
        return None
    person = found.secret.legal_representative
    outcome = await ctx.outside.face.check(
        NewFaceCheck(
            reference=found.reference,
            name=person.name,
            id_number=person.id_number,
            picture=found.picture,
        )
    )
    if not outcome.is_final:
        raise Later(ASK_AGAIN_SECONDS)
    result = outcome.result
    if result is None:
        return FaceAnswer(matched=False, score_ppm=0, code=outcome.code or "no_answer")
    return FaceAnswer(matched=result.matched, score_ppm=result.score_ppm, code=result.code)
