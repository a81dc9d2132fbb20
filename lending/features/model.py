"""The nouns of features: what a firm's own data says about it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """From the firm's accounts over the last twelve months and, for the balance, ninety days."""

    months_active: int
    inflow_12m_fen: int
    average_balance_fen: int
    returned_payments_12m: int


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """From the firm's issued invoices over the last twelve months, without tax."""

    invoiced_12m_fen: int
    red_fen: int
    top_customer_fen: int


class WagesAndTax(msgspec.Struct, frozen=True, kw_only=True):
    """People on the last payroll, and taxes in filed returns; None when none was filed."""

    payroll_headcount: int
    tax_filed_12m_fen: int | None


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """One firm on one day; None means that nothing is known. Shares are in ppm."""

    months_registered: int
    months_active: int
    inflow_12m_fen: int
    monthly_inflow_fen: int
    average_balance_fen: int
    returned_payments_12m: int
    invoiced_12m_fen: int
    red_ratio_ppm: int
    top_customer_ppm: int
    tax_filed_12m_fen: int | None
    payroll_headcount: int
    overdue_here_days: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Features as taken on a day and kept."""

    id: UUID
    taken_on: date
    features: Features
