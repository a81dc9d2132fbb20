"""Makes months and balance letters for all firms, shows them, and takes the answers."""

from datetime import date
from uuid import UUID

import msgspec

from accounts.confirmations import rules
from accounts.confirmations.model import (
    Letter,
    LetterChanged,
    LetterNotFound,
    Month,
    Objection,
    State,
)
from accounts.deposits import operations as deposits
from app import pages
from app.queries import load
from app.work import Work

sql = load(__name__)


async def make_month(work: Work, *, month_on: date, letters: bool) -> int:
    """Close a month of every account of every firm; how many were not there yet. As `nightly`."""
    return await work.one(int, sql.make_month, month=month_on, letters=letters)


async def months(work: Work, *, account_id: UUID) -> list[Month]:
    """The closed months of an account, newest first; AccountNotFound."""
    await deposits.own(work, account_id=account_id)
    return await work.all(Month, sql.months, account_id=account_id)


async def search(
    work: Work, *, state: State | None, after: str | None, limit: int
) -> pages.Page[Letter]:
    """The firm's balance letters, newest first."""
    after_on, after_id = pages.decode_cursor(after, date, UUID) if after else (None, None)
    rows = await work.all(
        Letter, sql.letters_page, state=state, after_on=after_on, after_id=after_id, limit=limit
    )
    return pages.page(rows, limit, lambda letter: (letter.as_of_on, letter.id))


async def get(work: Work, *, letter_id: UUID) -> Letter:
    """A balance letter, or LetterNotFound."""
    letter = await work.maybe(Letter, sql.letter, id=letter_id)
    if letter is None:
        raise LetterNotFound(letter_id=letter_id)
    return letter


async def agree(work: Work, *, letter_id: UUID, version: int) -> Letter:
    """The firm confirms the balance; LetterNotFound, LetterAnswered, LetterChanged."""
    letter = await get(work, letter_id=letter_id)
    return await _answer(work, rules.agree(letter, version=version, now=work.now))


async def object_to(work: Work, *, letter_id: UUID, objection: Objection) -> Letter:
    """The firm objects and says what differs; LetterNotFound and what the rules raise."""
    letter = await get(work, letter_id=letter_id)
    return await _answer(work, rules.object_to(letter, objection, now=work.now))


async def _answer(work: Work, answered: Letter) -> Letter:
    kept = await work.run(
        sql.save_answer,
        id=answered.id,
        state=answered.state,
        stated_fen=answered.stated_fen,
        differences=msgspec.to_builtins(answered.differences),
        version=answered.version - 1,
    )
    if not kept:
        raise LetterChanged(version=answered.version)
    await work.record("balance_letter.answered", object_id=answered.id, state=answered.state)
    return await get(work, letter_id=answered.id)
