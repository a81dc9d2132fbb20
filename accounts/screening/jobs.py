"""Jobs of screening: names known here are looked at again when a list has changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from accounts.parties import operations as parties
from accounts.screening import operations, rules
from accounts.screening.model import Candidate, Named, Subject
from app.jobs import Ctx

SLICE = 2_000
PARTIES = "select business_id, id, name from accounts.party_names($1, $2, $3)"
ACCOUNTS = "select number, name from accounts.account_names($1, $2)"
MARK = "select accounts.mark_listed($1, $2, $3)"


async def screen_party(ctx: Ctx, *, party_id: UUID, business_id: UUID, **_: object) -> None:
    """A counterparty was entered: mark it where a list names it, so that its payments are looked
    at."""
    async with ctx.begin(business_id) as work:
        party = await parties.look(work, party_id=party_id)
        finding = await operations.look_at(
            work, name=party.name, account_index=party.account_index, party_id=party_id
        )
        if finding != "clear":
            await parties.mark_listed(work, party_id=party_id)


async def look_again(ctx: Ctx, *, entry_id: UUID, **_: object) -> None:
    """Mark every counterparty and account that an entry names, a slice of names at a time."""
    async with ctx.begin() as work:
        entry = await operations.entry(work, entry_id=entry_id)
    if entry is None:
        return
    nobody = UUID(int=0)
    after: tuple[Any, ...] = (nobody, nobody)
    while found := await _slice(ctx, entry, PARTIES, after):
        after = (found[-1].business_id, found[-1].id)
    after = ("",)
    while found := await _slice(ctx, entry, ACCOUNTS, after):
        after = (found[-1].number,)


async def _slice(ctx: Ctx, entry: Candidate, query: str, after: tuple[Any, ...]) -> list[Named]:
    """The next names, those that the entry names marked."""
    async with ctx.nightly() as connection:
        rows = await connection.fetch(query, *after, SLICE)
        names = [msgspec.convert(dict(row), Named) for row in rows]
        hit = [one for one in names if _named(one.name, entry)]
        listed = [one for one in hit if one.id is not None]
        await connection.execute(
            MARK,
            [one.business_id for one in listed],
            [one.id for one in listed],
            [one.number for one in hit if one.number is not None],
        )
    return names


def _named(name: str, entry: Candidate) -> bool:
    subject = Subject(part="payee", kind=entry.kind, name=name)
    return bool(rules.match([subject], [entry], nearly=True))
