"""Penalty, the order in which money is used, prepayment: to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.loans import rules as loans
from lending.loans.model import Loan, LoanTerms, ScheduleRow
from lending.products.model import Method
from lending.servicing import rules
from lending.servicing.model import Due, MoreThanOwed, PartNotOffered

DRAWN = date(2026, 1, 20)


def loan(method: Method = "equal_instalment", **changes: object) -> Loan:
    values: dict[str, object] = {
        "id": UUID(int=1), "number": "JK1", "facility_id": UUID(int=2),
        "product_code": "business_quick", "account_id": UUID(int=3),
        "principal_fen": 12_000_000, "outstanding_fen": 12_000_000, "purpose": "进货",
        "method": method, "instalment_count": 12, "day_count": "30/360",
        "annual_rate_ppm": 36_500, "prime_rate_ppm": 30_000, "penalty_rate_ppm": 54_750,
        "principal_first_after_days": 90, "annual_cost_simple_ppm": 36_500,
        "annual_cost_compound_ppm": 37_117, "disbursed_on": DRAWN,
        "matures_on": date(2027, 1, 20), "state": "active", "category": "normal",
        "overdue_days": 0, "accrued_interest_fen": 0, "accrued_until_on": DRAWN,
        "contract_file_id": None, "drawn_at": datetime(2026, 1, 20, tzinfo=UTC), "version": 1,
    }  # fmt: skip
    return Loan(**(values | changes))  # type: ignore[arg-type]


def planned(of: Loan) -> list[ScheduleRow]:
    rows = loans.schedule(
        LoanTerms(
            principal_fen=of.principal_fen, annual_rate_ppm=of.annual_rate_ppm, method=of.method,
            instalment_count=12, disbursed_on=DRAWN, day_count=of.day_count,
        )
    )  # fmt: skip
    return [
        ScheduleRow(
            no=r.no, kind="scheduled", from_on=r.from_on, due_on=r.due_on,
            principal_fen=r.principal_fen, interest_fen=r.interest_fen, penalty_fen=0,
            paid_principal_fen=0, paid_interest_fen=0, paid_penalty_fen=0,
            penalty_from_on=r.due_on, state="planned",
        )
        for r in rows
    ]  # fmt: skip


def due(no: int = 1, **changes: object) -> Due:
    values: dict[str, object] = {
        "no": no, "kind": "scheduled", "from_on": DRAWN, "due_on": date(2026, 2, 20),
        "principal_fen": 1_000_000, "interest_fen": 36_500, "penalty_fen": 0,
        "paid_principal_fen": 0, "paid_interest_fen": 0, "paid_penalty_fen": 0,
        "penalty_from_on": date(2026, 2, 20), "state": "planned", "parts": 0,
    }  # fmt: skip
    return Due(**(values | changes))  # type: ignore[arg-type]


def test_ten_days_overdue_at_half_more_than_the_rate() -> None:
    # 10,000 yuan × 5.475 % × 10 days over 360 = 15.21
    row = due(interest_fen=0, state="overdue")
    assert rules.owed_penalty(row, rate_ppm=54_750, on=date(2026, 3, 2)) == 1_521


def test_no_penalty_before_the_bank_itself_has_tried() -> None:
    assert rules.owed_penalty(due(), rate_ppm=54_750, on=date(2026, 12, 31)) == 0


def test_enough_money_pays_everything_once() -> None:
    (share,) = rules.allocate([due()], 10**9, loan=loan(), on=date(2026, 2, 20))
    assert (share.principal_fen, share.interest_fen, share.penalty_fen) == (1_000_000, 36_500, 0)
    assert (share.state, share.part) == ("paid", 1)


def test_too_little_pays_penalty_then_interest_then_principal() -> None:
    row = due(state="overdue", penalty_fen=500)
    on = date(2026, 2, 20)
    shares = [rules.allocate([row], n, loan=loan(), on=on)[0] for n in (300, 600, 37_100, 0)]
    assert [(s.penalty_fen, s.interest_fen, s.principal_fen) for s in shares] == [
        (300, 0, 0), (500, 100, 0), (500, 36_500, 100), (0, 0, 0),
    ]  # fmt: skip
    assert {s.state for s in shares} == {"overdue"}


def test_after_ninety_days_principal_comes_first() -> None:
    row = due(state="overdue", penalty_fen=500, penalty_from_on=date(2026, 5, 22))
    (at_90,) = rules.allocate([row], 600, loan=loan(), on=date(2026, 5, 21))
    (at_91,) = rules.allocate([row], 600, loan=loan(), on=date(2026, 5, 22))
    assert (at_90.penalty_fen, at_90.interest_fen) == (500, 100)
    assert (at_91.principal_fen, at_91.penalty_fen) == (600, 0)


def test_a_day_on_which_nothing_is_taken_changes_nothing() -> None:
    rows = [due(state="overdue"), due(2, due_on=date(2026, 3, 20))]
    shares = rules.allocate(rows, 0, loan=loan(), on=date(2026, 3, 20))
    assert [share.no for share in rules.changed(rows, shares)] == [2]
    taken = rules.allocate(rows, 1, loan=loan(), on=date(2026, 3, 20))
    assert [share.no for share in rules.changed(rows, taken)] == [1, 2]


def test_the_oldest_instalment_is_paid_first() -> None:
    older, newer = due(), due(2, from_on=date(2026, 2, 20), due_on=date(2026, 3, 20))
    first, second = rules.allocate([newer, older], 1_036_501, loan=loan(), on=date(2026, 3, 20))
    assert (first.no, first.state, second.no, second.interest_fen) == (1, "paid", 2, 1)
    assert rules.overdue_days([older, newer], [first, second], on=date(2026, 3, 20)) == 0


@given(
    available=st.integers(0, 5_000_000), paid=st.integers(0, 36_500),
    days=st.integers(0, 400), fixed=st.integers(0, 10_000),
)  # fmt: skip
def test_no_more_is_taken_than_is_there_or_owed(
    available: int, paid: int, days: int, fixed: int
) -> None:
    rows = [
        due(n, due_on=date(2026, 1 + n, 20), state="overdue", paid_interest_fen=paid,
            penalty_fen=fixed)
        for n in (1, 2, 3)
    ]  # fmt: skip
    on = date(2026, 4, 20) + timedelta(days=days)
    shares = rules.allocate(rows, available, loan=loan(), on=on)
    owed = sum(
        r.principal_fen + r.interest_fen - r.paid_interest_fen
        + rules.owed_penalty(r, rate_ppm=54_750, on=on)
        for r in rows
    )  # fmt: skip
    assert sum(s.total_fen for s in shares) == min(available, owed)
    assert all(s.state == "overdue" for s in shares) or available >= 1
    assert [s.state for s in shares] == sorted((s.state for s in shares), reverse=True)


def test_settling_on_the_day_of_drawing_costs_no_interest() -> None:
    quote = rules.prepayment(loan(), planned(loan()), None, on=DRAWN)
    assert (quote.principal_fen, quote.interest_fen) == (12_000_000, 0)
    assert quote.outstanding_after_fen == 0
    assert quote.interest_saved_fen == 238_571


def test_settling_after_ten_days_costs_ten_days() -> None:
    quote = rules.prepayment(loan(), planned(loan()), None, on=date(2026, 1, 30))
    assert quote.interest_fen == 12_167  # 120,000 × 3.65 % × 10 over 360 = 121.67


def test_a_part_prepaid_leaves_a_smaller_loan_with_the_same_dates() -> None:
    of, on = loan(), date(2026, 1, 30)
    quote = rules.prepayment(of, planned(of), 2_000_000, on=on)
    rows = rules.rescheduled(of, planned(of), quote.outstanding_after_fen)
    assert quote.interest_fen == 2_028  # on the part alone: 20,000 × 3.65 % × 10 over 360
    assert [r.due_on for r in rows] == [r.due_on for r in planned(of)]
    assert sum(r.principal_fen for r in rows) == 10_000_000
    assert rows[0].interest_fen == 30_417  # a whole month on what is left


def test_a_period_never_earns_more_than_its_row() -> None:
    # 31 actual days over 360 would be more than the agreed month of 30.
    quote = rules.prepayment(loan(), planned(loan()), None, on=date(2026, 2, 20))
    assert quote.interest_fen == 36_500


def test_flat_is_prepaid_whole_and_more_than_owed_is_refused() -> None:
    of = loan("flat")
    with pytest.raises(PartNotOffered):
        rules.prepayment(of, planned(of), 1, on=DRAWN)
    with pytest.raises(MoreThanOwed):
        rules.prepayment(of, planned(of), 12_000_001, on=DRAWN)
    assert rules.prepayment(of, planned(of), None, on=date(2026, 2, 4)).interest_fen == 17_661


@given(
    method=st.sampled_from(["equal_instalment", "equal_principal", "interest_only"]),
    amount=st.integers(1, 12_000_000), day=st.integers(0, 30),
)  # fmt: skip
def test_prepaying_any_part_on_any_day_never_costs_more_than_it_saves(
    method: Method, amount: int, day: int
) -> None:
    of = loan(method, day_count="actual/360" if method == "interest_only" else "30/360")
    rows = planned(of)
    quote = rules.prepayment(of, rows, amount, on=DRAWN + timedelta(days=day))
    after = rules.rescheduled(of, rows, quote.outstanding_after_fen)
    assert quote.principal_fen + sum(r.principal_fen for r in after) == 12_000_000
    # Rounding of rows may cost a fen each, never more.
    assert quote.interest_saved_fen >= -len(rows)
    assert quote.total_fen == quote.principal_fen + quote.interest_fen
