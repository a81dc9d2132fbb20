"""Gather what the checks need, keep their evidence, and send the application on its route."""

from __future__ import annotations

from uuid import UUID

import msgspec

from accounts.screening import operations as screening
from accounts.screening.model import Subject
from app.files import operations as files
from app.identity import operations as identity
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import ApplicationRow, Private
from onboarding.checks import rules
from onboarding.checks.model import (
    ApplicationChecked,
    Check,
    CheckRow,
    Claimed,
    FaceAnswer,
    Facts,
    HitFound,
    RegisterEntry,
    Shared,
    Verdict,
)
from onboarding.registrations import operations as registrations

sql = load(__name__)


class ToCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What the job takes with it when it leaves the transaction: in memory only."""

    application: ApplicationRow
    secret: Private
    picture: bytes | None
    hits: list[HitFound]
    shared: dict[str, int]

    @property
    def reference(self) -> str:
        """Our id of this round towards the identity check."""
        return f"{self.application.id}.{self.application.round}"


async def to_check(work: Work, *, application_id: UUID) -> ToCheck | None:
    """The application in clear; None when it no longer waits for its checks.

    The firm of a portal's application becomes a customer here, before anything else.
    """
    application = await applications.row(work, application_id=application_id)
    if application.state != "submitted":
        return None
    await _take_in_firm(work, application)
    secret = await applications.private(work, application=application)
    return ToCheck(
        application=application,
        secret=secret,
        picture=await _picture(work, application_id),
        hits=await _screen(work, application, secret),
        shared=await _shared(work, _marks(work, secret)),
    )


async def _take_in_firm(work: Work, application: ApplicationRow) -> None:
    """The firm of a portal's application, owned by whoever has its representative's phone."""
    if application.client_id is None or await identity.exists(work):
        return
    person = (await applications.private(work, application=application)).legal_representative
    await identity.take_in_business(work, name=application.account_name, phone=person.phone)


async def _picture(work: Work, application_id: UUID) -> bytes | None:
    for document in await applications.documents(work, application_id=application_id):
        if document.kind == "legal_rep_face":
            return (await files.fetch(work, file_id=document.file_id)).content
    return None


def _marks(work: Work, secret: Private) -> dict[str, bytes]:
    """Blind marks of what a gang's openings have in common."""
    person = secret.legal_representative
    return {
        "address": work.vault.blind_index("opening_address", secret.address),
        "phone": work.vault.blind_index("opening_phone", person.phone),
        "legal_rep": work.vault.blind_index("opening_legal_rep", person.id_number),
    }


async def _shared(work: Work, marks: dict[str, bytes]) -> dict[str, int]:
    """In how many other firms' openings each mark appears."""
    rows = await work.all(
        Shared, sql.shared_marks, kinds=list(marks), marks=list(marks.values()),
        own=work.business_id,
    )  # fmt: skip
    return {one.kind: one.firms for one in rows}


async def _owners(work: Work, application: ApplicationRow) -> list[Subject]:
    """The firm's owners, where it was founded through us and we know them."""
    if application.registration_id is None:
        return []
    found = await registrations.owners(work, registration_id=application.registration_id)
    return [
        screening.subject(
            work, part="owner", kind="person" if person else "firm", name=name, id_number=number
        )
        for name, number, person in dict.fromkeys(found)
    ]


async def _screen(work: Work, application: ApplicationRow, secret: Private) -> list[HitFound]:
    person = secret.legal_representative
    subjects = await _owners(work, application)
    subjects += [
        screening.subject(
            work, part="firm", kind="firm", name=application.account_name,
            id_number=application.uscc,
        ),
        screening.subject(
            work, part="legal_representative", kind="person", name=person.name,
            id_number=person.id_number,
        ),
    ]  # fmt: skip
    return [
        HitFound(
            part=hit.part, list=hit.list, how=hit.how, certain=hit.certain,
            entry_id=str(hit.entry_id),
        )
        for hit in await screening.screen(work, subjects=subjects)
    ]  # fmt: skip


async def conclude(
    work: Work,
    *,
    checked: ToCheck,
    register: RegisterEntry | None,
    face: FaceAnswer | None,
    basic_account_elsewhere: bool,
) -> Verdict | None:
    """Keep the evidence and send the application to the reviewers or to the branch.

    None when the application has moved on since (cancelled, or another run of the job came first).
    """
    application = await applications.lock(work, application_id=checked.application.id)
    if application.state != "submitted" or application.round != checked.application.round:
        return None
    own = await work.one(bool, sql.has_basic_account, uscc=application.uscc)
    facts = Facts(
        claimed=_claimed(application, checked.secret),
        register=register,
        face=face,
        hits=checked.hits,
        basic_account_elsewhere=basic_account_elsewhere or own,
        shared=checked.shared,
    )
    checks = rules.run(facts, today=work.today)
    verdict = rules.judge(checks)
    await _keep(work, application, checks)
    marks = _marks(work, checked.secret)
    await work.run(sql.mark_opening, kinds=list(marks), marks=list(marks.values()))
    await work.run(
        sql.set_risk, id=application.id, risk_score=verdict.risk_score,
        reason_codes=verdict.reason_codes, route=verdict.route,
    )  # fmt: skip
    referred = verdict.route == "branch"
    await applications.move(
        work, application=application, state="referred" if referred else "reviewing",
        acted="system", codes=["branch_needed"] if referred else [],
    )  # fmt: skip
    if not referred:
        await work.emit(ApplicationChecked(application_id=application.id))
    return verdict


def _claimed(application: ApplicationRow, secret: Private) -> Claimed:
    person = secret.legal_representative
    return Claimed(
        account_class=application.account_class,
        account_name=application.account_name,
        address=secret.address,
        capital_fen=application.capital_fen,
        established_on=application.established_on,
        licence_until=application.licence_until,
        expected_monthly_fen=application.expected_monthly_fen,
        legal_representative=person.name,
        id_number=person.id_number,
        id_valid_until=person.id_valid_until,
    )


async def _keep(work: Work, application: ApplicationRow, checks: list[Check]) -> None:
    for check in checks:
        await work.run(
            sql.keep_check, application_id=application.id, round=application.round,
            kind=check.kind, result=check.result, codes=check.codes, evidence=check.evidence,
        )  # fmt: skip


async def evidence(work: Work, *, application_id: UUID) -> list[CheckRow]:
    """Every check of every round, the last round first."""
    return await work.all(CheckRow, sql.checks, application_id=application_id)
