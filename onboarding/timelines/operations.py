"""Gathers what the course of an opening is drawn from."""

from __future__ import annotations

from uuid import UUID

from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications import rules as opening
from onboarding.inquiries import operations as inquiries
from onboarding.products import operations as products
from onboarding.timelines import rules
from onboarding.timelines.model import Course, Facts
from onboarding.visits import operations as visits


async def course(work: Work, *, application_id: UUID) -> Course:
    """The whole course of an opening as it stands; ApplicationNotFound."""
    row = await applications.row(work, application_id=application_id)
    attached = await applications.documents(work, application_id=application_id)
    asked = await inquiries.own(work)
    booked = await visits.get_all(work)
    facts = Facts(
        application_id=row.id,
        state=row.state,
        due_at=row.due_at,
        codes=row.decision_codes,
        turns=await applications.turns(work, application_id=application_id),
        missing=opening.missing_documents(
            [one.kind for one in attached],
            account_class=row.account_class,
            electronic_licence=row.registration_id is not None,
            handed_in=row.client_id is not None,
        ),
        inquiries=[one for one in asked if one.application_id == application_id],
        visit=next((one for one in booked if one.application_id == application_id), None),
        products=await products.get_all(work, application_id=application_id),
        filing_number=row.filing_number,
    )
    return rules.course(facts, now=work.now)
