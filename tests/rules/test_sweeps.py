"""What is swept home balances in every firm and in the bank's own, for any mix of signs."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from accounts.sweeps import rules
from accounts.sweeps.model import Held

HOME, HOME_ID, TRANSFER = (UUID(int=n) for n in range(1, 4))
ON = date(2025, 9, 1)
AMOUNTS = st.integers(-(10**13), 10**13).filter(bool)


@given(st.lists(AMOUNTS, min_size=1, max_size=30))
def test_a_sweep_is_one_transfer_that_balances(amounts: list[int]):
    held = [Held(business_id=uuid4(), account_id=uuid4(), amount_fen=amount) for amount in amounts]
    made = rules.entries(
        held, kind="fee_income", on=ON, home_business_id=HOME, home_id=HOME_ID,
        transfer_id=TRANSFER,
    )  # fmt: skip
    for entry in made:
        assert sum(leg.amount_fen for leg in entry.legs) + entry.clearing_fen == 0
        assert entry.transfer_id == TRANSFER
        assert entry.clearing_fen != 0
    assert sum(entry.clearing_fen for entry in made) == 0
    home = [entry for entry in made if entry.business_id == HOME]
    # Income and refunds that cancel out leave nothing to book at home.
    assert len(home) == (1 if sum(amounts) else 0)
    assert sum(leg.amount_fen for entry in home for leg in entry.legs) == sum(amounts)


def test_a_firms_side_is_swept_once_a_date_and_kind():
    held = [Held(business_id=uuid4(), account_id=uuid4(), amount_fen=5)]
    keys = {
        rules.entries(
            held, kind=kind, on=on, home_business_id=HOME, home_id=HOME_ID, transfer_id=uuid4()
        )[0].business_key
        for kind in rules.KINDS
        for on in (ON, date(2025, 9, 2))
        for _ in range(2)
    }
    assert len(keys) == 2 * len(rules.KINDS)
