"""Reads the products in force."""

from __future__ import annotations

from app.queries import load
from app.work import Work
from lending.products import rules
from lending.products.model import Product, ProductNotFound, ProductOffer

sql = load(__name__)


async def in_force(work: Work, *, code: str) -> Product:
    """The product as it stands today, with today's LPR; ProductNotFound."""
    product = await work.maybe(Product, sql.products_on, code=code, on=work.today)
    if product is None:
        raise ProductNotFound(product_code=code)
    return product


async def offers(work: Work) -> list[ProductOffer]:
    """What can be had today."""
    products = await work.all(Product, sql.products_on, code=None, on=work.today)
    return [rules.offer(product, on=work.today) for product in products]
