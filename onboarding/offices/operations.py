"""Open the offices' parts, move each on its own way, and try again where one was refused."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from app.ids import new_id
from app.money import yuan
from app.queries import load
from app.work import Work
from onboarding.offices import rules
from onboarding.offices.model import (
    OfficeAsked,
    OwnersPart,
    Part,
    PartNotFailed,
    PartNotFound,
    PartNotOpen,
    PartRow,
    Parts,
    PartState,
    Turn,
)

sql = load(__name__)


async def open_parts(
    work: Work,
    *,
    registration_id: UUID,
    staff_count: int,
    by_owner: Collection[OwnersPart],
    due_at: datetime,
) -> None:
    """All parts the firm needs; the registry is asked for the licence by `due_at`."""
    await work.run(
        sql.add_parts, registration_id=registration_id, due_at=due_at, by_owner=list(by_owner),
        parts=rules.needed(staff_count=staff_count),
    )  # fmt: skip
    await _tell(work, registration_id, "licence", "asked", "已提交登记机关")


async def _tell(work: Work, registration_id: UUID, part: Part, state: PartState, note: str) -> None:
    """A turn for the timeline, and the same for whoever watches live."""
    await work.run(
        sql.add_turn, id=new_id(), registration_id=registration_id, part=part, state=state,
        note=note,
    )  # fmt: skip
    await work.progress(registration_id, "part", part=part, state=state, note=note)


async def _move(
    work: Work,
    registration_id: UUID,
    part: Part,
    state: PartState,
    note: str,
    *,
    attempt: int | None = None,
    due_at: datetime | None = None,
    number: str | None = None,
    refused_code: str | None = None,
    quota_fen: int | None = None,
) -> bool:
    touched = await work.run(
        sql.move_part, registration_id=registration_id, part=part, state=state, due_at=due_at,
        number=number, refused_code=refused_code, quota_fen=quota_fen, attempt=attempt,
    )  # fmt: skip
    if touched:
        await _tell(work, registration_id, part, state, note)
    return touched > 0


async def licensed(
    work: Work,
    *,
    registration_id: UUID,
    licence_number: str,
    due_at: dict[Part, datetime],
    bank_branch: str | None,
) -> None:
    """The licence is there: every other office's part begins at once, each on its own way."""
    await _move(work, registration_id, "licence", "done", "营业执照已签发", number=licence_number)
    for row in await work.all(PartRow, sql.parts, registration_id=registration_id):
        if row.part == "licence":
            continue
        by_us = row.part in rules.ASKED_OUTSIDE and not row.by_owner
        note = "已代为申请" if by_us else "可以办理"
        if row.part == "bank" and bank_branch is not None:
            note = f"已选择开户网点{bank_branch}，请提交开户申请并预约"
        due = due_at.get(row.part)
        await _move(work, registration_id, row.part, "asked", note, due_at=due)
        if by_us:
            await work.emit(
                OfficeAsked(registration_id=registration_id, part=row.part, attempt=row.attempt)
            )


async def licence_refused(work: Work, *, registration_id: UUID, code: str) -> None:
    """The registry said no; the other parts never begin."""
    note = "登记机关不予登记"
    await _move(work, registration_id, "licence", "failed", note, refused_code=code)


async def take(
    work: Work, *, registration_id: UUID, part: Part, attempt: int, number: str | None, code: str
) -> None:
    """An office's answer to one attempt: its number, or why it refused."""
    if number is not None:
        await _move(
            work, registration_id, part, "done", "已办结", attempt=attempt, number=number
        )  # fmt: skip
        return
    if await _move(
        work, registration_id, part, "failed", "未予办理，可重新申请或自行办理", attempt=attempt,
        refused_code=code,
    ):  # fmt: skip
        await work.record("registration.part_failed", object_id=registration_id, part=part)


async def take_tax(work: Work, *, registration_id: UUID, number: str, quota_fen: int) -> None:
    """The tax platform knows the firm; what it may invoice this month confirms it."""
    note = f"已核定发票总额度{yuan(quota_fen)}元"
    await _move(
        work, registration_id, "tax", "done", note, number=number, quota_fen=quota_fen
    )  # fmt: skip


async def take_bank_account(work: Work, *, registration_id: UUID, number: str) -> None:
    """The firm's account is open: the bank's part is done."""
    await _move(work, registration_id, "bank", "done", "基本存款账户已开立", number=number)


async def _lock(work: Work, registration_id: UUID, part: Part) -> PartRow:
    row = await work.maybe(PartRow, sql.lock_part, registration_id=registration_id, part=part)
    if row is None:
        raise PartNotFound(registration_id=registration_id, part=part)
    return row


async def confirm(work: Work, *, registration_id: UUID, part: OwnersPart, number: str) -> Parts:
    """The owner records the number an office gave; PartNotOpen unless it is the owner's turn."""
    row = await _lock(work, registration_id, part)
    if not rules.confirmable(row):
        raise PartNotOpen(part=part, state=row.state)
    await _move(work, registration_id, part, "done", "企业已登记办理结果", number=number)
    await work.record("registration.part_confirmed", object_id=registration_id, part=part)
    return await parts(work, registration_id=registration_id)


async def retry(
    work: Work, *, registration_id: UUID, part: OwnersPart, due_at: datetime | None = None
) -> Parts:
    """Ask an office that refused once more, under a reference of its own; PartNotFailed."""
    row = await _lock(work, registration_id, part)
    if not await work.run(
        sql.try_again, registration_id=registration_id, part=part, due_at=due_at or row.due_at
    ):
        raise PartNotFailed(part=part, state=row.state)
    await _tell(work, registration_id, part, "asked", "已重新申请")
    await work.emit(
        OfficeAsked(registration_id=registration_id, part=part, attempt=row.attempt + 1)
    )
    await work.record("registration.part_retried", object_id=registration_id, part=part)
    return await parts(work, registration_id=registration_id)


async def is_asked(work: Work, *, registration_id: UUID, part: Part, attempt: int) -> bool:
    """Whether this attempt still waits for its answer."""
    rows = await work.all(PartRow, sql.parts, registration_id=registration_id)
    row = next((row for row in rows if row.part == part), None)
    return row is not None and (row.state, row.attempt) == ("asked", attempt)


async def parts(work: Work, *, registration_id: UUID) -> Parts:
    """All parts with who acts next, and the timeline."""
    rows = await work.all(PartRow, sql.parts, registration_id=registration_id)
    return Parts(
        parts=[rules.status(row) for row in rows],
        timeline=await work.all(Turn, sql.turns, registration_id=registration_id),
    )
