"""When balances are confirmed, and which answers to a letter make sense."""

from datetime import date, datetime

from msgspec.structs import replace

from accounts.confirmations.model import (
    DifferencesDoNotAddUp,
    Letter,
    LetterAnswered,
    LetterChanged,
    LetterPolicy,
    NothingDiffers,
    Objection,
)


def month_before(on: date) -> date:
    """The first day of the month before the one of a date."""
    year, month = (on.year - 1, 12) if on.month == 1 else (on.year, on.month - 1)
    return date(year, month, 1)


def wants_letters(month_on: date, policy: LetterPolicy) -> bool:
    """Whether balances are confirmed at the end of this month."""
    return month_on.month % policy.every_months == 0


def agree(letter: Letter, *, version: int, now: datetime) -> Letter:
    """The letter agreed to; LetterAnswered or LetterChanged."""
    _may_answer(letter, version)
    return replace(letter, state="agreed", answered_at=now, version=letter.version + 1)


def object_to(letter: Letter, objection: Objection, *, now: datetime) -> Letter:
    """The letter objected to, the firm's own balance explained to the fen.

    Raises LetterAnswered, LetterChanged, NothingDiffers, DifferencesDoNotAddUp.
    """
    _may_answer(letter, objection.version)
    differs_fen = objection.stated_fen - letter.balance_fen
    if not differs_fen:
        raise NothingDiffers(balance_fen=letter.balance_fen)
    explained_fen = sum(one.amount_fen for one in objection.differences)
    if explained_fen != differs_fen:
        raise DifferencesDoNotAddUp(differs_fen=differs_fen, explained_fen=explained_fen)
    return replace(
        letter,
        state="objected",
        stated_fen=objection.stated_fen,
        differences=list(objection.differences),
        answered_at=now,
        version=letter.version + 1,
    )


def _may_answer(letter: Letter, version: int) -> None:
    if letter.state != "open":
        raise LetterAnswered(state=letter.state)
    if letter.version != version:
        raise LetterChanged(version=letter.version)
