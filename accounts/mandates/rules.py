"""The decisions of mandates: how many must agree to a payment."""

from accounts.mandates.model import SecondPersonRule


def levels_needed(*, amount_fen: int, in_bank: bool, watched: bool, rule: SecondPersonRule) -> int:
    """How many other persons must agree: one above the firm's amount or to a watched payee."""
    above = rule.in_bank_above_fen if in_bank else rule.outside_above_fen
    if above is not None and amount_fen > above:
        return 1
    return 1 if watched and above is not None else 0
