"""Found a firm: declare its name, fill, sign and submit the form, take in the registry's answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from app import clock
from app.identity import operations as identity
from app.ids import new_id
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from onboarding.drafts import operations as drafts
from onboarding.forms import rules as forms
from onboarding.forms.model import LegalRepresentative, RegistrationDraft
from onboarding.founders import operations as founders
from onboarding.founders.rules import add_months
from onboarding.kinds import operations as kinds
from onboarding.names import operations as names
from onboarding.names.model import Declared, NameQuestion
from onboarding.offices import operations as offices
from onboarding.registrations import rules
from onboarding.registrations.model import (
    AlreadyFounding,
    CompanyRegistered,
    EditedRegistration,
    Private,
    Registration,
    RegistrationIncomplete,
    RegistrationNotDraft,
    RegistrationNotFound,
    RegistrationRow,
    RegistrationSubmitted,
    Resumed,
    SignaturesMissing,
    StaleRegistration,
    ToRegister,
)
from onboarding.signatures import operations as signatures

sql = load(__name__)

SEALED = "onboarding.registrations.private"
LONGEST_CLOSURE = timedelta(days=40)


async def create(work: Work, *, draft: RegistrationDraft) -> Registration:
    """Begin: the firm exists as `forming`, the caller owns it, its name is reserved.

    The owner of a firm that is still forming goes on with that; everybody else founds another.
    """
    if not await _goes_on(work):
        await identity.found_business(work, name=draft.name)
    elif await _under_way(work):
        raise AlreadyFounding(business_id=work.business_id)
    registration_id = new_id()
    await work.run(
        sql.add_registration, id=registration_id, **await _columns(work, draft, registration_id)
    )
    await _save(work, registration_id, 1, draft)
    await work.record("registration.begun", object_id=registration_id)
    return await get(work, registration_id=registration_id)


async def _goes_on(work: Work) -> bool:
    if work.tenant is None or work.actor.role != "owner":
        return False
    return (await identity.business(work)).state == "forming"


async def _declare(work: Work, draft: RegistrationDraft) -> Declared:
    """Reserve the form's name, unless it runs already; longer where the state approved it."""
    return await names.declare(
        work,
        question=NameQuestion(
            name=draft.name, entity_type=draft.entity_type, area_code=draft.area_code,
            commitment=draft.name_commitment, approval=draft.name_approval,
        ),
        reserved_until=await founders.reserved_until(work, draft=draft),
    )  # fmt: skip


async def _under_way(work: Work) -> bool:
    rows = await work.all(RegistrationRow, sql.registrations)
    return any(row.state in ("draft", "submitted", "registered") for row in rows)


async def _columns(work: Work, draft: RegistrationDraft, row_id: UUID) -> dict[str, object]:
    declared = await _declare(work, draft)
    plain = {name: getattr(draft, name) for name in Private.__struct_fields__}
    return {
        "entity_type": draft.entity_type, "name": draft.name, "name_key": declared.name_key,
        "name_reserved_until": declared.reserved_until, "area_code": draft.area_code,
        "industry_code": draft.industry_code, "scope": draft.scope,
        "capital_fen": draft.capital_fen, "staff_count": draft.staff_count,
        "private": await work.vault.seal_bytes(
            work, msgspec.json.encode(Private(**plain)), scope=work.business_id, place=SEALED,
            row_id=row_id,
        ),
    }  # fmt: skip


async def _save(work: Work, registration_id: UUID, version: int, draft: RegistrationDraft) -> None:
    content = msgspec.json.encode(draft)
    await drafts.save(work, registration_id=registration_id, version=version, content=content)


async def _open(work: Work, row: RegistrationRow) -> RegistrationDraft:
    """The form in clear, from the row and what of it was sealed."""
    private = msgspec.json.decode(
        await work.vault.open_bytes(
            work, row.private, scope=work.business_id, place=SEALED, row_id=row.id
        ),
        type=Private,
    )
    return RegistrationDraft(
        entity_type=row.entity_type, name=row.name, area_code=row.area_code,
        industry_code=row.industry_code, scope=row.scope, capital_fen=row.capital_fen,
        staff_count=row.staff_count, **msgspec.structs.asdict(private),
    )  # fmt: skip


