"""Found a firm: declare its name, fill and submit the form, take in what the offices answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from app import clock
from app.identity import operations as identity
from app.ids import new_id
from app.queries import load
from app.reference import operations as reference
from app.reference import rules as identifiers
from app.work import Work
from onboarding.names import operations as names
from onboarding.names.model import Finding
from onboarding.registrations import rules
from onboarding.registrations.model import (
    AlreadyFounding,
    CompanyRegistered,
    EditedRegistration,
    FoundingLimits,
    LegalRepresentative,
    Part,
    PartNotOpen,
    PartRow,
    PartState,
    Private,
    Registration,
    RegistrationDraft,
    RegistrationIncomplete,
    RegistrationNotDraft,
    RegistrationNotFound,
    RegistrationRow,
    RegistrationSubmitted,
    Shareholder,
    StaleRegistration,
    Turn,
)

sql = load(__name__)

SEALED = "onboarding.registrations.private"
PARTS: tuple[Part, ...] = (
    "licence", "seals", "tax", "social_insurance", "housing_fund", "bank",
)  # fmt: skip
LONGEST_CLOSURE = timedelta(days=40)


async def limits(work: Work) -> FoundingLimits:
    """The statute's numbers in force today."""
    return await reference.value(work, kind="founding.limits", on=work.today, shape=FoundingLimits)


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
    await work.record("registration.begun", object_id=registration_id)
    return await get(work, registration_id=registration_id)


async def _goes_on(work: Work) -> bool:
    if work.tenant is None or work.actor.role != "owner":
        return False
    return (await identity.business(work)).state == "forming"


async def _declare(work: Work, draft: RegistrationDraft) -> tuple[str, date]:
    """Reserve the form's name, or renew that; the name's key and until when."""
    until = rules.add_months(work.today, (await limits(work)).name_reserved_months)
    key = await names.declare(
        work,
        name=draft.name,
        entity_type=draft.entity_type,
        area_code=draft.area_code,
        reserved_until=until,
    )
    return key, until


async def _under_way(work: Work) -> bool:
    rows = await work.all(RegistrationRow, sql.registrations)
    return any(row.state in ("draft", "submitted", "registered") for row in rows)


async def _columns(work: Work, draft: RegistrationDraft, row_id: UUID) -> dict[str, object]:
    key, until = await _declare(work, draft)
    private = Private(
        address=draft.address,
        legal_representative=draft.legal_representative,
        shareholders=draft.shareholders,
        holdings=draft.holdings,
    )
    return {
        "entity_type": draft.entity_type, "name": draft.name, "name_key": key,
        "name_reserved_until": until, "area_code": draft.area_code,
        "industry_code": draft.industry_code, "scope": draft.scope,
        "capital_fen": draft.capital_fen, "staff_count": draft.staff_count,
        "private": await work.vault.seal_bytes(
            work, msgspec.json.encode(private), scope=work.business_id, place=SEALED,
            row_id=row_id,
        ),
    }  # fmt: skip


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
        address=private.address, industry_code=row.industry_code, scope=row.scope,
        capital_fen=row.capital_fen, staff_count=row.staff_count,
        legal_representative=private.legal_representative,
        shareholders=private.shareholders, holdings=private.holdings,
    )  # fmt: skip


async def _lock(work: Work, registration_id: UUID) -> RegistrationRow:
    row = await work.maybe(RegistrationRow, sql.lock_registration, id=registration_id)
    if row is None:
        raise RegistrationNotFound(registration_id=registration_id)
    return row


async def edit(work: Work, *, registration_id: UUID, edited: EditedRegistration) -> Registration:
    """Put the whole form again; StaleRegistration when another edit came between."""
    row = await _lock(work, registration_id)
    if row.state != "draft":
        raise RegistrationNotDraft(state=row.state)
    if row.version != edited.version:
        raise StaleRegistration(version=row.version)
    columns = await _columns(work, edited.draft, registration_id)
    if (row.area_code, row.name_key) != (columns["area_code"], columns["name_key"]):
        await names.let_go(work, area_code=row.area_code, name_key=row.name_key)
    await work.run(sql.edit_registration, id=registration_id, **columns)
    return await get(work, registration_id=registration_id)


