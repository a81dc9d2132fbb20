"""Apply for an account: fill, attach, submit, follow, cancel; and the one way a state changes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from accounts.numbers import operations as numbers
from app.identity import operations as identity
from app.ids import new_id
from app.queries import load
from app.reference import rules as identifiers
from app.work import Work
from onboarding.applications import rules
from onboarding.applications.model import (
    AlreadyApplied,
    Application,
    ApplicationEnded,
    ApplicationIncomplete,
    ApplicationNotFound,
    ApplicationNotOpen,
    ApplicationRow,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationTurned,
    AttachedDocument,
    Document,
    EditedApplication,
    FileUnknown,
    HandedInApplication,
    HandedInMoved,
    IdentifierInvalid,
    LicenceFacts,
    LicenceOfAnotherFirm,
    NewApplication,
    Private,
    Representative,
    Side,
    StaleApplication,
    Turn,
)
from onboarding.classes import operations as classes
from onboarding.joins import operations as joins
from onboarding.promises import operations as promises
from onboarding.registrations import operations as registrations

sql = load(__name__)

SEALED = "onboarding.applications.private"


async def create(work: Work, *, new: NewApplication) -> Application:
    """A draft. A firm that comes from elsewhere is taken in as `forming` with its licence."""
    if work.tenant is None:
        if new.licence is None:
            raise ApplicationIncomplete(missing=["licence"])
        await identity.found_business(work, name=new.licence.name or new.purpose)
    application_id = await _begin(work, new, client_reference=None)
    return await get(work, application_id=application_id)


async def _begin(work: Work, new: NewApplication, *, client_reference: str | None) -> UUID:
    application_id, client_id = new_id(), work.actor.client_id
    columns = await _columns(work, new, application_id)
    if new.account_class == "basic" and await work.one(bool, sql.under_way):
        raise AlreadyApplied(business_id=work.business_id)
    due_at = await _due(work, "draft")
    await work.run(
        sql.add_application, id=application_id, client_id=client_id,
        client_reference=client_reference, applied_by=work.actor.person_id, due_at=due_at,
        **columns,
    )  # fmt: skip
    await registrations.refer(work, object_id=application_id)
    await _turn(work, application_id, client_id, "draft", "applicant", ())
    await work.record("application.begun", object_id=application_id)
    return application_id


async def hand_in(work: Work, *, new: NewApplication, client_reference: str) -> UUID:
    """A portal's draft, of a firm that is taken in by job; `submit` sends it.

    The portal has seen the licence and the papers; the branch sees the originals at the visit.
    """
    await work.set_business(new_id())
    return await _begin(work, new, client_reference=client_reference)


async def enter(work: Work, *, application_id: UUID) -> None:
    """Act in the firm of an application named by its id alone; row policies still hold."""
    business_id = await registrations.whose(work, object_id=application_id)
    if business_id is None:
        raise ApplicationNotFound(application_id=application_id)
    await work.set_business(business_id)


async def _columns(work: Work, new: NewApplication, row_id: UUID) -> dict[str, object]:
    """The row's columns from the form, or from the firm's registration where it is silent."""
    registration_id, licence, person = await _facts(work, new)
    name = rules.account_name(licence, operator=person.name)
    if name is None:
        raise ApplicationIncomplete(missing=["licence.name"])
    await _check_identifiers(work, licence, person)
    own = await identity.exists(work) and (await identity.business(work)).uscc
    if own and own != licence.uscc:
        raise LicenceOfAnotherFirm(uscc=licence.uscc)
    # Whether a stranger's firm banks here is nobody's business: only its own account counts.
    await classes.check(
        work, account_class=new.account_class, opening=new.opening, terms=new.terms,
        entity_type=licence.entity_type, capital_fen=licence.capital_fen,
        has_basic=await work.one(bool, sql.has_own_basic_account),
    )  # fmt: skip
    await _check_branch(work, new)
    private = Private(legal_representative=person, address=licence.address)
    return {
        "registration_id": registration_id, "branch": new.branch,
        "account_class": new.account_class, "opening": new.opening,
        "terms": msgspec.to_builtins(new.terms), "account_name": name, "uscc": licence.uscc,
        "entity_type": licence.entity_type, "area_code": licence.area_code,
        "licence_number": licence.licence_number, "licence_until": licence.valid_until,
        "capital_fen": licence.capital_fen, "established_on": licence.established_on,
        "purpose": new.purpose, "expected_monthly_fen": new.expected_monthly_fen,
        "number": new.number,
        "private": await work.vault.seal_bytes(
            work, msgspec.json.encode(private), scope=work.business_id, place=SEALED,
            row_id=row_id,
        ),
    }  # fmt: skip


async def _check_branch(work: Work, new: NewApplication) -> None:
    """The branch is there, and a wished-for number is one of its own and of the class."""
    if new.number is None:
        await numbers.branch(work, code=new.branch)
        return
    await numbers.check_fits(
        work, number=new.number, branch_code=new.branch, account_class=new.account_class
    )


async def _facts(
    work: Work, new: NewApplication
) -> tuple[UUID | None, LicenceFacts, Representative]:
    """Licence and representative; a firm founded or let in here need not type them again."""
    founded = await registrations.registered(work) if work.actor.kind == "person" else None
    if founded is None and (joined := await joins.joined(work)) is not None:
        of_register, signer = rules.of_the_register(*joined)
        return None, new.licence or of_register, new.legal_representative or signer
    if founded is None:
        if new.licence is None or new.legal_representative is None:
            given = {"licence": new.licence, "legal_representative": new.legal_representative}
            raise ApplicationIncomplete(missing=[name for name, it in given.items() if it is None])
        return None, new.licence, new.legal_representative
    row, address, person = founded
    assert row.uscc is not None and row.registered_on is not None
    licence = LicenceFacts(
        name=row.name, uscc=row.uscc, entity_type=row.entity_type, area_code=row.area_code,
        address=address, capital_fen=row.capital_fen, established_on=row.registered_on,
        licence_number=row.licence_number,
    )  # fmt: skip
    signer = Representative(name=person.name, id_number=person.id_number, phone=person.phone)
    return row.id, new.licence or licence, new.legal_representative or signer


async def _check_identifiers(work: Work, licence: LicenceFacts, person: Representative) -> None:
    """Check digits and dates of what was typed; IdentifierInvalid names the field and the rule."""
    found = {
        "uscc": identifiers.uscc(licence.uscc),
        "id_number": identifiers.resident_id(person.id_number, today=work.today),
    }
    for name, check in found.items():
        if not check.valid:
            raise IdentifierInvalid(field=name, reason=check.reason)


async def lock(work: Work, *, application_id: UUID) -> ApplicationRow:
    """The application, kept from others until this work ends; ApplicationNotFound."""
    row = await work.maybe(ApplicationRow, sql.lock_application, id=application_id)
    if row is None:
        raise ApplicationNotFound(application_id=application_id)
    return row


async def row(work: Work, *, application_id: UUID) -> ApplicationRow:
    """The application as stored; ApplicationNotFound."""
    found = await work.maybe(ApplicationRow, sql.application, id=application_id)
    if found is None:
        raise ApplicationNotFound(application_id=application_id)
    return found


async def private(work: Work, *, application: ApplicationRow) -> Private:
    """The representative and the address in clear, for a check that needs them."""
    return msgspec.json.decode(
        await work.vault.open_bytes(
            work, application.private, scope=work.business_id, place=SEALED, row_id=application.id
        ),
        type=Private,
    )  # fmt: skip


async def edit(work: Work, *, application_id: UUID, edited: EditedApplication) -> Application:
    """Put the application again; StaleApplication when another edit came between."""
    found = await lock(work, application_id=application_id)
    if found.state not in rules.EDITABLE:
        raise ApplicationNotOpen(state=found.state)
    if found.version != edited.version:
        raise StaleApplication(version=found.version)
    columns = await _columns(work, edited.application, application_id)
    if columns["number"] != found.number:
        await numbers.release(work, application_id=application_id)
    await work.run(sql.edit_application, id=application_id, **columns)
    return await get(work, application_id=application_id)


async def attach(work: Work, *, application_id: UUID, document: AttachedDocument) -> Application:
    """Attach a stored file; the same kind again replaces it while the application is open."""
    found = await lock(work, application_id=application_id)
    if found.state not in rules.EDITABLE:
        raise ApplicationNotOpen(state=found.state)
    if not await work.one(bool, sql.file_exists, file_id=document.file_id):
        raise FileUnknown(file_id=document.file_id)
    await work.run(
        sql.attach, application_id=application_id, kind=document.kind, file_id=document.file_id,
        client_id=found.client_id,
    )  # fmt: skip
    await work.record("application.document", object_id=application_id, kind=document.kind)
    return await get(work, application_id=application_id)


async def submit(work: Work, *, application_id: UUID) -> Application:
    """Send it: what is missing is named, the number is kept, and the checks begin by job."""
    found = await lock(work, application_id=application_id)
    if not rules.may_move(found.state, "submitted"):
        raise ApplicationNotOpen(state=found.state)
    missing = rules.missing_documents(
        [one.kind for one in await documents(work, application_id=application_id)],
        account_class=found.account_class, handed_in=found.client_id is not None,
        electronic_licence=found.registration_id is not None,
    )  # fmt: skip
    if missing:
        raise ApplicationIncomplete(missing=missing)
    await _send(work, found, "applicant")
    return await get(work, application_id=application_id)


async def _send(work: Work, found: ApplicationRow, acted: Side) -> None:
    await _keep_number(work, found)
    if work.actor.kind == "person":
        await _keep_device(work, found)
    await move(work, application=found, state="submitted", acted=acted)
    await work.emit(ApplicationSubmitted(application_id=found.id))


async def _keep_number(work: Work, found: ApplicationRow) -> None:
    """The held favourite, or any number for somebody who wished for none."""
    if found.number is not None:
        await numbers.reserve(work, number=found.number, application_id=found.id)
        return
    kept = await numbers.reserve_any(
        work, branch_code=found.branch, account_class=found.account_class, application_id=found.id
    )
    await work.run(sql.set_number, id=found.id, number=kept.number)


async def _keep_device(work: Work, found: ApplicationRow) -> None:
    """By which device it was sent, as a blind mark that other openings may share."""
    device = await work.maybe(str, sql.device_of_session, session_id=work.actor.session_id)
    if device is not None:
        mark = work.vault.blind_index("opening_device", device)
        await work.run(sql.set_device, id=found.id, device_mark=mark)


async def _due(work: Work, state: ApplicationState) -> object:
    return await promises.due_at(work, acts=rules.ACTS.get(state))


async def move(
    work: Work,
    *,
    application: ApplicationRow,
    state: ApplicationState,
    acted: Side,
    codes: Sequence[str] = (),
) -> None:
    """Change the state of a locked application, tell those who watch, free what an end frees.

    Raises ApplicationNotOpen when that step does not follow.
    """
    if not rules.may_move(application.state, state):
        raise ApplicationNotOpen(state=application.state)
    ended = state in rules.ENDED
    await work.run(
        sql.move_application, id=application.id, state=state, due_at=await _due(work, state),
        ended_at=work.now if ended else None, codes=list(codes),
    )  # fmt: skip
    await _turn(work, application.id, application.client_id, state, acted, codes)
    if ended:
        await numbers.release(work, application_id=application.id)
        await work.emit(ApplicationEnded(application_id=application.id))
    await work.record(f"application.{state}", object_id=application.id, codes=list(codes))


async def _turn(
    work: Work,
    application_id: UUID,
    client_id: UUID | None,
    state: ApplicationState,
    acted: Side,
    codes: Sequence[str],
) -> None:
    await work.run(
        sql.add_turn, id=(turn_id := new_id()), application_id=application_id, client_id=client_id,
        state=state, acted=acted, codes=list(codes),
    )  # fmt: skip
    await work.progress(
        application_id, "application", state=state, acted=acted, next=rules.ACTS.get(state),
        codes=list(codes), final=state in rules.ENDED and state != "active",
    )  # fmt: skip
    told = {"application_id": application_id, "turn_id": turn_id}
    if acted != "applicant":
        await work.emit(ApplicationTurned(**told, state=state))
    if client_id is not None:
        await work.emit(HandedInMoved(**told))


async def cancel(work: Work, *, application_id: UUID) -> Application:
    """The applicant gives it up; its number is free again."""
    found = await lock(work, application_id=application_id)
    await move(work, application=found, state="cancelled", acted="applicant")
    return await get(work, application_id=application_id)


async def lapse(work: Work, *, application_id: UUID) -> None:
    """Its term is over and nobody has acted; ApplicationNotOpen when somebody has by now."""
    found = await lock(work, application_id=application_id)
    if found.due_at is None or found.due_at > work.now:
        raise ApplicationNotOpen(state=found.state)
    await move(work, application=found, state="cancelled", acted="system", codes=["lapsed"])


async def activate(work: Work, *, application: ApplicationRow, account_id: UUID) -> bool:
    """The account exists; False when the firm already has a basic account with this code."""
    if not rules.may_move(application.state, "active"):
        raise ApplicationNotOpen(state=application.state)
    if application.account_class == "basic":
        claimed = await work.run(
            sql.claim_basic_account, uscc=application.uscc, application_id=application.id,
            account_id=account_id,
        )  # fmt: skip
        if claimed != 1:
            return False
    await classes.open_under(work, opening=application.opening)
    await work.run(sql.activate, id=application.id, account_id=account_id)
    await _turn(work, application.id, application.client_id, "active", "branch", ())
    await work.record("application.active", object_id=application.id)
    return True


async def handed_in(work: Work, *, application_id: UUID) -> HandedInApplication:
    """An application as the portal that handed it in sees it; ApplicationNotFound for others'."""
    await enter(work, application_id=application_id)
    found = await row(work, application_id=application_id)
    assert found.client_reference is not None
    return HandedInApplication(
        id=found.id, client_reference=found.client_reference, state=found.state,
        version=found.version, account_name=found.account_name,
        decision_codes=found.decision_codes,
        next=rules.next_turn(found.state, found.due_at),
        timeline=await turns(work, application_id=found.id),
    )  # fmt: skip


async def documents(work: Work, *, application_id: UUID) -> list[Document]:
    """What has been attached."""
    return await work.all(Document, sql.documents, application_id=application_id)


async def get(work: Work, *, application_id: UUID) -> Application:
    """An application as its owner sees it; ApplicationNotFound."""
    return await _shown(work, await row(work, application_id=application_id))


async def get_all(work: Work) -> list[Application]:
    """The firm's applications, newest first."""
    return [await _shown(work, one) for one in await work.all(ApplicationRow, sql.applications)]


async def turns(work: Work, *, application_id: UUID) -> list[Turn]:
    """The timeline, oldest first."""
    return await work.all(Turn, sql.turns, application_id=application_id)


async def _shown(work: Work, found: ApplicationRow) -> Application:
    return rules.shown(
        found, await private(work, application=found),
        attached=await documents(work, application_id=found.id),
        timeline=await turns(work, application_id=found.id),
    )  # fmt: skip
