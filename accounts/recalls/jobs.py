"""Recalls at the clearing house: asked once, answered when the other bank has an answer."""

from uuid import UUID

from accounts.recalls import operations, rules
from accounts.recalls.model import Answer
from app.jobs import Ctx, Later
from app.outside.clearing_house import Letter, RecallTold
from app.outside.model import OutcomeUnknown


async def send(ctx: Ctx, *, recall_id: UUID, business_id: UUID, **_: object) -> None:
    """Send a recall; its answer comes by call-back, or is asked for."""
    await _pursue(ctx, business_id=business_id, recall_id=recall_id)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The other bank may have answered a recall of ours: ask for its answer."""
    if system != "clearing_house":
        return
    async with ctx.begin() as work:
        found = await operations.named(work, reference=reference)
    if found is not None:
        business_id, recall_id = found
        await _pursue(ctx, business_id=business_id, recall_id=recall_id)


async def _pursue(ctx: Ctx, *, business_id: UUID, recall_id: UUID) -> None:
    """Ask for the answer first; send only what never arrived, word for word the same."""
    async with ctx.begin(business_id) as work:
        document = await operations.message(work, recall_id=recall_id)
    if document is None:
        return
    house, reference = ctx.outside.clearing_house, str(recall_id)
    told = await house.recall_told(reference)
    if told is None:
        try:
            told = await house.recall(Letter(reference=reference, document=document))
        except OutcomeUnknown as unknown:
            raise Later(rules.ASK_AGAIN_SECONDS) from unknown
    async with ctx.begin(business_id) as work:
        await operations.record(work, recall_id=recall_id, answer=_answer(told))


def _answer(told: RecallTold) -> Answer:
    state = told.outcome.state
    assert state in ("accepted", "done", "refused"), state
    return Answer(state=state, reason=told.outcome.reason, document=told.document)
