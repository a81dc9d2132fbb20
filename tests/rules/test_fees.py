"""The price list: brackets, shares up to a most, and whom it costs nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.fees import rules
from accounts.fees.model import Bracket, Prices

PRICES = Prices(
    rails={
        "hvps": [
            Bracket(up_to_fen=1_000_000, fee_fen=500),
            Bracket(up_to_fen=10_000_000, fee_fen=1_000),
            Bracket(rate_ppm=20, most_fen=20_000),
        ]
    },
    monthly_fen=1_000,
    usual_size="small",
    free_sizes=["micro", "small"],
    refund_failed=True,
    refund_returned=False,
)


@pytest.mark.parametrize(
    ("amount_fen", "fee_fen"),
    [(1, 500), (1_000_000, 500), (1_000_001, 1_000), (10_000_001, 200), (250_000_000, 5_000),
     (10**12, 20_000)],
)  # fmt: skip
def test_the_first_bracket_that_reaches_the_amount(amount_fen, fee_fen):
    large = rules.quote(PRICES, rail="hvps", amount_fen=amount_fen, size="large")
    assert (large.list_fen, large.fee_fen, large.free_because) == (fee_fen, fee_fen, None)
    small = rules.quote(PRICES, rail="hvps", amount_fen=amount_fen, size="small")
    assert (small.list_fen, small.fee_fen, small.free_because) == (fee_fen, 0, "small")


@given(st.integers(1, 10**15))
def test_inside_the_bank_nothing_is_charged(amount_fen):
    assert rules.quote(PRICES, rail="in_bank", amount_fen=amount_fen, size="large").fee_fen == 0
