"""What balances earn: worked examples, and one rounding however the days are cut."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from accounts.interest import rules
from accounts.interest.model import Due, Part
from app.clock import SHANGHAI

DAY = date(2025, 9, 1)


def part(days: int, balance_fen: int, rate_ppm: int) -> Part:
    return Part(
        from_on=DAY, until_on=DAY + timedelta(days=days), rate_ppm=rate_ppm,
        fen_days=balance_fen * days,
    )  # fmt: skip


def test_a_worked_example():
    # 10,000.00 yuan for 20 days at 0.05 %: 10,000 x 20 x 0.0005 / 360 = 0.2777… yuan.
    assert rules.interest_fen([part(20, 1_000_000, 500)]) == 28
    # 30 days at 0.10 % and 62 at 0.05 % of a million yuan: 83.33… + 86.11… = 169.44 yuan.
    assert rules.interest_fen([part(30, 100_000_000, 1_000), part(62, 100_000_000, 500)]) == 16_944
    assert rules.interest_fen([]) == 0


@given(
    st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from([500, 1_000, 3_500])), max_size=92)
)
def test_one_rounding_at_the_end(days):
    exact = sum(Decimal(balance) * rate / 360 / 1_000_000 for balance, rate in days)
    whole = rules.interest_fen([part(1, balance, rate) for balance, rate in days])
    assert abs(Decimal(whole) - exact) <= Decimal("0.5000001")
    assert whole == rules.interest_fen(reversed([part(1, b, r) for b, r in days]))


@given(st.integers(0, 10**9))
def test_halves_go_up(fen_days):
    cut = Part(from_on=DAY, until_on=DAY, rate_ppm=500, fen_days=fen_days)
    due = (Decimal(fen_days) * 500 / 360_000_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert rules.interest_fen([cut]) == due


def test_the_day_before_is_complete_a_minute_after_midnight():
    midnight = datetime(2025, 9, 21, tzinfo=SHANGHAI)
    assert rules.wait_seconds(now=midnight + timedelta(seconds=1), midnight=midnight) == 59
    assert rules.wait_seconds(now=midnight + timedelta(minutes=1), midnight=midnight) == 0
    assert [rules.is_settled_on(date(2025, m, 21)) for m in (8, 9, 12)] == [False, True, True]


def test_the_entry_is_once_per_account_and_period():
    due = Due(
        business_id=UUID(int=1), account_id=UUID(int=2), until_on=date(2025, 9, 20),
        interest_fen=28,
    )  # fmt: skip
    entry = rules.entry(due, payable_id=UUID(int=3))
    assert (entry.kind, entry.business_key) == ("interest", f"{UUID(int=2)}:2025-09-20")
    assert [leg.amount_fen for leg in entry.legs] == [28, -28]
