"""Keeps what a beneficiary was told of an agreement, and passes its words on."""

from datetime import datetime
from uuid import UUID

import msgspec

from accounts.guarantees import rules
from accounts.guarantees.model import (
    Guarantee,
    GuaranteeNotFound,
    Said,
    Shown,
    Told,
    Word,
    WordSaid,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def tell(work: Work, *, payer_business_id: UUID, payer_name: str, shown: Shown) -> None:
    """Keep what the payer's firm says of its agreement, unless something newer is known."""
    told = await work.run(
        sql.tell,
        id=shown.id,
        payer_business_id=payer_business_id,
        payer_name=payer_name,
        version=shown.version,
        shown=msgspec.to_builtins(shown),
    )
    if told:
        await work.progress(
            shown.id,
            "told",
            state=shown.state,
            secured_fen=shown.secured_fen,
            released_fen=shown.released_fen,
            returned_fen=shown.returned_fen,
        )


async def get(work: Work, *, guarantee_id: UUID) -> Guarantee:
    """One agreement in which this firm is the beneficiary, or GuaranteeNotFound."""
    found = await work.maybe(Guarantee, sql.guarantee, id=guarantee_id)
    if found is None:
        raise GuaranteeNotFound(guarantee_id=guarantee_id)
    return found


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Guarantee]:
    """The agreements in which this firm is the beneficiary, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Guarantee, sql.guarantees_page, after_at=after_at, after_id=after_id, limit=limit
    )
    return pages.page(rows, limit, lambda one: (one.created_at, one.id))


async def say(
    work: Work,
    *,
    guarantee_id: UUID,
    word: Word,
    milestone_no: int | None = None,
    amount_fen: int | None = None,
    reason: str | None = None,
) -> Guarantee:
    """Say something about the agreement; the payer's firm hears it and acts.

    Raises GuaranteeNotFound, and what `rules.may_say` raises.
    """
    found = await get(work, guarantee_id=guarantee_id)
    rules.may_say(word, found.shown, milestone_no=milestone_no)
    told = await work.one(Told, sql.told, id=guarantee_id)
    word_id = new_id()
    await work.run(
        sql.add_word,
        id=word_id,
        guarantee_id=guarantee_id,
        word=word,
        milestone_no=milestone_no,
        amount_fen=amount_fen,
        reason=reason,
    )
    await work.record(f"guarantee.{word}", object_id=guarantee_id, milestone_no=milestone_no)
    await work.progress(guarantee_id, "said", word=word, milestone_no=milestone_no)
    await work.emit(
        WordSaid(word_id=word_id, escrow_id=guarantee_id, payer_business_id=told.payer_business_id)
    )
    return found


async def heard(work: Work, *, word_id: UUID) -> Said:
    """The word, for the firm that it is about."""
    return await work.one(Said, sql.word, id=word_id)
