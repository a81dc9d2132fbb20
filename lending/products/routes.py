"""Loan products over HTTP."""

from __future__ import annotations

from litestar import Router, get
from litestar.di import NamedDependency

from app.work import Work
from lending.products import operations
from lending.products.model import ProductOffer


@get("/")
async def list_products(work: NamedDependency[Work]) -> list[ProductOffer]:
    """List the loan products of today with their rates."""
    return await operations.offers(work)


router = Router("/v1/loan-products", route_handlers=[list_products], tags=["loans"])
