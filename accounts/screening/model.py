"""The nouns of screening: a watch-list entry, who is looked for, and an explained hit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import Text

ListName = Literal["penalty", "sanction", "risk"]
ListedKind = Literal["person", "firm"]
How = Literal["id", "name", "pinyin", "near"]
HitState = Literal["open", "false_hit", "true_hit"]
# What the lists say of a payee: nothing, something not yet decided, or that it is meant.
Finding = Literal["clear", "open", "listed"]
ListedName = Annotated[str, Meta(min_length=2, max_length=100, examples=["王小微"])]
ListedId = Annotated[str, Meta(min_length=8, max_length=30, examples=["11010519491231002X"])]


ListedOn = Annotated[date, Meta(examples=["2025-09-01"])]


class NewEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put a person or a firm on a list; the id is kept only as a blind index."""

    list: ListName
    kind: ListedKind
    name: ListedName
    id_number: ListedId | None = None
    reason: Text
    source: Text
    from_on: ListedOn
    until_on: ListedOn | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of a watch list; `by_id` tells whether an id is known."""

    id: UUID
    list: ListName
    kind: ListedKind
    name: str
    by_id: bool
    reason: str
    source: str
    from_on: date
    until_on: date | None
    added_at: datetime
    version: int


class Candidate(Struct, frozen=True, kw_only=True):
    """An entry that may be the one looked for."""

    id: UUID
    list: ListName
    kind: ListedKind
    name: str
    pinyin: str
    id_index: bytes | None
    reason: str
    version: int


class Difference(Struct, frozen=True, kw_only=True):
    """One letter that differs: at which place of our name (from 1), ours and theirs; an empty one
    is missing."""

    at: int
    ours: str
    theirs: str


Letters = list[Difference]


class Subject(Struct, frozen=True, kw_only=True):
    """Who is looked for: the part they play, the name, and the blind index of the id if known."""

    part: str
    kind: ListedKind
    name: str
    id_index: bytes | None = None


class Hit(Struct, frozen=True, kw_only=True):
    """A match one can explain: which entry, by what, and what it means."""

    part: str
    entry_id: UUID
    list: ListName
    how: How
    reason: str
    certain: bool
    entry_version: int = 1
    distance: int = 0
    letters: Letters = []


class StoredHit(Struct, frozen=True, kw_only=True):
    """A hit of a firm's payee as the desk reads and decides it: which list and entry, by what, how
    near, and which letters differ."""

    business_id: UUID
    id: UUID
    name: str
    party_id: UUID | None
    entry_id: UUID
    entry_version: int
    list: ListName
    listed_name: str
    entry_reason: str
    how: How
    distance: int
    letters: Letters
    state: HitState
    found_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str


class Named(Struct, frozen=True, kw_only=True):
    """A counterparty or an account whose name is looked at again when a list has changed."""

    name: str
    business_id: UUID | None = None
    id: UUID | None = None
    number: str | None = None


class HitDecision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the hit means this payee; remembered for this entry as it stands."""

    decision: Annotated[Literal["false_hit", "true_hit"], Meta(examples=["false_hit"])]
    reason: Text


class ChangedEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change an entry as it was seen; what was decided about it before counts no more."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
    name: ListedName
    reason: Text
    source: Text
    until_on: ListedOn | None = None


class WatchListChanged(Event, frozen=True, kw_only=True):
    """An entry was added or changed: names known here are looked at again."""

    entry_id: UUID


class HitNotFound(NotFound):
    """There is no such hit."""

    zh = "命中记录不存在"


class HitDecided(Conflict):
    """This hit has been decided."""

    zh = "该命中已有结论"


class EntryChanged(Conflict):
    """The entry was changed since it was read, or does not exist; read it again."""

    zh = "名单条目已被修改或不存在，请刷新后重试"


class ListedForNoDay(Refusal):
    """The entry ends before it begins."""

    zh = "名单的终止日期须晚于起始日期"
