"""Take a batch, work through it row by row, send refused rows again, tell how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from app import bodies, problems
from app.ids import new_id
from app.pages import Page, page
from app.queries import load
from app.work import Work
from onboarding.batches import rules
from onboarding.batches.model import (
    BatchHandedOver,
    BatchNotFound,
    BatchReferenceTaken,
    HandoverBatch,
    HandoverBatchFinished,
    HandoverBatchRow,
    NewHandoverBatch,
    NothingRefused,
    RowAgain,
    RowState,
    RowToTry,
)
from onboarding.portals import operations as portals
from onboarding.portals.model import Handover, ReferenceTaken
from onboarding.portals.operations import client_of

sql = load(__name__)

CONTENT = "onboarding.handover_rows.content_sealed"


async def take(work: Work, *, new: NewHandoverBatch) -> HandoverBatch:
    """Keep a batch, sealed row by row; the rows are worked through by job. BatchReferenceTaken."""
    client_id, batch_id = client_of(work), new_id()
    added = await work.run(
        sql.add_batch, client_id=client_id, id=batch_id, batch_reference=new.batch_reference,
        row_count=len(new.applications),
    )  # fmt: skip
    if not added:
        standing = await work.one(
            UUID, sql.batch_of, client_id=client_id, batch_reference=new.batch_reference
        )
        raise BatchReferenceTaken(batch_reference=new.batch_reference, batch_id=standing)
    ids = [new_id() for _ in new.applications]
    pairs = zip(ids, new.applications, strict=True)
    sealed = [await _seal(work, row_id, row) for row_id, row in pairs]
    await work.run(
        sql.add_rows, client_id=client_id, batch_id=batch_id, ids=ids, sealed=sealed,
        row_nos=list(range(1, len(ids) + 1)),
        references=[rules.reference_of(row) for row in new.applications],
    )  # fmt: skip
    await work.record("handover_batch.taken", object_id=batch_id, rows=len(ids))
    await work.emit(BatchHandedOver(client_id=client_id, batch_id=batch_id))
    return await read(work, batch_id=batch_id)


async def _seal(work: Work, row_id: UUID, row: Mapping[str, Any]) -> bytes:
    content = msgspec.json.encode(row)
    return await work.vault.seal_bytes(
        work, content, scope=client_of(work), place=CONTENT, row_id=row_id
    )


async def read(work: Work, *, batch_id: UUID) -> HandoverBatch:
    """How far a batch is; BatchNotFound."""
    found = await work.maybe(HandoverBatch, sql.batch, client_id=client_of(work), id=batch_id)
    if found is None:
        raise BatchNotFound(batch_id=batch_id)
    return found


async def batches(work: Work, *, before: UUID, limit: int) -> Page[HandoverBatch]:
    """The portal's batches, newest first."""
    found = await work.all(
        HandoverBatch, sql.batches, client_id=client_of(work), before=before, most=limit + 1
    )
    return page(found, limit, lambda one: (one.id,))


async def rows(
    work: Work, *, batch_id: UUID, state: str, after: int, limit: int
) -> Page[HandoverBatchRow]:
    """What became of a batch's rows, in their order; BatchNotFound."""
    await read(work, batch_id=batch_id)
    found = await work.all(
        HandoverBatchRow, sql.rows, client_id=client_of(work), batch_id=batch_id, state=state,
        after=after, most=limit + 1,
    )  # fmt: skip
    return page(found, limit, lambda one: (one.row_no,))


async def send_again(work: Work, *, batch_id: UUID, asked: Sequence[RowAgain]) -> HandoverBatch:
    """Refused rows once more, corrected or as they were; what was taken is not touched.

    Raises BatchNotFound, NothingRefused, RowTwice, RowNotRefused.
    """
    client_id = client_of(work)
    if await work.maybe(str, sql.lock_batch, client_id=client_id, id=batch_id) is None:
        raise BatchNotFound(batch_id=batch_id)
    refused = {
        row.row_no: row
        for row in await work.all(
            RowToTry, sql.refused_rows, client_id=client_id, batch_id=batch_id
        )
    }
    if not refused:
        raise NothingRefused(batch_id=batch_id)
    again = rules.chosen(asked, {no: row.id for no, row in refused.items()})
    sealed = [
        refused[no].content_sealed if new is None else await _seal(work, refused[no].id, new)
        for no, new in again
    ]
    await work.run(
        sql.wait_again, client_id=client_id, batch_id=batch_id, row_nos=[no for no, _ in again],
        sealed=sealed, references=[rules.reference_of(new or {}) for _, new in again],
    )  # fmt: skip
    await work.run(sql.work_again, client_id=client_id, id=batch_id)
    await work.record("handover_batch.again", object_id=batch_id, rows=len(again))
    await work.emit(BatchHandedOver(client_id=client_id, batch_id=batch_id))
    return await read(work, batch_id=batch_id)


async def next_row(work: Work, *, batch_id: UUID) -> bool:
    """Try a row that nobody works on; False when none is left. What is wrong with it is written
    beside it; what is wrong with us raises, and the row waits."""
    client_id = client_of(work)
    row = await work.maybe(RowToTry, sql.next_row, client_id=client_id, batch_id=batch_id)
    if row is None:
        return False
    content = await work.vault.open_bytes(
        work, row.content_sealed, scope=client_id, place=CONTENT, row_id=row.id
    )
    state: RowState = "taken"
    try:
        async with work.savepoint():
            new = bodies.decode(content, Handover)
            application_id = (await portals.hand_over(work, new=new)).id
    except ReferenceTaken as known:
        found = known.facts["application_id"]
        assert isinstance(found, UUID)
        state, application_id = "known", found
    except Exception as error:
        await _refuse(work, batch_id, row.row_no, error)
        return True
    await work.run(
        sql.row_taken, client_id=client_id, batch_id=batch_id, row_no=row.row_no, state=state,
        application_id=application_id,
    )  # fmt: skip
    return True


async def _refuse(work: Work, batch_id: UUID, row_no: int, error: Exception) -> None:
    """The problem document that the row would have got alone; our own trouble raises."""
    ours = problems.as_ours(error)
    if ours is None or problems.status_of(type(ours)) in (401, 429, 503):
        raise error
    _status, body = problems.document(ours, english=False)
    await work.run(
        sql.row_refused, client_id=client_of(work), batch_id=batch_id, row_no=row_no,
        problem=msgspec.json.decode(body),
    )  # fmt: skip


async def finish(work: Work, *, batch_id: UUID) -> None:
    """Tell that every row has its result, if that is so."""
    if await work.run(sql.finish, client_id=client_of(work), id=batch_id):
        await work.record("handover_batch.finished", object_id=batch_id)
        await work.emit(HandoverBatchFinished(client_id=client_of(work), batch_id=batch_id))


def round_id(batch: HandoverBatch) -> UUID:
    """What a call-back about this round of a batch is about, the same in every repeat."""
    return uuid5(batch.id, f"round {batch.round}")
