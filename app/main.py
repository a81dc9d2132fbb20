"""The composition root: every door, dependency and problem handler of the HTTP process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio as redis
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware

from accounts.agreements import desk as agreements_desk
from accounts.agreements import routes as agreements
from accounts.batches import routes as batches
from accounts.closings import desk as closings_desk
from accounts.closings import routes as closings
from accounts.confirmations import routes as confirmations
from accounts.day_close import desk as day_close
from accounts.decisions import routes as decisions
from accounts.deposits import desk as deposits_desk
from accounts.deposits import routes as deposits
from accounts.exports import routes as account_exports
from accounts.fees import desk as fees_desk
from accounts.fees import routes as fees
from accounts.freezes import desk as freezes_desk
from accounts.freezes import routes as freezes
from accounts.guarantees import routes as guarantees
from accounts.handovers import desk as handovers
from accounts.incoming import routes as incoming
from accounts.interest import routes as interest
from accounts.lane import operations as lane
from accounts.lane import routes as payments
from accounts.limits import routes as limits
from accounts.mandates import routes as mandates
from accounts.messages import desk as messages_desk
from accounts.monitors import desk as monitors_desk
from accounts.numbers import routes as numbers
from accounts.parties import routes as parties
from accounts.rails import routes as rails
from accounts.recalls import routes as recalls
from accounts.receipts import routes as receipts
from accounts.reconciliation import desk as reconciliation
from accounts.requests import routes as payment_requests
from accounts.reservations import routes as reservations
from accounts.reviews import desk as payment_reviews_desk
from accounts.reviews import routes as payment_reviews
from accounts.schedules import routes as schedules
from accounts.screening import desk as screening
from accounts.statements import routes as statements
from accounts.surveillance import desk as surveillance_desk
from accounts.suspense import desk as suspense_desk
from accounts.suspense import routes as suspense
from accounts.unapplied import desk as unapplied
from app import crash, database, health, logs, openapi, web
from app.approvals import routes as approvals
from app.bodies import MAX_BODY, StrictRequest
from app.files import desk as files_desk
from app.files import papers
from app.files import routes as files
from app.files.parts import routes as upload_parts
from app.http import Services, provide_work
from app.identity import middleware as sign_in
from app.identity import routes as identity
from app.identity.clients import desk as clients_desk
from app.identity.clients import portal as clients_portal
from app.identity.clients import routes as clients
from app.identity.sessions import routes as sessions
from app.identity.staff import desk as staff
from app.identity.stepups import routes as stepups
from app.notices import routes as notices
from app.observe import Observe
from app.outbox import Doorbell
from app.outside import routes as outside
from app.problems import answer
from app.progress.watch import Watch
from app.reference import routes as reference
from app.settings import Settings
from app.vault import Vault, parse_masters
from app.web import workplace
from bookkeeping.employees import routes as employees
from bookkeeping.exports import routes as exports
from bookkeeping.journal import routes as journal
from bookkeeping.payroll import routes as payroll
from bookkeeping.reports import routes as reports
from bookkeeping.tax import routes as tax
from bookkeeping.withholding import routes as withholding
from invoicing.invoices import routes as invoices
from invoicing.receivables import routes as receivables
from invoicing.red_letters import routes as red_letters
from lending.facilities import routes as facilities
from lending.loans import routes as loans
from lending.products import routes as products
from lending.servicing import routes as servicing
from onboarding.applications import routes as applications
from onboarding.batches import portal as portal_batches
from onboarding.callbacks import desk as callbacks_desk
from onboarding.callbacks import portal as callbacks
from onboarding.colleagues import desk as colleagues_desk
from onboarding.counters import desk as counters_desk
from onboarding.filings import desk as filings_desk
from onboarding.inquiries import desk as inquiries_desk
from onboarding.inquiries import routes as inquiries
from onboarding.joins import routes as joins
from onboarding.kinds import routes as kinds
from onboarding.names import routes as names
from onboarding.offices import routes as offices
from onboarding.oversight import desk as oversight_desk
from onboarding.portals import portal as portals
from onboarding.products import desk as account_products_desk
from onboarding.products import routes as account_products
from onboarding.registrations import routes as registrations
from onboarding.reviews import desk as reviews
from onboarding.signatures import routes as signatures
from onboarding.timelines import routes as timelines
from onboarding.upgrades import desk as upgrades_desk
from onboarding.upgrades import routes as upgrades
from onboarding.visits import routes as visits
from onboarding.workbench import desk as workbench

# Every door of the system, by package.
ROUTERS: tuple[Any, ...] = (
    *health.ROUTES,
    *openapi.ROUTES,
    *web.ROUTES,
    workplace.asset,
    agreements.router,
    agreements_desk.router,
    approvals.router,
    batches.router,
    clients.router,
    clients_desk.router,
    clients_portal.router,
    day_close.router,
    employees.router,
    exports.router,
    facilities.router,
    files.router,
    files_desk.router,
    account_exports.router,
    confirmations.router,
    guarantees.router,
    identity.router,
    incoming.router,
    invoices.router,
    journal.router,
    payments.router,
    payment_requests.router,
    limits.router,
    loans.router,
    decisions.router,
    mandates.mandates,
    mandates.second_person,
    messages_desk.router,
    monitors_desk.router,
    names.router,
    notices.router,
    numbers.router,
    applications.router,
    portals.router,
    portals.drawer,
    portal_batches.router,
    callbacks.endpoints,
    callbacks.router,
    callbacks_desk.router,
    deposits.router,
    deposits_desk.router,
    closings.router,
    closings_desk.router,
    fees.router,
    fees_desk.router,
    freezes.router,
    freezes_desk.router,
    interest.router,
    suspense.router,
    suspense_desk.router,
    unapplied.router,
    handovers.router,
    outside.router,
    parties.router,
    payroll.router,
    payment_reviews.router,
    payment_reviews_desk.router,
    products.router,
    rails.router,
    recalls.router,
    receipts.router,
    receivables.router,
    reconciliation.router,
    red_letters.router,
    reference.router,
    filings_desk.router,
    upgrades.router,
    upgrades_desk.router,
    registrations.router,
    offices.router,
    kinds.router,
    joins.router,
    signatures.router,
    reports.router,
    reservations.router,
    reviews.router,
    colleagues_desk.router,
    inquiries.router,
    inquiries_desk.router,
    oversight_desk.router,
    schedules.router,
    screening.router,
    servicing.router,
    sessions.router,
    staff.router,
    stepups.device_keys,
    stepups.step_ups,
    statements.router,
    surveillance_desk.router,
    tax.router,
    upload_parts.router,
    visits.router,
    account_products.router,
    timelines.router,
    account_products_desk.router,
    counters_desk.router,
    workbench.router,
    withholding.router,
)

API_ROLES: tuple[database.RoleName, ...] = ("app", "desk", "portal")


@contextlib.asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Pools and clients live exactly as long as the application."""
    settings: Settings = app.state["settings"]
    client = redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(client.aclose)
        stack.callback(papers.close)
        pools: dict[str, database.Pool] = {}
        for role in API_ROLES:
            pools[role] = await database.create_pool(settings, role)
            stack.push_async_callback(_close, pools[role])
        doorbell = Doorbell(client)
        watch = Watch(pools["app"])
        stack.push_async_callback(watch.close)
        app.state["services"] = Services(
            settings=settings,
            pools=pools,
            vault=Vault(parse_masters(settings.master_key)),
            doorbell=doorbell,
            watch=watch,
            lane=await stack.enter_async_context(_lane(settings, doorbell)),
        )
        watching = asyncio.create_task(database.watch(settings, "app"))
        stack.callback(watching.cancel)
        yield


@contextlib.asynccontextmanager
async def _lane(settings: Settings, doorbell: Doorbell) -> AsyncIterator[lane.Lane | None]:
    """The payment lane, open; None where it is switched off."""

    def settled() -> None:
        crash.point(settings, "committed.person")
        doorbell.ring()

    if not settings.payment_lane:
        yield None
        return
    opened = lane.make_lane(settings, settled=settled)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def _close(pool: database.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 5)
    except TimeoutError:
        pool.terminate()


def create_app(settings: Settings) -> Litestar:
    """The application of one process."""
    logs.configure(settings)
    return Litestar(
        route_handlers=[*ROUTERS],
        middleware=[DefineMiddleware(Observe), sign_in.middleware()],
        dependencies={"work": Provide(provide_work)},
        exception_handlers={Exception: answer},
        request_class=StrictRequest,
        request_max_body_size=MAX_BODY,
        state=State({"settings": settings}),
        lifespan=[_running],
        openapi_config=openapi.config(),
        logging_config=None,
        debug=False,
    )
