"""The book of counterparties over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from accounts.deposits.routes import READERS
from accounts.parties import operations
from accounts.parties.model import (
    BankCodeInvalid,
    Entered,
    NewParties,
    NewParty,
    Party,
    PartyAccountUnknown,
    PartyAlreadyKnown,
    PartyChanged,
    PartyNameMismatch,
    PartyNotFound,
    Role,
    SeenVersion,
    UsccInvalid,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

Part = Annotated[str, Meta(min_length=1, max_length=50, examples=["材料"])]


@post(
    "",
    guards=[allow("owner", "finance", "maker")],
    responses=problems(
        BankCodeInvalid, UsccInvalid, PartyAccountUnknown, PartyNameMismatch, PartyAlreadyKnown
    ),
)
@once
async def enter_party(work: NamedDependency[Work], data: JSONBody[NewParty]) -> Party:
    """Put a counterparty into the book."""
    return await operations.enter(work, new=data)


@post("/import", status_code=200, guards=[allow("owner", "finance", "maker")])
@once
async def import_parties(work: NamedDependency[Work], data: JSONBody[NewParties]) -> Entered:
    """Put many counterparties into the book; each row is answered for itself."""
    return await operations.enter_many(work, new=data)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_parties(
    work: NamedDependency[Work],
    q: FromQuery[Part | None] = None,
    role: FromQuery[Role | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Party]:
    """The book newest first; `q` is looked for inside the name."""
    return await operations.search(work, part=q, role=role, after=after, limit=limit)


@get("/{party_id:uuid}", guards=[READERS], responses=problems(PartyNotFound))
async def read_party(work: NamedDependency[Work], party_id: FromPath[UUID]) -> Party:
    """One counterparty."""
    return await operations.get(work, party_id=party_id)


@post(
    "/{party_id:uuid}/trust",
    status_code=200,
    guards=[allow("owner", "checker")],
    responses=problems(PartyNotFound, PartyChanged),
)
@once
async def trust_party(
    work: NamedDependency[Work], data: JSONBody[SeenVersion], party_id: FromPath[UUID]
) -> Party:
    """Trust a payee, so that it is no longer watched as new."""
    return await operations.trust(work, party_id=party_id, version=data.version)


@post(
    "/{party_id:uuid}/close",
    status_code=200,
    guards=[allow("owner", "finance")],
    responses=problems(PartyNotFound, PartyChanged),
)
@once
async def close_party(
    work: NamedDependency[Work], data: JSONBody[SeenVersion], party_id: FromPath[UUID]
) -> Party:
    """Take a counterparty out of the book."""
    return await operations.close(work, party_id=party_id, version=data.version)


router = Router(
    "/v1/parties",
    route_handlers=[
        enter_party,
        import_parties,
        list_parties,
        read_party,
        trust_party,
        close_party,
    ],
    tags=["parties"],
)
