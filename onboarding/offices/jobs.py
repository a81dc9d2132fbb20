"""Ask the offices of a new firm, each by itself, until each has answered."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app import clock
from app.identity import operations as identity
from app.jobs import Ctx, Later
from app.outside.delivery import deliver
from app.outside.model import Outcome
from app.outside.registry import NewOfficeRequest, OfficeAnswer
from onboarding.offices import operations, rules
from onboarding.offices.model import OwnersPart


async def ask_office(
    ctx: Ctx,
    *,
    registration_id: UUID,
    part: OwnersPart,
    attempt: int,
    business_id: UUID,
    **_: object,
) -> None:
    """Send the request of this attempt once however often this runs, until it is answered."""
    async with ctx.begin(business_id) as work:
        waits = await operations.is_asked(
            work, registration_id=registration_id, part=part, attempt=attempt
        )
        firm = await identity.business(work)
    if not waits:
        return
    registry = ctx.outside.registry
    assert firm.uscc is not None, "offices are asked once the licence is there"
    outcome = await deliver(
        NewOfficeRequest(
            reference=rules.reference(registration_id, part, attempt), office=part,
            uscc=firm.uscc, name=firm.name,
        ),
        ask=registry.office_outcome,
        send=registry.ask_office,
    )  # fmt: skip
    await take_answer(ctx, business_id, registration_id, part, attempt, outcome)
    if not outcome.is_final:
        asked_at, now = ctx.lease.created_at if ctx.lease else clock.now(), clock.now()
        raise Later(min(max(int((now - asked_at).total_seconds()), 1), 600))


async def hear_office(ctx: Ctx, *, business_id: UUID, reference: str) -> None:
    """An office says that it knows more about an attempt: ask it, and believe only its answer."""
    registration_text, part, attempt = reference.split(".")
    office = msgspec.convert(part, OwnersPart)
    outcome = await ctx.outside.registry.office_outcome(reference)
    if outcome is not None:
        await take_answer(
            ctx, business_id, UUID(registration_text), office, int(attempt), outcome
        )  # fmt: skip


async def take_answer(
    ctx: Ctx,
    business_id: UUID,
    registration_id: UUID,
    part: OwnersPart,
    attempt: int,
    outcome: Outcome[OfficeAnswer],
) -> None:
    """Write a final answer, if the attempt still waits for one."""
    if not outcome.is_final:
        return
    number = outcome.result.number if outcome.result is not None else None
    async with ctx.begin(business_id) as work:
        await operations.take(
            work, registration_id=registration_id, part=part, attempt=attempt, number=number,
            code=outcome.code or "no_answer",
        )  # fmt: skip


async def ask_tax(
    ctx: Ctx, *, registration_id: UUID, uscc: str, business_id: UUID, **_: object
) -> None:
    """The tax platform knows the new firm: its invoice quota of the month confirms it."""
    async with ctx.begin(business_id) as work:
        month = f"{work.today:%Y-%m}"
    quota = await ctx.outside.tax.quota(uscc=uscc, month=month)
    async with ctx.begin(business_id) as work:
        await operations.take_tax(
            work, registration_id=registration_id, number=quota.uscc, quota_fen=quota.limit_fen
        )
