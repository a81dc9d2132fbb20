"""The decisions of servicing: penalty, the order in which money is used, prepayment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.money import divide_half_up
from lending.loans import rules as loans
from lending.loans.model import Every, Instalment, Loan, LoanTerms, ScheduleRow
from lending.servicing.model import (
    Due,
    MoreThanOwed,
    PartNotOffered,
    PrepaymentQuote,
    Share,
)

PPM = 1_000_000
DAYS_OF_YEAR = 360  # PBOC: daily rate = yearly rate over 360


def by_days(amount_fen: int, rate_ppm: int, days: int) -> int:
    """Interest on an amount for so many days, half-up."""
    return divide_half_up(amount_fen * rate_ppm * days, PPM * DAYS_OF_YEAR)


def owed_penalty(row: ScheduleRow, *, rate_ppm: int, on: date) -> int:
    """All the penalty of an instalment up to a day, paid or not: on unpaid principal, and on
    unpaid interest (复利), at the overdue rate (银发〔2003〕251号). None before it is overdue."""
    if row.state != "overdue":
        return row.penalty_fen
    unpaid = row.principal_fen - row.paid_principal_fen + row.interest_fen - row.paid_interest_fen
    days = max((on - row.penalty_from_on).days, 0)
    return row.penalty_fen + by_days(unpaid, rate_ppm, days)


def allocate(dues: Sequence[Due], available_fen: int, *, loan: Loan, on: date) -> list[Share]:
    """How a balance is used: oldest instalment first, within it penalty, interest, principal;
    principal first where it is overdue for longer than the contract says."""
    left, shares = max(available_fen, 0), []
    for due in sorted(dues, key=lambda row: (row.due_on, row.no)):
        penalty = owed_penalty(due, rate_ppm=loan.penalty_rate_ppm, on=on)
        owed = {
            "penalty": penalty - due.paid_penalty_fen,
            "interest": due.interest_fen - due.paid_interest_fen,
            "principal": due.principal_fen - due.paid_principal_fen,
        }
        late = (on - due.due_on).days > loan.principal_first_after_days
        usual = ("penalty", "interest", "principal")
        order = ("principal", "penalty", "interest") if late else usual
        taken = {}
        for kind in order:
            taken[kind] = min(owed[kind], left)
            left -= taken[kind]
        paid = taken == owed
        shares.append(
            Share(
                no=due.no,
                part=due.parts + 1,
                principal_fen=taken["principal"],
                interest_fen=taken["interest"],
                penalty_fen=taken["penalty"],
                owed_penalty_fen=penalty,
                state="paid" if paid else "overdue",
            )
        )
    return shares


def changed(dues: Sequence[Due], shares: Sequence[Share]) -> list[Share]:
    """The shares that change their instalment: money was taken, or it is seen overdue first."""
    fresh = {due.no for due in dues if due.state == "planned"}
    return [share for share in shares if share.total_fen or share.no in fresh]


def overdue_days(dues: Sequence[Due], shares: Sequence[Share], *, on: date) -> int:
    """Days since the oldest instalment that stays unpaid was due."""
    unpaid = {share.no for share in shares if share.state == "overdue"}
    return max(((on - due.due_on).days for due in dues if due.no in unpaid), default=0)


def earned(loan: Loan, current: ScheduleRow, principal_fen: int, *, on: date) -> int:
    """Interest that a part of the principal has earned in the running period, by days over 360;
    a flat loan earns its row's interest evenly. Never more than the whole row's interest."""
    days = (on - current.from_on).days
    if loan.method == "flat":
        return divide_half_up(current.interest_fen * days, (current.due_on - current.from_on).days)
    return min(by_days(principal_fen, loan.annual_rate_ppm, days), current.interest_fen)


def prepayment(
    loan: Loan, planned: Sequence[ScheduleRow], principal_fen: int | None, *, on: date
) -> PrepaymentQuote:
    """What paying early costs: the principal and what it has earned so far; the rest of the
    running period and all later interest on it falls away."""
    outstanding = sum(row.principal_fen for row in planned)
    amount = outstanding if principal_fen is None else principal_fen
    if amount > outstanding:
        raise MoreThanOwed(outstanding_fen=outstanding)
    if amount < outstanding and loan.method == "flat":
        raise PartNotOffered()
    interest = earned(loan, planned[0], amount, on=on)
    later = sum(row.interest_fen for row in rescheduled(loan, planned, outstanding - amount))
    planned_interest = sum(row.interest_fen for row in planned)
    return PrepaymentQuote(
        on=on,
        principal_fen=amount,
        interest_fen=interest,
        total_fen=amount + interest,
        outstanding_after_fen=outstanding - amount,
        interest_saved_fen=planned_interest - later - interest,
    )


def rescheduled(
    loan: Loan, planned: Sequence[ScheduleRow], outstanding_fen: int
) -> list[Instalment]:
    """The rows that follow a prepayment: the same due dates for what is left, as if only that
    had been owed since the running period began."""
    if outstanding_fen == 0:
        return []
    return loans.schedule(
        LoanTerms(
            principal_fen=outstanding_fen,
            annual_rate_ppm=loan.annual_rate_ppm,
            method=loan.method,
            instalment_count=len(planned),
            every=Every(),
            disbursed_on=planned[0].from_on,
            due_dates=[row.due_on for row in planned],
            day_count=loan.day_count,
        )
    )
