"""The owner's door to what comes with the account."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.pages import Page
from app.work import Work
from onboarding.applications.model import ApplicationNotFound
from onboarding.products import operations
from onboarding.products.model import Product, ProductsSettled, WantedProducts

OWNER = allow("owner", "finance")


@put(
    "/{application_id:uuid}/products",
    guards=[OWNER],
    responses=problems(ApplicationNotFound, ProductsSettled),
)
async def choose_products(
    work: NamedDependency[Work], data: JSONBody[WantedProducts], application_id: FromPath[UUID]
) -> Page[Product]:
    """Say what should come with the account, until it is open."""
    return Page(items=await operations.ask(work, application_id=application_id, new=data))


@get("/{application_id:uuid}/products", guards=[OWNER], responses=problems(ApplicationNotFound))
async def list_products_of_application(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> Page[Product]:
    """What comes with the account, and who acts on what is still undone by when."""
    return Page(items=await operations.read(work, application_id=application_id))


router = Router(
    "/v1/applications",
    route_handlers=[choose_products, list_products_of_application],
    tags=["account opening"],
)
