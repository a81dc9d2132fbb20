"""The nouns of loan products: what is offered, in which dates, at which rate over LPR."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from app.errors import NotFound

# Ways of repaying: 等额本息, 等额本金, 按月付息到期还本, 利随本清, 等本等息.
Method = Literal["equal_instalment", "equal_principal", "interest_only", "bullet", "flat"]


class ProductNotFound(NotFound):
    """There is no such loan product today."""

    zh = "没有该贷款产品或已停办"


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One product as in force on a day, with the prime rate (LPR) of that day.

    The yearly rate is `prime_rate_ppm + spread_ppm`; overdue amounts bear `penalty_ppm` on top
    of it, as a share of it (500000 = the rate × 1.5; 银发〔2003〕251号 allows 30-50 %).
    """

    code: str
    name_zh: str
    name_en: str
    min_draw_fen: int
    cap_fen: int
    prime_rate_ppm: int
    spread_ppm: int
    penalty_ppm: int
    methods: list[Method]
    terms_months: list[int]
    min_months_registered: int
    sales_share_ppm: int
    tax_multiple_ppm: int
    facility_months: int
    principal_first_after_days: int


class ProductOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a firm sees of a product."""

    code: str
    name_zh: str
    name_en: str
    min_draw_fen: int
    cap_fen: int
    annual_rate_ppm: int
    prime_rate_ppm: int
    overdue_rate_ppm: int
    methods: list[Method]
    terms_months: list[int]
    on: date
