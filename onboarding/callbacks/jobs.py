"""Tell portals: owe what happened, send it between transactions, write down what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.strangers import AddressRefused, Strangers, Unanswered
from onboarding.callbacks import operations, rules
from onboarding.callbacks.operations import Letter, sql
from onboarding.portals.operations import act_for

SECONDS = 10.0
MOST_ANSWER = 4096
PAGE = 1000


async def tell_portal(
    ctx: Ctx, *, application_id: UUID, turn_id: UUID, business_id: UUID, **_: object
) -> None:
    """An application has taken a turn: its portal's endpoints are owed a call-back."""
    async with ctx.begin(business_id) as work:
        await operations.owe_turn(work, application_id=application_id, turn_id=turn_id)


async def deliver(
    ctx: Ctx, *, client_id: UUID, callback_id: UUID, charge: int, **_: object
) -> None:
    """One attempt; the next one follows by itself until it is taken or three days are over."""
    async with ctx.begin() as work:
        await act_for(work, client_id=client_id)
        letter = await operations.take(work, callback_id=callback_id, charge=charge)
    if letter is None:
        return
    if not isinstance(letter, Letter):
        raise Later(letter + 0.1)
    became = await _send(ctx, letter)
    async with ctx.begin() as work:
        await act_for(work, client_id=client_id)
        wait = await operations.settle(
            work, callback_id=callback_id, charge=charge, no=letter.no, **became
        )
    if wait is not None:
        raise Later(wait)


async def _send(ctx: Ctx, letter: Letter) -> dict[str, Any]:
    """What became of one attempt."""
    if not letter.url:
        return {"outcome": "disabled"}
    strangers = Strangers(development=ctx.settings.development)
    try:
        answer = await strangers.call(
            "POST", letter.url, headers=letter.headers, body=letter.body, most=MOST_ANSWER,
            seconds=SECONDS,
        )  # fmt: skip
    except (AddressRefused, Unanswered) as error:
        return {"outcome": error.reason}
    return {
        "outcome": "taken" if rules.taken(answer.status) else "refused",
        "status": answer.status, "ms": answer.ms, "answer": rules.shown_answer(answer.body),
    }  # fmt: skip


async def forget_old(ctx: Ctx, **_: object) -> None:
    """Forget what ended a quarter of a year ago, with its attempts; a repeat finds nothing."""
    async with ctx.begin() as work:
        before = work.now - timedelta(days=rules.KEPT_DAYS)
    gone = PAGE
    while gone == PAGE:
        async with ctx.nightly() as connection:
            gone = await connection.fetchval(sql.forget.text, before, PAGE)
