"""Check a form by the statute of the day, and compute, keep and show who stands behind the firm."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.work import Work
from onboarding.forms import rules as forms
from onboarding.forms.model import OwnersFiling, RegistrationDraft
from onboarding.founders import rules
from onboarding.kinds import operations as kinds
from onboarding.kinds.rules import FILES_OWNERS
from onboarding.names.model import Finding
from onboarding.owners import operations as kept_owners
from onboarding.owners import rules as owner_rules
from onboarding.owners.model import BeneficialOwner, NamedOwner


async def findings(work: Work, *, draft: RegistrationDraft) -> list[Finding]:
    """Everything that keeps the form from being submitted today, besides name and signatures."""
    return rules.findings(draft, limits=await kinds.limits(work), today=work.today)


async def reserved_until(work: Work, *, draft: RegistrationDraft) -> date:
    """How long the form's name is reserved from today; longer where the state approved it."""
    limits = await kinds.limits(work)
    months = limits.approved_name_months if draft.name_approval else limits.name_reserved_months
    return rules.add_months(work.today, months)


async def _owners(work: Work, target: UUID, draft: RegistrationDraft) -> list[BeneficialOwner]:
    at_least = (await kinds.limits(work)).beneficial_owner_ppm
    return forms.owners_of(draft, at_least_ppm=at_least, target=str(target))


async def keep_owners(
    work: Work, *, registration_id: UUID, version: int, draft: RegistrationDraft
) -> None:
    """Keep the beneficial owners of the version that is sent, with the paths that explain them."""
    found = await _owners(work, registration_id, draft)
    if found:
        await kept_owners.keep(
            work,
            subject_id=registration_id,
            version=version,
            owners=found,
            names=forms.names_of(draft, target=str(registration_id)),
        )


async def named_owners(
    work: Work, *, registration_id: UUID, draft: RegistrationDraft, sent: bool
) -> list[NamedOwner]:
    """The owners as kept when the form was sent; computed anew while it is a draft, none while the
    chain is not whole."""
    if sent:
        kept = await kept_owners.kept(work, subject_id=registration_id)
        return [owner_rules.named(one.owner, one.names) for one in kept]
    try:
        found = await _owners(work, registration_id, draft)
    except ValueError:
        return []
    names = forms.names_of(draft, target=str(registration_id))
    return [owner_rules.named(owner, names) for owner in found]


async def owners_filing(work: Work, *, draft: RegistrationDraft) -> OwnersFiling:
    """Whether the owners are filed, or a pledge takes the place of that."""
    if draft.entity_type not in FILES_OWNERS:
        return "not_needed"
    pledged = owner_rules.pledge_suffices(
        capital_fen=draft.capital_fen,
        controls=draft.controls,
        most_fen=(await kinds.limits(work)).owners_pledge_capital_fen,
        only_persons=all(holder.kind == "person" for holder in draft.shareholders),
    )
    return "pledged" if pledged else "filed"
