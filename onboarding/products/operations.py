"""Ask for what comes with the account, open it with the account, hand over what needs hands."""

from __future__ import annotations

from uuid import UUID

from accounts.policies import operations as policies
from app.ids import new_id
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications import rules as opening
from onboarding.products import rules
from onboarding.products.model import (
    Handed,
    OtherBranchsProducts,
    Product,
    ProductKind,
    ProductNotFound,
    ProductsSettled,
    ProductTerms,
    UndoneProduct,
    WantedProducts,
)
from onboarding.registrations import operations as registrations

sql = load(__name__)


async def ask(work: Work, *, application_id: UUID, new: WantedProducts) -> list[Product]:
    """Say what comes with the account; ProductsSettled once it is open or the application over."""
    application = await applications.lock(work, application_id=application_id)
    if application.state in opening.ENDED:
        raise ProductsSettled(state=application.state)
    kinds = rules.wanted(new.kinds)
    await _ask(work, application_id, application.branch, kinds)
    await work.run(sql.withdraw_others, application_id=application_id, kinds=list(kinds))
    return await get_all(work, application_id=application_id)


async def _ask(work: Work, application_id: UUID, branch: str, kinds: list[ProductKind]) -> None:
    for kind in kinds:
        product_id = new_id()
        added = await work.run(
            sql.ask, id=product_id, application_id=application_id, kind=kind, branch=branch
        )
        if added:
            await registrations.refer(work, object_id=product_id)


async def get_all(work: Work, *, application_id: UUID) -> list[Product]:
    """Everything that comes with an account, and who acts on what is still undone."""
    return await work.all(Product, sql.products, application_id=application_id)


async def read(work: Work, *, application_id: UUID) -> list[Product]:
    """The same for the owner's door; ApplicationNotFound."""
    await applications.row(work, application_id=application_id)
    return await get_all(work, application_id=application_id)


async def open_all(work: Work, *, application_id: UUID) -> None:
    """The account is open: what needs nobody's hands works at once, the rest the branch prepares.

    A repeat finds nothing that is only asked for.
    """
    application = await applications.lock(work, application_id=application_id)
    if application.state != "active":
        return
    if not await get_all(work, application_id=application_id):
        await _ask(work, application_id, application.branch, list(rules.USUAL))
    terms = await policies.value(work, kind="products.terms", shape=ProductTerms)
    until_on = work.today + registrations.LONGEST_CLOSURE
    special = await reference.special_days(work, from_on=work.today, until_on=until_on)
    for product in await get_all(work, application_id=application_id):
        if product.state != "asked":
            continue
        if product.kind in rules.AT_ONCE:
            await work.run(sql.issue, id=product.id, staff_id=None, reference=None)
        else:
            due_at = rules.due_at(product.kind, terms, now=work.now, special=special)
            await work.run(sql.prepare, id=product.id, due_at=due_at)
        await _tell(work, product.id)


async def _tell(work: Work, product_id: UUID) -> Product:
    product = await work.maybe(Product, sql.lock_product, id=product_id)
    assert product is not None
    await work.progress(
        product.application_id, "product", kind=product.kind, state=product.state,
        acts=product.acts, due_at=product.due_at and product.due_at.isoformat(),
    )  # fmt: skip
    await work.record(f"product.{product.state}", object_id=product_id, kind=product.kind)
    return product


async def issue(work: Work, *, product_id: UUID, handed: Handed) -> Product:
    """The branch hands it over. ProductNotFound (also for another branch's), ProductNotOpen,
    ReferenceUnfit."""
    business_id = await registrations.whose(work, object_id=product_id)
    if business_id is None:
        raise ProductNotFound(product_id=product_id)
    await work.set_business(business_id)
    product = await work.maybe(Product, sql.lock_product, id=product_id)
    if product is None or work.actor.branch not in (None, product.branch):
        raise ProductNotFound(product_id=product_id)
    rules.check_issue(product.kind, product.state, handed.reference)
    await work.run(
        sql.issue, id=product_id, staff_id=work.actor.staff_id, reference=handed.reference
    )
    return await _tell(work, product_id)


async def undone(work: Work, *, branch: str) -> list[UndoneProduct]:
    """What a branch still has to hand over, the most urgent first; OtherBranchsProducts."""
    if work.actor.branch not in (None, branch):
        raise OtherBranchsProducts(branch=branch)
    return await work.all(UndoneProduct, sql.undone, branch=branch)
