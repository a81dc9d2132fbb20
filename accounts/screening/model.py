"""The nouns of screening: a watch-list entry, who is looked for, and an explained hit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Refusal
from app.names import Text

ListName = Literal["penalty", "sanction", "risk"]
ListedKind = Literal["person", "firm"]
How = Literal["id", "name", "pinyin"]
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


class Candidate(Struct, frozen=True, kw_only=True):
    """An entry that may be the one looked for."""

    id: UUID
    list: ListName
    kind: ListedKind
    name: str
    pinyin: str
    id_index: bytes | None
    reason: str


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


class ListedForNoDay(Refusal):
    """The entry ends before it begins."""

    zh = "名单的终止日期须晚于起始日期"
