"""Bring links and codes to their phones, and have the faces of those who sign compared."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.face import NewFaceCheck
from onboarding.signatures import operations

ASK_AGAIN_SECONDS = 5


async def send_link(
    ctx: Ctx, *, signature_id: UUID, link_no: int, business_id: UUID, **_: object
) -> None:
    """Send the link by text message; signature and number of the link are our reference."""
    async with ctx.begin(business_id) as work:
        message = await operations.link_to_send(work, signature_id=signature_id, link_no=link_no)
    if message is None:
        return
    reference = f"{signature_id}.link.{link_no}"
    await ctx.outside.sms.send(reference=reference, phone=message.phone, text=message.text)
    async with ctx.begin(business_id) as work:
        await operations.link_was_sent(work, signature_id=signature_id, link_no=link_no)


async def send_signing_code(
    ctx: Ctx, *, signature_id: UUID, code_no: int, business_id: UUID, **_: object
) -> None:
    """Send the code of a signature by text message."""
    async with ctx.begin(business_id) as work:
        message = await operations.code_to_send(work, signature_id=signature_id, code_no=code_no)
    if message is None:
        return
    reference = f"{signature_id}.code.{code_no}"
    await ctx.outside.sms.send(reference=reference, phone=message.phone, text=message.text)
    async with ctx.begin(business_id) as work:
        await operations.code_was_sent(work, signature_id=signature_id, code_no=code_no)


async def compare_face(ctx: Ctx, *, signature_id: UUID, business_id: UUID, **_: object) -> None:
    """Ask the identity check under our reference of this try, and take its answer."""
    async with ctx.begin(business_id) as work:
        found = await operations.face_to_check(work, signature_id=signature_id)
    if found is None:
        return
    outcome = await ctx.outside.face.check(
        NewFaceCheck(
            reference=found.reference, name=found.name, id_number=found.id_number,
            picture=found.picture,
        )
    )  # fmt: skip
    if not outcome.is_final:
        raise Later(ASK_AGAIN_SECONDS)
    result = outcome.result
    async with ctx.begin(business_id) as work:
        await operations.take_face(
            work, signature_id=signature_id, reference=found.reference,
            matched=result is not None and result.matched,
            score_ppm=result.score_ppm if result else 0,
            code=(result.code if result else outcome.code) or "no_answer",
        )  # fmt: skip
