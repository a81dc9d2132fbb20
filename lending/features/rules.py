"""How raw sums become features."""

from __future__ import annotations

from datetime import date

from app.money import divide_down, divide_half_up
from lending.features.model import Features, Sales, Settlement, WagesAndTax

PPM = 1_000_000


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    return max(whole - (end.day < start.day), 0)


def share(part: int, whole: int) -> int:
    """A part of a whole in ppm; of nothing, 0."""
    return divide_half_up(part * PPM, whole) if whole > 0 else 0


def features(
    *,
    registered_on: date,
    today: date,
    settlement: Settlement,
    sales: Sales,
    wages: WagesAndTax,
    overdue_days: int,
) -> Features:
    """One firm on one day. Monthly inflow is over the months the firm was active."""
    return Features(
        months_registered=months_between(registered_on, today),
        months_active=settlement.months_active,
        inflow_12m_fen=settlement.inflow_12m_fen,
        monthly_inflow_fen=divide_down(settlement.inflow_12m_fen, max(settlement.months_active, 1)),
        average_balance_fen=settlement.average_balance_fen,
        returned_payments_12m=settlement.returned_payments_12m,
        invoiced_12m_fen=sales.invoiced_12m_fen,
        red_ratio_ppm=share(sales.red_fen, sales.invoiced_12m_fen + sales.red_fen),
        top_customer_ppm=share(sales.top_customer_fen, sales.invoiced_12m_fen + sales.red_fen),
        tax_filed_12m_fen=wages.tax_filed_12m_fen,
        payroll_headcount=wages.payroll_headcount,
        overdue_here_days=overdue_days,
    )
