"""Look people and firms up in the watch lists, and keep the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from accounts.screening import rules
from accounts.screening.model import (
    Candidate,
    ChangedEntry,
    Entry,
    EntryChanged,
    Finding,
    Hit,
    HitDecided,
    HitDecision,
    HitNotFound,
    ListedForNoDay,
    ListedKind,
    NewEntry,
    StoredHit,
    Subject,
    WatchListChanged,
)
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work

sql = load(__name__)

ID_INDEX = "listed_id"
KINDS: tuple[ListedKind, ...] = ("firm", "person")


def subject(
    work: Work, *, part: str, kind: ListedKind, name: str, id_number: str | None = None
) -> Subject:
    """Somebody to look for; the id only as its blind index."""
    index = work.vault.blind_index(ID_INDEX, id_number) if id_number else None
    return Subject(part=part, kind=kind, name=name, id_index=index)


async def screen(work: Work, *, subjects: Sequence[Subject], nearly: bool = False) -> list[Hit]:
    """Every hit of these subjects in the lists in force today; near names only where asked."""
    entries = await work.all(
        Candidate,
        sql.candidates,
        id_indexes=[one.id_index for one in subjects if one.id_index is not None],
        names=[one.name for one in subjects],
        sounds=[rules.sound(one.name) for one in subjects],
        near_names=sorted({one.name for one in subjects}) if nearly else [],
    )
    return rules.match(subjects, entries, nearly=nearly)


async def look_at(work: Work, *, name: str, account_index: bytes, party_id: UUID | None) -> Finding:
    """What the lists say of a firm's payee; a hit is kept once per version of its entry, and what
    the desk decided about it before stands."""
    subjects = [Subject(part="payee", kind=kind, name=name) for kind in KINDS]
    hits = await screen(work, subjects=subjects, nearly=True)
    if not hits:
        return "clear"
    which = {
        "entry_ids": [hit.entry_id for hit in hits],
        "versions": [hit.entry_version for hit in hits],
    }
    whom = {"account_index": account_index, "name": name}
    await work.run(
        sql.keep_hits,
        party_id=party_id,
        hits=msgspec.to_builtins(hits),
        **whom,
    )
    return rules.finding(await work.all(str, sql.states, **which, **whom))


async def clear(work: Work, *, name: str, account_index: bytes, reason: str) -> None:
    """The bank let a payment to this payee go: its open hits meant somebody else."""
    await work.run(sql.clear_hits, name=name, account_index=account_index, reason=reason)


async def queue(work: Work, *, after: str | None, limit: int) -> Page[StoredHit]:
    """What the desk has to decide, the oldest first."""
    at, business_id, hit_id = (
        decode_cursor(after, datetime, UUID, UUID) if after else (None, None, None)
    )
    rows = await work.all(
        StoredHit,
        sql.open_hits,
        after_at=at,
        after_business=business_id,
        after_id=hit_id,
        most=limit + 1,
    )
    return page(rows, limit, lambda hit: (hit.found_at, hit.business_id, hit.id))


async def decide(work: Work, *, business_id: UUID, hit_id: UUID, new: HitDecision) -> StoredHit:
    """Whether the hit means this payee; HitNotFound, HitDecided."""
    await work.set_business(business_id)
    if await work.maybe(StoredHit, sql.hit, id=hit_id) is None:
        raise HitNotFound(hit_id=hit_id)
    if not await work.run(sql.decide_hit, id=hit_id, state=new.decision, reason=new.reason):
        raise HitDecided(hit_id=hit_id)
    await work.record("screening_hit.decided", object_id=hit_id, decision=new.decision)
    return await work.one(StoredHit, sql.hit, id=hit_id)


async def change(work: Work, *, entry_id: UUID, new: ChangedEntry) -> Entry:
    """Change an entry as it was seen; EntryChanged."""
    entry = await work.maybe(
        Entry,
        sql.change_entry,
        id=entry_id,
        version=new.version,
        name=new.name,
        pinyin=rules.sound(new.name),
        reason=new.reason,
        source=new.source,
        until_on=new.until_on,
    )
    if entry is None:
        raise EntryChanged(entry_id=entry_id)
    await work.emit(WatchListChanged(entry_id=entry_id))
    await work.record("watch_list.changed", object_id=entry_id, version=entry.version)
    return entry


async def entry(work: Work, *, entry_id: UUID) -> Candidate | None:
    """An entry in force; None once it is over."""
    return await work.maybe(Candidate, sql.entry, id=entry_id)


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
    await work.emit(WatchListChanged(entry_id=entry.id))
    await work.record("watch_list.added", object_id=entry.id, list=entry.list)
    return entry


async def entries(work: Work, *, before: UUID | None, limit: int) -> Page[Entry]:
    """The lists, newest first."""
    rows = await work.all(Entry, sql.entries, before=before, most=limit + 1)
    return page(rows, limit, lambda entry: (entry.id,))