async def submit(work: Work, *, registration_id: UUID) -> Registration:
    """Check the whole form and send it; the registry answers by job."""
    row = await _lock(work, registration_id)
    if row.state != "draft":
        raise RegistrationNotDraft(state=row.state)
    draft = await _open(work, row)
    await _declare(work, draft)
    found = await limits(work)
    findings = _faults(draft, found, work.today)
    if findings:
        raise RegistrationIncomplete(findings=msgspec.to_builtins(findings))
    await work.run(sql.submit_registration, id=registration_id)
    await refer(work, object_id=registration_id)
    due_at = await _working_days_later(work, found.registry_working_days)
    await work.run(sql.add_parts, registration_id=registration_id, parts=list(PARTS), due_at=due_at)
    await _tell(work, registration_id, "licence", "asked", "已提交登记机关")
    await work.emit(RegistrationSubmitted(registration_id=registration_id))
    await work.record("registration.submitted", object_id=registration_id)
    return await get(work, registration_id=registration_id)


def _faults(draft: RegistrationDraft, found: FoundingLimits, today: date) -> list[Finding]:
    """Everything that keeps a form from being submitted."""
    findings = rules.missing(draft)
    findings += rules.check_capital(draft, limits=found, established_on=today)
    people: list[LegalRepresentative | Shareholder] = []
    if draft.legal_representative is not None:
        people.append(draft.legal_representative)
    people += [holder for holder in draft.shareholders if holder.kind == "person"]
    for person in people:
        checked = identifiers.resident_id(person.id_number, today=today)
        if not checked.valid:
            findings.append(
                Finding(
                    code="id_number_" + str(checked.reason),
                    zh="身份证号码有误",
                    subject=person.name,
                )
            )
    for holder in draft.shareholders:
        if holder.kind == "firm" and not identifiers.uscc(holder.id_number).valid:
            findings.append(Finding(code="uscc", zh="统一社会信用代码有误", subject=holder.name))
    if not findings and rules.must_file_owners(draft.entity_type):
        try:
            rules.effective_shares("", rules.edges(draft, target=""))
        except ValueError as broken:
            findings.append(Finding(code=str(broken), zh="受益所有人链条不完整"))
    return findings


async def _working_days_later(work: Work, days: int) -> datetime:
    until_on = work.today + LONGEST_CLOSURE
    special = await reference.special_days(work, from_on=work.today, until_on=until_on)
    return rules.working_days_later(work.now, days, special)


async def _tell(work: Work, registration_id: UUID, part: Part, state: PartState, note: str) -> None:
    """A turn for the timeline, and the same for whoever watches live."""
    await work.run(
        sql.add_turn, id=new_id(), registration_id=registration_id, part=part, state=state,
        note=note,
    )  # fmt: skip
    await work.progress(registration_id, "part", part=part, state=state, note=note)


async def _move(
    work: Work,
    registration_id: UUID,
    part: Part,
    state: PartState,
    note: str,
    *,
    due_at: datetime | None = None,
    number: str | None = None,
) -> bool:
    touched = await work.run(
        sql.move_part, registration_id=registration_id, part=part, state=state, due_at=due_at,
        number=number,
    )  # fmt: skip
    if touched:
        await _tell(work, registration_id, part, state, note)
    return touched > 0


async def refer(work: Work, *, object_id: UUID) -> None:
    """The object's id is known outside the firm: whoever names it finds the firm."""
    await work.run(sql.add_reference, object_id=object_id)


async def whose(work: Work, *, object_id: UUID) -> UUID | None:
    """The firm of an object that a call-back, the desk or a portal names by its id alone."""
    return await work.maybe(UUID, sql.whose, object_id=object_id)