async def _lock(work: Work, registration_id: UUID) -> RegistrationRow:
    row = await work.maybe(RegistrationRow, sql.lock_registration, id=registration_id)
    if row is None:
        raise RegistrationNotFound(registration_id=registration_id)
    return row


async def lock_draft(work: Work, registration_id: UUID) -> RegistrationRow:
    """The form while it may be changed; RegistrationNotFound, RegistrationNotDraft."""
    row = await _lock(work, registration_id)
    if row.state != "draft":
        raise RegistrationNotDraft(state=row.state)
    return row


async def edit(work: Work, *, registration_id: UUID, edited: EditedRegistration) -> Registration:
    """Put the whole form again; StaleRegistration says what changed since and when."""
    row = await lock_draft(work, registration_id)
    if row.version != edited.version:
        raise await _stale(work, row, edited.version)
    columns = await _columns(work, edited.draft, registration_id)
    if (row.area_code, row.name_key) != (columns["area_code"], columns["name_key"]):
        await names.let_go(work, area_code=row.area_code, name_key=row.name_key)
    await work.run(sql.edit_registration, id=registration_id, **columns)
    await _save(work, registration_id, row.version + 1, edited.draft)
    await signatures.void(work, subject_id=registration_id)
    return await get(work, registration_id=registration_id)


async def _stale(work: Work, row: RegistrationRow, seen: int) -> StaleRegistration:
    """Which fields another device has changed since the version that was seen, and when."""
    before = await drafts.saved(work, registration_id=row.id, version=seen)
    after = await drafts.saved(work, registration_id=row.id, version=row.version)
    if before is None or after is None:
        return StaleRegistration(version=row.version, next_step="resume")
    forms_of = [msgspec.json.decode(one.content, type=RegistrationDraft) for one in (before, after)]
    return StaleRegistration(
        version=row.version, seen=seen, changed=forms.changed(*forms_of),
        saved_at=after.saved_at.isoformat(), by_yourself=after.saved_by == work.actor.person_id,
        next_step="resume",
    )  # fmt: skip


async def resume(work: Work, *, registration_id: UUID) -> Resumed:
    """The form in clear for its owner, on whatever device; RegistrationNotDraft."""
    row = await lock_draft(work, registration_id)
    await work.record("registration.resumed", object_id=registration_id, version=row.version)
    return Resumed(version=row.version, draft=await _open(work, row))


async def withdraw(work: Work, *, registration_id: UUID) -> Registration:
    """Give a draft up: its name is free, its links lead nowhere."""
    row = await lock_draft(work, registration_id)
    await work.run(sql.mark_withdrawn, id=registration_id)
    await names.let_go(work, area_code=row.area_code, name_key=row.name_key)
    await signatures.void(work, subject_id=registration_id)
    await work.record("registration.withdrawn", object_id=registration_id)
    return await get(work, registration_id=registration_id)


async def extend_name(work: Work, *, registration_id: UUID) -> Registration:
    """Keep the reserved name as long again, once; NameNotExtendable."""
    row = await lock_draft(work, registration_id)
    months = (await kinds.limits(work)).name_reserved_months
    until = add_months(row.name_reserved_until, months)
    await names.extend(
        work, area_code=row.area_code, name_key=row.name_key, reserved_until=until
    )  # fmt: skip
    await work.run(sql.set_reserved_until, id=registration_id, name_reserved_until=until)
    await work.record("registration.name_extended", object_id=registration_id)
    return await get(work, registration_id=registration_id)


