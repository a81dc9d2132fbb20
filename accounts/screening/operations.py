"""Look people and firms up in the watch lists, and keep the lists."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts.screening import rules
from accounts.screening.model import (
    Candidate,
    Entry,
    Hit,
    ListedForNoDay,
    ListedKind,
    NewEntry,
    Subject,
)
from app.ids import new_id
from app.pages import Page, page
from app.queries import load
from app.work import Work

sql = load(__name__)

ID_INDEX = "listed_id"


def subject(
    work: Work, *, part: str, kind: ListedKind, name: str, id_number: str | None = None
) -> Subject:
    """Somebody to look for; the id only as its blind index."""
    index = work.vault.blind_index(ID_INDEX, id_number) if id_number else None
    return Subject(part=part, kind=kind, name=name, id_index=index)


async def screen(work: Work, *, subjects: Sequence[Subject]) -> list[Hit]:
    """Every hit of these subjects in the lists in force today."""
    entries = await work.all(
        Candidate,
        sql.candidates,
        id_indexes=[one.id_index for one in subjects if one.id_index is not None],
        names=[one.name for one in subjects],
        sounds=[rules.sound(one.name) for one in subjects],
    )
    return rules.match(subjects, entries)


async def add(work: Work, *, new: NewEntry) -> Entry:
    """Put somebody on a list; ListedForNoDay."""
    if new.until_on is not None and new.until_on <= new.from_on:
        raise ListedForNoDay(from_on=new.from_on.isoformat(), until_on=new.until_on.isoformat())
    entry = await work.one(
        Entry,
        sql.add_entry,
        id=new_id(),
        list=new.list,
        kind=new.kind,
        name=new.name,
        pinyin=rules.sound(new.name),
        id_index=work.vault.blind_index(ID_INDEX, new.id_number) if new.id_number else None,
        reason=new.reason,
        source=new.source,
        from_on=new.from_on,
        until_on=new.until_on,
    )
    await work.record("watch_list.added", object_id=entry.id, list=entry.list)
    return entry


async def entries(work: Work, *, before: UUID | None, limit: int) -> Page[Entry]:
    """The lists, newest first."""
    rows = await work.all(Entry, sql.entries, before=before, most=limit + 1)
    return page(rows, limit, lambda entry: (entry.id,))