async def whose_reference(work: Work, *, reference_text: str) -> tuple[UUID, UUID] | None:
    """Firm and object of a reference of ours, as an outside system repeats it."""
    try:
        object_id = UUID(reference_text)
    except ValueError:
        return None
    business_id = await whose(work, object_id=object_id)
    return None if business_id is None else (business_id, object_id)


async def to_register(
    work: Work, *, registration_id: UUID
) -> tuple[RegistrationDraft, date] | None:
    """The form for the registry and the day it was submitted; None when it has been answered."""
    row = await _lock(work, registration_id)
    if row.state != "submitted" or row.submitted_at is None:
        return None
    return await _open(work, row), clock.business_date(row.submitted_at)


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
    found = await limits(work)
    await _move(work, registration_id, "licence", "done", "营业执照已签发", number=licence_number)
    due = {
        "social_insurance": work.now + timedelta(days=found.social_insurance_days),
        "housing_fund": work.now + timedelta(days=found.housing_fund_days),
    }
    for part in PARTS[1:]:
        await _move(work, registration_id, part, "asked", "可以办理", due_at=due.get(part))
    await work.emit(CompanyRegistered(registration_id=registration_id, uscc=uscc))
    await work.record("registration.registered", object_id=registration_id)


async def take_refusal(work: Work, *, registration_id: UUID, code: str) -> None:
    """The registry refused: the name is free again, and a new form may be begun."""
    row = await _lock(work, registration_id)
    if row.state != "submitted":
        return
    await work.run(sql.mark_refused, id=registration_id, refused_code=code)
    await names.let_go(work, area_code=row.area_code, name_key=row.name_key)
    await _move(work, registration_id, "licence", "failed", "登记机关不予登记")
    await work.record("registration.refused", object_id=registration_id, code=code)


async def take_part(work: Work, *, registration_id: UUID, part: Part, number: str) -> None:
    """An office that answers by itself has done its part."""
    await _move(work, registration_id, part, "done", "已办结", number=number)


async def take_bank_account(work: Work, *, number: str) -> None:
    """The firm's account is open: the bank's part of its registration is done."""
    row = await work.maybe(RegistrationRow, sql.registered_one)
    if row is not None:
        await _move(work, row.id, "bank", "done", "基本存款账户已开立", number=number)


async def confirm_part(
    work: Work, *, registration_id: UUID, part: Part, number: str
) -> Registration:
    """The owner records the number an office gave; PartNotOpen unless it is the owner's turn."""
    await _lock(work, registration_id)
    rows = await work.all(PartRow, sql.parts, registration_id=registration_id)
    row = next((row for row in rows if row.part == part), None)
    if row is None or not rules.confirmable(row):
        raise PartNotOpen(part=part)
    await _move(work, registration_id, part, "done", "企业已登记办理结果", number=number)
    await work.record("registration.part_confirmed", object_id=registration_id, part=part)
    return await get(work, registration_id=registration_id)


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
    """Name, number and whether a person, of everybody who owns the firm directly or above."""
    row = await work.maybe(RegistrationRow, sql.registration, id=registration_id)
    if row is None:
        raise RegistrationNotFound(registration_id=registration_id)
    draft = await _open(work, row)
    found = [(one.name, one.id_number, one.kind == "person") for one in draft.shareholders]
    return found + [(one.holder_name, one.holder, one.person) for one in draft.holdings]


async def _shown(work: Work, row: RegistrationRow) -> Registration:
    draft = await _open(work, row)
    parts = await work.all(PartRow, sql.parts, registration_id=row.id)
    return Registration(
        id=row.id, business_id=work.business_id, state=row.state, version=row.version,
        draft=rules.masked(draft), name_reserved_until=row.name_reserved_until,
        beneficial_owners=rules.named_owners(draft, (await limits(work)).beneficial_owner_ppm),
        uscc=row.uscc, licence_number=row.licence_number, registered_on=row.registered_on,
        refused_code=row.refused_code, submitted_at=row.submitted_at,
        parts=[rules.part_status(part) for part in parts],
        timeline=await work.all(Turn, sql.turns, registration_id=row.id),
    )  # fmt: skip