async def ask_signatures(work: Work, *, registration_id: UUID) -> Registration:
    """Ask everyone to sign this version, each by a link of their own; RegistrationIncomplete."""
    row = await lock_draft(work, registration_id)
    draft = await _open(work, row)
    if findings := await founders.findings(work, draft=draft):
        raise RegistrationIncomplete(findings=msgspec.to_builtins(findings))
    signers, _ = forms.signatories(draft)
    await signatures.ask(
        work, subject_id=registration_id, version=row.version, title=forms.TITLE, firm=row.name,
        body=forms.text(draft, version=row.version), signatories=signers,
    )  # fmt: skip
    return await get(work, registration_id=registration_id)


async def ask_again(work: Work, *, registration_id: UUID, signature_id: UUID) -> Registration:
    """Send one of them a new link; SignatureNotFound."""
    row = await lock_draft(work, registration_id)
    await signatures.remind(
        work, subject_id=registration_id, version=row.version, signature_id=signature_id
    )
    return await get(work, registration_id=registration_id)


async def submit(work: Work, *, registration_id: UUID) -> Registration:
    """Check the whole form and send it as everyone signed it; the registry answers by job."""
    row = await lock_draft(work, registration_id)
    draft = await _open(work, row)
    await _declare(work, draft)
    if findings := await founders.findings(work, draft=draft):
        raise RegistrationIncomplete(findings=msgspec.to_builtins(findings))
    if not await signatures.is_complete(work, subject_id=registration_id, version=row.version):
        raise SignaturesMissing(version=row.version, next_step="signatures")
    await founders.keep_owners(
        work, registration_id=registration_id, version=row.version, draft=draft
    )
    await work.run(sql.submit_registration, id=registration_id)
    await refer(work, object_id=registration_id)
    await offices.open_parts(
        work, registration_id=registration_id, staff_count=draft.staff_count,
        by_owner=draft.by_owner, due_at=await _due(work),
    )  # fmt: skip
    await work.emit(RegistrationSubmitted(registration_id=registration_id))
    await work.record("registration.submitted", object_id=registration_id, version=row.version)
    return await get(work, registration_id=registration_id)


async def _due(work: Work) -> datetime:
    days = (await kinds.limits(work)).registry_working_days
    until_on = work.today + LONGEST_CLOSURE
    special = await reference.special_days(work, from_on=work.today, until_on=until_on)
    return rules.working_days_later(work.now, days, special)


async def to_register(work: Work, *, registration_id: UUID) -> ToRegister | None:
    """The form for the registry and the day it was submitted; None when it has been answered."""
    row = await _lock(work, registration_id)
    if row.state != "submitted" or row.submitted_at is None:
        return None
    draft = await _open(work, row)
    signed = forms.text(draft, version=row.signed_version) if row.signed_version else None
    return ToRegister(
        draft=draft, applied_on=clock.business_date(row.submitted_at), signed_text=signed
    )  # fmt: skip


async def take_licence(
    work: Work,
    *,
    registration_id: UUID,
    name: str,
    uscc: str,
    licence_number: str,
    registered_on: date,
) -> None:
    """The registry's licence: the firm exists, and the other offices' parts begin."""
    row = await _lock(work, registration_id)
    if row.state != "submitted":
        return
    await identity.register_business(work, uscc=uscc, name=name)
    await work.run(
        sql.mark_registered, id=registration_id, name=name, uscc=uscc,
        licence_number=licence_number, registered_on=registered_on,
    )  # fmt: skip
    await names.keep(work, area_code=row.area_code, name_key=row.name_key)
    found = await kinds.limits(work)
    await offices.licensed(
        work, registration_id=registration_id, licence_number=licence_number,
        due_at={
            "social_insurance": work.now + timedelta(days=found.social_insurance_days),
            "housing_fund": work.now + timedelta(days=found.housing_fund_days),
        },
        bank_branch=(await _open(work, row)).bank_branch,
    )  # fmt: skip
    await work.emit(CompanyRegistered(registration_id=registration_id, uscc=uscc))
    await work.record("registration.registered", object_id=registration_id)


