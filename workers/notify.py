"""Tells a firm's people how their matters go on: in the app's inbox and by text message."""

from __future__ import annotations

from uuid import UUID, uuid5

import msgspec
import structlog

from app import clock
from app.actor import Role
from app.approvals import operations as approvals
from app.events import Event
from app.identity import operations as identity
from app.identity.model import MemberRow
from app.jobs import Ctx, JobFunction
from app.money import yuan
from app.notices import operations as notices
from app.outside.model import OutsideRefused
from onboarding.visits import operations as visits
from workers.texts import OWNERS, TOLD, Told

log = structlog.get_logger("notify")

# What is asked about, in words.
APPROVED = {"payment": "付款", "mandate": "付款授权规则"}


def _telling(kind: type[Event], told: Told) -> JobFunction:
    """The job that tells an event in the words of the table."""

    async def tell(ctx: Ctx, *, business_id: UUID, **facts: object) -> None:
        event = msgspec.convert(facts, kind, strict=False)
        text = told.say(event)
        if text is None:
            return
        text = text.replace("{public_url}", ctx.settings.public_url)
        about = getattr(event, told.about)
        await _tell(ctx, business_id, told.whom, kind=told.job, about=about, text=text)

    tell.__name__ = told.job
    tell.__doc__ = kind.__doc__
    return tell


# The job that tells each event of the table.
TELL: dict[type[Event], JobFunction] = {kind: _telling(kind, told) for kind, told in TOLD.items()}


async def tell_near(ctx: Ctx, *, visit_id: UUID, business_id: UUID, **_: object) -> None:
    """The appointment is tomorrow: when, where, and what to bring."""
    async with ctx.begin(business_id) as work:
        visit = await visits.get(work, visit_id=visit_id)
        branch = next(one for one in await visits.branches(work) if one.code == visit.branch)
    at = visit.starts_at.astimezone(clock.SHANGHAI)
    bring = "、".join(one.name for one in visit.bring if one.needed)
    text = f"您预约{at:%m月%d日%H:%M}到{branch.name}（{branch.address}）办理，请携带：{bring}。"
    await _tell(ctx, business_id, OWNERS, kind="tell_near", about=visit_id, text=text)


async def tell_approvers(ctx: Ctx, *, approval_id: UUID, business_id: UUID, **_: object) -> None:
    """Something waits for these people's word: once when it is asked, once when it has waited."""
    async with ctx.begin(business_id) as work:
        found = await approvals.find(work, approval_id=approval_id)
    if found is None:
        return
    question, asked = found
    amount = "" if question.amount_fen is None else f"（{yuan(question.amount_fen)}元）"
    again = "仍" if question.reminded_at is not None else ""
    what = APPROVED.get(question.kind, "事项")
    await _tell(
        ctx,
        business_id,
        {who.person_id for who in asked},
        kind="tell_approvers",
        about=approval_id,
        text=f"有一笔{what}{amount}{again}在等待您审批。",
    )


async def _tell(
    ctx: Ctx,
    business_id: UUID,
    whom: frozenset[Role] | set[UUID],
    *,
    kind: str,
    about: UUID,
    text: str,
) -> None:
    """One notice in the inbox, and one message to each of these members, or of these roles; a
    repeat of the job sends none twice."""
    async with ctx.begin(business_id) as work:
        await notices.add(
            work, kind=kind.removeprefix("tell_"), about=about, text=text,
            roles=[one for one in whom if isinstance(one, str)],
            people=[one for one in whom if isinstance(one, UUID)],
        )  # fmt: skip
    message = f"【小微】{text}"
    for person_id, phone in await _phones(ctx, business_id, whom):
        reference = str(uuid5(about, f"{person_id}:{text}"))
        try:
            await ctx.outside.sms.send(reference=reference, phone=phone, text=message)
        except OutsideRefused as refusal:
            # Sent before, to the phone the member then had.
            if refusal.facts["code"] != "reference_used":
                raise
            log.info("told before", person_id=str(person_id), about=str(about))


async def _phones(
    ctx: Ctx, business_id: UUID, whom: frozenset[Role] | set[UUID]
) -> list[tuple[UUID, str]]:
    async with ctx.begin(business_id) as work:
        rows = await work.all(MemberRow, identity.sql.members)
        return [
            (
                row.person_id,
                await work.vault.open(
                    work,
                    row.phone_sealed,
                    scope=business_id,
                    place=identity.PHONE_AT_FIRM,
                    row_id=row.person_id,
                ),
            )
            for row in rows
            if row.role in whom or row.person_id in whom
        ]
