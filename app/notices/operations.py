"""Put a notice into the inbox, read it, mark it seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID, uuid5

from app.notices.model import Inbox, Notice
from app.pages import page
from app.queries import load
from app.work import Work

sql = load(__name__)

# After every moment there is.
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
LAST = UUID(int=2**128 - 1)


async def add(
    work: Work,
    *,
    kind: str,
    about: UUID,
    text: str,
    roles: Collection[str] = (),
    people: Collection[UUID] = (),
) -> None:
    """Tell the members of these roles, or these people, once; whoever listens hears it live."""
    notice_id = uuid5(about, text)
    added = await work.run(
        sql.add_notice, id=notice_id, kind=kind, about=about, roles=sorted(roles),
        people=sorted(people), text=text,
    )  # fmt: skip
    if added:
        # The words are for those who may read them: a listener hears that there are some.
        await work.progress(work.business_id, "notice", id=str(notice_id), kind=kind)


async def inbox(work: Work, *, before: tuple[datetime, UUID] | None, limit: int) -> Inbox:
    """What the member was told, newest first, and how much of it is unread (a hundred at most)."""
    at, last = before or (LATEST, LAST)
    rows = await work.all(
        Notice, sql.notices, role=work.actor.role, before_at=at, before_id=last, most=limit + 1
    )
    found = page(rows, limit, lambda row: (row.at, row.id))
    unread = await work.one(int, sql.unread, role=work.actor.role)
    return Inbox(items=found.items, next=found.next, unread=unread)


async def see(work: Work, *, until: datetime) -> Inbox:
    """Everything up to a moment has been seen; it never becomes unread again."""
    await work.run(sql.see, until=until)
    return await inbox(work, before=None, limit=20)
