"""The rates of a product, and months as its terms count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from app.money import mul_ppm
from lending.products.model import Product, ProductOffer


def add_months(start: date, months: int) -> date:
    """The same day so many months later; days 29-31 fall to the month's end."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = start.day if start.day <= 28 else min(start.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day)


def annual_rate(product: Product) -> int:
    """LPR plus the product's spread, in ppm a year; fixed for a drawing on its day."""
    return product.prime_rate_ppm + product.spread_ppm


def overdue_rate(product: Product) -> int:
    """The rate of overdue amounts, ppm a year: the rate × (1 + 30-50 %), 银发〔2003〕251号."""
    rate = annual_rate(product)
    return rate + mul_ppm(rate, product.penalty_ppm)


def offer(product: Product, *, on: date) -> ProductOffer:
    """What a firm sees."""
    return ProductOffer(
        code=product.code,
        name_zh=product.name_zh,
        name_en=product.name_en,
        min_draw_fen=product.min_draw_fen,
        cap_fen=product.cap_fen,
        annual_rate_ppm=annual_rate(product),
        prime_rate_ppm=product.prime_rate_ppm,
        overdue_rate_ppm=overdue_rate(product),
        methods=product.methods,
        terms_months=product.terms_months,
        on=on,
    )
