"""The branch's door to what it still has to hand over."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.numbers.model import BranchCode
from app.http import allow, problems
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.products import operations
from onboarding.products.model import (
    Handed,
    OtherBranchsProducts,
    Product,
    ProductNotFound,
    ProductNotOpen,
    ReferenceUnfit,
    UndoneProduct,
)

TELLERS = allow("teller", "supervisor")


@get("", guards=[TELLERS], responses=problems(OtherBranchsProducts))
async def list_undone_products(
    work: NamedDependency[Work], branch: FromQuery[BranchCode]
) -> Page[UndoneProduct]:
    """What this branch still has to hand over, the most urgent first."""
    return Page(items=await operations.undone(work, branch=branch))


@post(
    "/{product_id:uuid}/issue",
    status_code=200,
    guards=[TELLERS],
    responses=problems(ProductNotFound, ProductNotOpen, ReferenceUnfit),
)
@once
async def issue_product(
    work: NamedDependency[Work], data: JSONBody[Handed], product_id: FromPath[UUID]
) -> Product:
    """Token or card is in the customer's hands."""
    return await operations.issue(work, product_id=product_id, handed=data)


router = Router(
    "/desk/v1/products",
    route_handlers=[list_undone_products, issue_product],
    tags=["desk: visits"],
)
