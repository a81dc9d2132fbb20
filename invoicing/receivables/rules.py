"""Which invoice a payment is for: the number in the remark first, then exact amount and payer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from invoicing.receivables.model import (
    AllocationTooLarge,
    Match,
    Outcome,
    Receipt,
    Receivable,
    Share,
)

# The whole number of a 数电票, or its last eight digits as people write them.
FULL, TAIL = 20, 8
MOST_SUGGESTIONS = 5
_DIGITS = re.compile(r"[0-9]{8,20}")
_NOT_NAME = re.compile(r"[\s\u3000()（）\[\]【】「」《》·.．,，、。\-－—_]")


def numbers_in(remark: str) -> list[str]:
    """What may be an invoice number in a remark: 20 digits, or the last 8."""
    return [run for run in _DIGITS.findall(remark) if len(run) in (FULL, TAIL)]


def plain_name(name: str) -> str:
    """A firm's name without brackets, blanks and marks, which banks write each in their way."""
    return _NOT_NAME.sub("", name).upper()


def same_name(one: str, other: str) -> bool:
    """Whether two spellings name the same firm."""
    return plain_name(one) == plain_name(other)


def match(receipt: Receipt, receivables: Sequence[Receivable]) -> Match:
    """Explained, and never a guess: two candidates of equal right are left for the owner."""
    named = by_number(receipt, receivables)
    if named is not None:
        return named
    equal = [r for r in receivables if r.open_fen == receipt.amount_fen]
    sure = [r for r in equal if same_name(r.buyer_name, receipt.payer_name)]
    if len(sure) == 1:
        return Match(
            outcome="amount_and_payer",
            shares=[share(sure[0], receipt.amount_fen)],
            suggestions=[],
        )
    others = sure or equal
    if not others:
        others = [r for r in receivables if same_name(r.buyer_name, receipt.payer_name)]
    outcome: Outcome = "ambiguous" if others else "none"
    suggestions = [r.id for r in others[:MOST_SUGGESTIONS]]
    return Match(outcome=outcome, shares=[], suggestions=suggestions)


def by_number(receipt: Receipt, receivables: Sequence[Receivable]) -> Match | None:
    """The invoices that the remark names, in its order, until the money is used up; None if it
    names none, ambiguous if an ending fits two."""
    shares: list[Share] = []
    left = receipt.amount_fen
    for number in dict.fromkeys(numbers_in(receipt.remark)):
        fitting = [r for r in receivables if r.invoice_number.endswith(number)]
        if len(fitting) > 1:
            suggestions = [r.id for r in fitting[:MOST_SUGGESTIONS]]
            return Match(outcome="ambiguous", shares=[], suggestions=suggestions)
        if fitting and left and fitting[0].open_fen:
            shares.append(share(fitting[0], min(left, fitting[0].open_fen)))
            left -= shares[-1].amount_fen
    if not shares:
        return None
    return Match(outcome="number_in_remark", shares=shares, suggestions=[])


def share(receivable: Receivable, amount_fen: int) -> Share:
    """A part of a receipt for a receivable."""
    return Share(
        receivable_id=receivable.id, invoice_id=receivable.invoice_id, amount_fen=amount_fen
    )


def by_owner(receivable: Receivable, *, left_fen: int, amount_fen: int | None) -> Share:
    """What the owner allocates: the amount named, or all that fits. Raises AllocationTooLarge."""
    wanted = min(left_fen, receivable.open_fen) if amount_fen is None else amount_fen
    if not 0 < wanted <= min(left_fen, receivable.open_fen):
        raise AllocationTooLarge(open_fen=receivable.open_fen, left_fen=left_fen)
    return share(receivable, wanted)
