"""Mandate rules: when another person must agree to a payment."""

from __future__ import annotations

import pytest

from accounts.mandates import rules
from accounts.mandates.model import SecondPersonRule


@pytest.mark.parametrize(
    ("outside", "in_bank", "watched", "amount_fen", "goes_out", "levels"),
    [
        (0, None, False, 1, True, 1),
        (100, None, False, 100, True, 0),
        (100, None, False, 101, True, 1),
        (None, None, False, 10**12, True, 0),
        (100, None, True, 1, True, 1),
        (0, None, False, 1, False, 0),
        (0, 0, False, 1, False, 1),
    ],
)
def test_who_must_agree(outside, in_bank, watched, amount_fen, goes_out, levels):
    rule = SecondPersonRule(outside_above_fen=outside, in_bank_above_fen=in_bank, version=1)
    needed = rules.levels_needed(
        amount_fen=amount_fen, in_bank=not goes_out, watched=watched, rule=rule
    )
    assert needed == levels
