"""Ask for a full account, and decide about it: the ceiling is lifted in the same transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.limits import operations as limits
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import FileUnknown
from onboarding.filings import operations as filings
from onboarding.registrations import operations as registrations
from onboarding.registrations import rules as founding
from onboarding.reviews.model import OwnFirm
from onboarding.upgrades.model import (
    NewUpgrade,
    Upgrade,
    UpgradeDecided,
    UpgradeDecision,
    UpgradeNotFound,
    UpgradeNotOpen,
    UpgradeSettled,
    UpgradeUnexplained,
)

sql = load(__name__)

REVIEW_WORKING_DAYS = 1


async def ask(work: Work, *, application_id: UUID, new: NewUpgrade) -> Upgrade:
    """Full due diligence is asked for; ApplicationNotFound, UpgradeNotOpen, FileUnknown."""
    application = await applications.lock(work, application_id=application_id)
    if application.state != "active" or application.opening != "simplified":
        raise UpgradeNotOpen(state=application.state, opening=application.opening)
    if not await work.one(bool, sql.file_exists, file_id=new.address_proof):
        raise FileUnknown(file_id=new.address_proof)
    until_on = work.today + registrations.LONGEST_CLOSURE
    special = await reference.special_days(work, from_on=work.today, until_on=until_on)
    upgrade_id = new_id()
    added = await work.run(
        sql.ask, id=upgrade_id, application_id=application_id, address_proof=new.address_proof,
        purpose=new.purpose, expected_monthly_fen=new.expected_monthly_fen,
        branch=application.branch, account_name=application.account_name, uscc=application.uscc,
        due_at=founding.working_days_later(work.now, REVIEW_WORKING_DAYS, special),
    )  # fmt: skip
    if not added:
        raise UpgradeNotOpen(state=application.state, opening=application.opening)
    await registrations.refer(work, object_id=upgrade_id)
    await work.record("upgrade.asked", object_id=upgrade_id)
    return await work.one(Upgrade, sql.upgrade, id=upgrade_id)


async def of_application(work: Work, *, application_id: UUID) -> list[Upgrade]:
    """What was asked for an account, newest first; ApplicationNotFound."""
    await applications.row(work, application_id=application_id)
    return await work.all(Upgrade, sql.of_application, application_id=application_id)


async def queue(work: Work, *, after: str | None, limit: int) -> Page[Upgrade]:
    """What the desk has to decide, the earliest term first."""
    due_at, last = decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Upgrade, sql.open_upgrades, after_due=due_at, after_id=last, most=limit + 1
    )
    return page(rows, limit, lambda one: (one.due_at, one.id))


async def decide(work: Work, *, upgrade_id: UUID, new: UpgradeDecision) -> Upgrade:
    """One reviewer decides; approved, the firm's ceiling is gone and the change is filed.

    Raises UpgradeNotFound, UpgradeSettled, UpgradeUnexplained, OwnFirm.
    """
    business_id = await registrations.whose(work, object_id=upgrade_id)
    if business_id is None:
        raise UpgradeNotFound(upgrade_id=upgrade_id)
    await work.set_business(business_id)
    upgrade = await work.maybe(Upgrade, sql.upgrade, id=upgrade_id)
    if upgrade is None:
        raise UpgradeNotFound(upgrade_id=upgrade_id)
    staff_id = work.actor.staff_id
    if await work.one(bool, sql.interested, staff_id=staff_id, uscc=upgrade.uscc):
        raise OwnFirm()
    if not new.approve and not new.codes:
        raise UpgradeUnexplained()
    application = await applications.lock(work, application_id=upgrade.application_id)
    state = "approved" if new.approve else "refused"
    codes = [] if new.approve else list(new.codes)
    if not await work.run(sql.decide, id=upgrade_id, state=state, codes=codes, staff_id=staff_id):
        raise UpgradeSettled(state=upgrade.state)
    if new.approve:
        await limits.lift_ceiling(work)
        await filings.ask(work, application=application, bill="CHANGE")
    await work.emit(
        UpgradeDecided(upgrade_id=upgrade_id, application_id=application.id, approved=new.approve)
    )
    await work.record(f"upgrade.{state}", object_id=upgrade_id, codes=codes)
    return await work.one(Upgrade, sql.upgrade, id=upgrade_id)