async def take_refusal(work: Work, *, registration_id: UUID, code: str) -> None:
    """The registry refused: the name is free again, and a new form may be begun."""
    row = await _lock(work, registration_id)
    if row.state != "submitted":
        return
    await work.run(sql.mark_refused, id=registration_id, refused_code=code)
    await names.let_go(work, area_code=row.area_code, name_key=row.name_key)
    await offices.licence_refused(work, registration_id=registration_id, code=code)
    await work.record("registration.refused", object_id=registration_id, code=code)


async def take_bank_account(work: Work, *, number: str) -> None:
    """The firm's account is open: the bank's part of its registration is done."""
    row = await work.maybe(RegistrationRow, sql.registered_one)
    if row is not None:
        await offices.take_bank_account(work, registration_id=row.id, number=number)


async def refer(work: Work, *, object_id: UUID) -> None:
    """The object's id is known outside the firm: whoever names it finds the firm."""
    await work.run(sql.add_reference, object_id=object_id)


async def whose(work: Work, *, object_id: UUID) -> UUID | None:
    """The firm of an object that a call-back, the desk or a portal names by its id alone."""
    return await work.maybe(UUID, sql.whose, object_id=object_id)


async def whose_reference(work: Work, *, reference_text: str) -> tuple[UUID, UUID] | None:
    """Firm and object of a reference of ours, as an outside system repeats it."""
    try:
        object_id = UUID(reference_text.partition(".")[0])
    except ValueError:
        return None
    business_id = await whose(work, object_id=object_id)
    return None if business_id is None else (business_id, object_id)


async def get(work: Work, *, registration_id: UUID) -> Registration:
    """A registration as its owner sees it; RegistrationNotFound."""
    row = await work.maybe(RegistrationRow, sql.registration, id=registration_id)
    if row is None:
        raise RegistrationNotFound(registration_id=registration_id)
    return await _shown(work, row)


async def get_all(work: Work) -> list[Registration]:
    """The firm's registrations, newest first."""
    return [await _shown(work, row) for row in await work.all(RegistrationRow, sql.registrations)]


async def registered(
    work: Work,
) -> tuple[RegistrationRow, str, LegalRepresentative] | None:
    """How the firm came to be, with its address and representative, if it came to be here."""
    row = await work.maybe(RegistrationRow, sql.registered_one)
    if row is None:
        return None
    draft = await _open(work, row)
    assert draft.address is not None and draft.legal_representative is not None
    return row, draft.address, draft.legal_representative


async def owners(work: Work, *, registration_id: UUID) -> list[tuple[str, str, bool]]:
    """Name, number and whether a person, of everybody who owns the firm directly or above, who
    decides otherwise, or who holds an office in it."""
    row = await work.maybe(RegistrationRow, sql.registration, id=registration_id)
    if row is None:
        raise RegistrationNotFound(registration_id=registration_id)
    draft = await _open(work, row)
    found = [(one.name, one.id_number, one.kind == "person") for one in draft.shareholders]
    found += [(one.holder_name, one.holder, one.person) for one in draft.holdings]
    found += [(one.holder_name, one.holder, True) for one in draft.controls]
    return found + [(one.name, one.id_number, True) for one in draft.officers]


async def _shown(work: Work, row: RegistrationRow) -> Registration:
    draft, is_draft = await _open(work, row), row.state == "draft"
    parts = await offices.parts(work, registration_id=row.id)
    return Registration(
        id=row.id, business_id=work.business_id, state=row.state, version=row.version,
        draft=forms.masked(draft), name_reserved_until=row.name_reserved_until,
        beneficial_owners=await founders.named_owners(
            work, registration_id=row.id, draft=draft, sent=row.signed_version is not None
        ),
        owners_filing=await founders.owners_filing(work, draft=draft),
        findings=await founders.findings(work, draft=draft) if is_draft else [],
        signatures=await signatures.signatures(
            work, subject_id=row.id, version=row.signed_version or row.version
        ),
        signed_version=row.signed_version, uscc=row.uscc, licence_number=row.licence_number,
        registered_on=row.registered_on, refused_code=row.refused_code,
        submitted_at=row.submitted_at, parts=parts.parts, timeline=parts.timeline,
    )  # fmt: skip
