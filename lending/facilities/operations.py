"""Asks for, decides and keeps limits; loans take from them and give back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.ids import new_id
from app.queries import load
from app.work import Work
from lending.decisions import operations as decisions
from lending.decisions.model import Decision
from lending.facilities import rules
from lending.facilities.model import (
    AlreadyApplied,
    Application,
    ApplicationNotFound,
    ApplicationView,
    CreditAsked,
    Facility,
    FacilityNotFound,
    FacilityState,
    FacilityView,
    LimitExceeded,
    LimitGranted,
    NewApplication,
    Subject,
)
from lending.products import operations as products
from lending.products.rules import add_months

sql = load(__name__)


async def apply(work: Work, *, new: NewApplication) -> ApplicationView:
    """Record the consents and the application; the bureau is asked by job.

    Raises ConsentMissing, ConsentTextOutdated, ProductNotFound, AlreadyApplied.
    """
    rules.check_consents(new.consents)
    await products.in_force(work, code=new.product_code)
    waiting = await work.maybe(UUID, sql.open_application, product_code=new.product_code)
    if waiting is not None:
        raise AlreadyApplied(application_id=waiting)
    ids = {consent.kind: new_id() for consent in new.consents}
    await work.run(
        sql.keep_consents,
        ids=list(ids.values()),
        kinds=list(ids),
        versions=[{c.kind: c.text_version for c in new.consents}[kind] for kind in ids],
    )
    application_id = new_id()
    kept = await work.run(
        sql.keep_application,
        id=application_id,
        product_code=new.product_code,
        asked_fen=new.asked_fen,
        bureau_consent_id=ids["bureau"],
    )
    if not kept:
        raise AlreadyApplied()
    await work.record("lending.applied", object_id=application_id, consents=list(ids))
    await work.emit(CreditAsked(application_id=application_id))
    return await application(work, application_id=application_id)


async def application(work: Work, *, application_id: UUID) -> ApplicationView:
    """One application with its outcome; ApplicationNotFound."""
    found = await work.maybe(Application, sql.application, id=application_id)
    if found is None:
        raise ApplicationNotFound(application_id=application_id)
    if found.decision_id is None:
        return rules.application_view(found, None)
    known = await decisions.several(work, ids=[found.decision_id])
    return rules.application_view(found, known[found.decision_id])


async def waiting(work: Work, *, application_id: UUID) -> tuple[Application, Subject] | None:
    """An application that still needs the bureau, with the firm as the bureau knows it."""
    found = await work.maybe(Application, sql.application, id=application_id)
    if found is None or found.state != "asking_bureau":
        return None
    return found, await work.one(Subject, sql.subject)


async def settle(
    work: Work, *, application_id: UUID, report: Mapping[str, Any] | None
) -> Decision | None:
    """Decide an application with the bureau's report; None if it was decided already."""
    found = await work.maybe(Application, sql.lock_application, id=application_id)
    if found is None or found.state != "asking_bureau":
        return None
    decision = await _decide(
        work,
        product_code=found.product_code,
        report=report,
        asked_fen=found.asked_fen,
        report_needed=True,
    )
    if decision.eligible:
        await _grant(work, decision, state="active")
    await work.run(
        sql.settle_application,
        id=found.id,
        state="granted" if decision.eligible else "declined",
        decision_id=decision.id,
    )
    await work.record(
        "lending.decided",
        object_id=found.id,
        eligible=decision.eligible,
        limit_fen=decision.limit_fen,
        scorecard=decision.scorecard_version,
    )
    return decision


async def offer(work: Work, *, product_code: str) -> UUID | None:
    """A limit offered before it is asked for, from the firm's own data; an active one stays."""
    present = await work.maybe(Facility, sql.facility_for, product_code=product_code)
    if present is not None and present.state == "active" and present.ends_on > work.today:
        return None
    decision = await _decide(
        work, product_code=product_code, report=None, asked_fen=None, report_needed=False
    )
    return await _grant(work, decision, state="offered") if decision.eligible else None


async def _decide(
    work: Work,
    *,
    product_code: str,
    report: Mapping[str, Any] | None,
    asked_fen: int | None,
    report_needed: bool,
) -> Decision:
    product = await products.in_force(work, code=product_code)
    present = await work.all(Facility, sql.facilities)
    here = sum(f.used_fen for f in present if f.product_code != product_code)
    elsewhere = int(report["external_debt_fen"]) if report else 0
    return await decisions.decide(
        work,
        product=product,
        report=report,
        debt_fen=here + elsewhere,
        asked_fen=asked_fen,
        report_needed=report_needed,
    )


async def _grant(work: Work, decision: Decision, *, state: FacilityState) -> UUID | None:
    product = await products.in_force(work, code=decision.product_code)
    facility_id = await work.maybe(
        UUID,
        sql.grant_limit,
        id=new_id(),
        product_code=product.code,
        decision_id=decision.id,
        limit_fen=decision.limit_fen,
        state=state,
        ends_on=add_months(work.today, product.facility_months),
    )
    if state == "active" and facility_id is not None:
        await work.emit(LimitGranted(facility_id=facility_id, limit_fen=decision.limit_fen))
    return facility_id


async def all_of_firm(work: Work) -> list[FacilityView]:
    """The firm's limits with what is left and why."""
    found = await work.all(Facility, sql.facilities)
    known = await decisions.several(work, ids=[f.decision_id for f in found])
    return [rules.view(f, known[f.decision_id], today=work.today) for f in found]


async def drawable(work: Work, *, facility_id: UUID, amount_fen: int) -> Facility:
    """The limit, if so much can be drawn on it today.

    Raises FacilityNotFound, FacilityNotActive, LimitExceeded.
    """
    found = await work.maybe(Facility, sql.facility, id=facility_id)
    if found is None:
        raise FacilityNotFound(facility_id=facility_id)
    rules.check_drawing(found, amount_fen, today=work.today)
    return found


async def use(work: Work, *, facility_id: UUID, amount_fen: int) -> None:
    """Take from a limit; LimitExceeded if another drawing was faster."""
    if not await work.run(sql.use_limit, id=facility_id, amount_fen=amount_fen):
        raise LimitExceeded(facility_id=facility_id)


async def give_back(work: Work, *, facility_id: UUID, amount_fen: int) -> None:
    """Repaid principal can be drawn again."""
    await work.run(sql.give_back_limit, id=facility_id, amount_fen=amount_fen)
