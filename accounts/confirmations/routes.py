"""Closed months and balance letters over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.confirmations import operations
from accounts.confirmations.model import (
    Answer,
    DifferencesDoNotAddUp,
    Letter,
    LetterAnswered,
    LetterChanged,
    LetterNotFound,
    Month,
    NothingDiffers,
    Objection,
    State,
)
from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

# Who speaks for the firm's books towards the bank.
ANSWERS = allow("owner", "finance")


@get("/v1/accounts/{account_id:uuid}/months", guards=[READERS], responses=problems(AccountNotFound))
async def list_months(work: NamedDependency[Work], account_id: FromPath[UUID]) -> list[Month]:
    """The closed months of an account; a month's statement is ordered as an export."""
    return await operations.months(work, account_id=account_id)


@get("/v1/balance-letters", guards=[READERS], responses=problems(BadCursor))
async def list_letters(
    work: NamedDependency[Work],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Letter]:
    """The firm's balance letters (余额对账单), newest first."""
    return await operations.search(work, state=in_state, after=after, limit=limit)


@get("/v1/balance-letters/{letter_id:uuid}", guards=[READERS], responses=problems(LetterNotFound))
async def read_letter(work: NamedDependency[Work], letter_id: FromPath[UUID]) -> Letter:
    """One balance letter."""
    return await operations.get(work, letter_id=letter_id)


@post(
    "/v1/balance-letters/{letter_id:uuid}/agree",
    status_code=200,
    guards=[ANSWERS],
    responses=problems(LetterNotFound, LetterAnswered, LetterChanged),
)
@once
async def agree_to_letter(
    work: NamedDependency[Work], letter_id: FromPath[UUID], data: JSONBody[Answer]
) -> Letter:
    """Confirm the balance."""
    return await operations.agree(work, letter_id=letter_id, version=data.version)


@post(
    "/v1/balance-letters/{letter_id:uuid}/object",
    status_code=200,
    guards=[ANSWERS],
    responses=problems(
        LetterNotFound, LetterAnswered, LetterChanged, NothingDiffers, DifferencesDoNotAddUp
    ),
)
@once
async def object_to_letter(
    work: NamedDependency[Work], letter_id: FromPath[UUID], data: JSONBody[Objection]
) -> Letter:
    """Object to the balance: the firm's own, and what makes the difference, to the fen."""
    return await operations.object_to(work, letter_id=letter_id, objection=data)


router = Router(
    "/",
    route_handlers=[list_months, list_letters, read_letter, agree_to_letter, object_to_letter],
    tags=["balance letters"],
)
