"""Gather what the checks need, keep their evidence, and send the application on its route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from accounts.numbers import operations as numbers
from accounts.policies import operations as policies
from accounts.screening import operations as screening
from accounts.screening.model import ListedKind, Subject
from app.files import operations as files
from app.identity import operations as identity
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import (
    ApplicationReviewed,
    ApplicationRow,
    ApplicationState,
    Private,
)
from onboarding.checks import rules
from onboarding.checks.model import (
    Answer,
    AnswerRow,
    ApplicationChecked,
    Check,
    CheckRow,
    Claimed,
    Compared,
    ComparedFields,
    Facts,
    HitFound,
    Owner,
    RiskPolicy,
    SealedCheck,
    Shared,
    Source,
    Verdict,
)
from onboarding.owners import operations as ownership
from onboarding.registrations import operations as registrations

sql = load(__name__)

ANSWER = "onboarding.check_answers.private"
FIELDS = "onboarding.checks.private"
SOURCES: tuple[Source, ...] = ("registry", "account_system", "population")
FOLLOWS: dict[str, ApplicationState] = {
    "straight_through": "approved",
    "one_reviewer": "reviewing",
    "two_reviewers": "reviewing",
    "branch": "referred",
}


class ToCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a job takes with it when it leaves the transaction: in memory only."""

    application: ApplicationRow
    secret: Private
    picture: bytes | None

    @property
    def reference(self) -> str:
        """Our id of this round towards the identity check."""
        return f"{self.application.id}.{self.application.round}"


async def to_check(work: Work, *, application_id: UUID, source: Source) -> ToCheck | None:
    """The application in clear; None when it does not wait for this source's answer any more.

    The firm of a portal's application becomes a customer here, before anything else.
    """
    application = await applications.lock(work, application_id=application_id)
    if application.state != "submitted" or source in await _answered(work, application):
        return None
    await _take_in_firm(work, application)
    secret = await applications.private(work, application=application)
    picture = await _picture(work, application_id) if source == "population" else None
    return ToCheck(application=application, secret=secret, picture=picture)


async def _answered(work: Work, application: ApplicationRow) -> set[str]:
    rows = await _answers(work, application)
    return {row.source for row in rows}


async def _answers(work: Work, application: ApplicationRow) -> list[AnswerRow]:
    return await work.all(
        AnswerRow, sql.answers, application_id=application.id, round=application.round
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


async def take_answer(
    work: Work, *, checked: ToCheck, source: Source, answer: Answer
) -> Verdict | None:
    """Keep what a source said; the last answer of a round sends the application on its route.

    None while others are waited for, and when the application has moved on since.
    """
    application = await applications.lock(work, application_id=checked.application.id)
    if application.state != "submitted" or application.round != checked.application.round:
        return None
    await work.run(
        sql.keep_answer, application_id=application.id, round=application.round, source=source,
        private=await work.vault.seal_bytes(
            work, msgspec.json.encode(answer), scope=work.business_id, place=ANSWER,
            row_id=application.id,
        ),
    )  # fmt: skip
    rows = await _answers(work, application)
    if len(rows) < len(SOURCES):
        return None
    return await _conclude(
        work, application, checked.secret, await _opened(work, rows, application)
    )


async def _opened(
    work: Work, rows: Sequence[AnswerRow], application: ApplicationRow
) -> dict[Source, Answer]:
    return {
        row.source: msgspec.json.decode(
            await work.vault.open_bytes(
                work, row.private, scope=work.business_id, place=ANSWER, row_id=application.id
            ),
            type=Answer,
        )
        for row in rows
    }


async def _conclude(
    work: Work, application: ApplicationRow, secret: Private, answers: dict[Source, Answer]
) -> Verdict:
    """Keep the evidence and send the application to the reviewers, to the branch, or through."""
    policy = await policies.value(work, kind="opening.risk", shape=RiskPolicy)
    facts = await _facts(work, application, secret, answers, policy)
    checks = rules.run(facts, today=work.today, policy=policy)
    verdict = rules.judge(checks, opening=application.opening, policy=policy)
    await _keep(work, application, checks)
    await work.run(
        sql.set_risk, id=application.id, risk_score=verdict.risk_score,
        reason_codes=verdict.reason_codes, route=verdict.route, risk_version=policy.version,
    )  # fmt: skip
    await applications.move(
        work, application=application, state=FOLLOWS[verdict.route], acted="system",
        codes=["branch_needed"] if verdict.route == "branch" else [],
    )  # fmt: skip
    if verdict.route == "straight_through":
        await work.emit(ApplicationReviewed(application_id=application.id, approved=True))
    elif verdict.route != "branch":
        await work.emit(ApplicationChecked(application_id=application.id))
    return verdict


async def _facts(
    work: Work,
    application: ApplicationRow,
    secret: Private,
    answers: dict[Source, Answer],
    policy: RiskPolicy,
) -> Facts:
    filed = answers["account_system"].filed_owners
    declared = await _declared_owners(work, application)
    marks = _marks(work, application, secret, [*declared, *(filed or [])])
    return Facts(
        claimed=await _claimed(work, application, secret, declared),
        register=answers["registry"].register,
        basic=answers["account_system"].basic,
        filed_owners=filed,
        face=answers["population"].face,
        hits=await _screen(work, application, secret, filed or []),
        own_basic_account=await work.one(bool, sql.has_basic_account, uscc=application.uscc),
        shared=await _shared(work, application, marks, policy),
    )


def _marks(
    work: Work, application: ApplicationRow, secret: Private, owners: Sequence[Owner]
) -> list[tuple[str, bytes]]:
    """Blind marks of what a gang's openings have in common."""
    person = secret.legal_representative
    index = work.vault.blind_index
    marks = [
        ("address", index("opening_address", secret.address)),
        ("phone", index("opening_phone", person.phone)),
        ("legal_rep", index("opening_legal_rep", person.id_number)),
    ]
    marks += [("owner", index("opening_owner", one.id_number)) for one in owners]
    if application.device_mark is not None:
        marks.append(("device", application.device_mark))
    return list(dict.fromkeys(marks))


async def _shared(
    work: Work,
    application: ApplicationRow,
    marks: Sequence[tuple[str, bytes]],
    policy: RiskPolicy,
) -> list[Shared]:
    """Leave this opening's marks, and count the other firms' openings that carry one of them."""
    kinds, values = [kind for kind, _ in marks], [mark for _, mark in marks]
    await work.run(sql.mark_opening, kinds=kinds, marks=values, application_id=application.id)
    return await work.all(
        Shared, sql.shared_marks, kinds=kinds, marks=values, own=work.business_id,
        since=work.now - timedelta(days=policy.batch_days),
    )  # fmt: skip


async def _declared_owners(work: Work, application: ApplicationRow) -> list[Owner]:
    """The beneficial owners computed from the firm's form, where it was founded through us."""
    if application.registration_id is None:
        return []
    kept = await ownership.kept(work, subject_id=application.registration_id)
    return [Owner(name=one.name, id_number=one.id_number) for one in kept]


async def _screen(
    work: Work, application: ApplicationRow, secret: Private, filed: Sequence[Owner]
) -> list[HitFound]:
    """The firm, its representative, everybody who owns it, and whoever was filed as its owner."""
    person = secret.legal_representative
    held: list[tuple[str, str, bool]] = []
    if application.registration_id is not None:
        held = await registrations.owners(work, registration_id=application.registration_id)
    held += [(one.name, one.id_number, True) for one in filed]
    subjects = [
        screening.subject(
            work, part="owner", kind="person" if is_person else "firm", name=name, id_number=number
        )
        for name, number, is_person in dict.fromkeys(held)
    ]
    subjects += [
        _subject(work, "firm", application.account_name, application.uscc),
        _subject(work, "legal_representative", person.name, person.id_number),
    ]
    return [
        HitFound(
            part=hit.part, list=hit.list, how=hit.how, certain=hit.certain,
            entry_id=str(hit.entry_id), reason=hit.reason, distance=hit.distance,
            entry_version=hit.entry_version,
        )
        for hit in await screening.screen(work, subjects=subjects, nearly=True)
    ]  # fmt: skip


def _subject(work: Work, part: str, name: str, number: str) -> Subject:
    kind: ListedKind = "firm" if part == "firm" else "person"
    return screening.subject(work, part=part, kind=kind, name=name, id_number=number)


async def _claimed(
    work: Work, application: ApplicationRow, secret: Private, owners: list[Owner]
) -> Claimed:
    person = secret.legal_representative
    branch = await numbers.branch(work, code=application.branch)
    return Claimed(
        account_class=application.account_class,
        opening=application.opening,
        basic_account_number=application.terms.basic_account_number,
        own_bank_code=branch.bank_code,
        account_name=application.account_name,
        entity_type=application.entity_type,
        address=secret.address,
        capital_fen=application.capital_fen,
        established_on=application.established_on,
        licence_until=application.licence_until,
        expected_monthly_fen=application.expected_monthly_fen,
        legal_representative=person.name,
        id_number=person.id_number,
        id_valid_until=person.id_valid_until,
        owners=owners,
    )


async def _keep(work: Work, application: ApplicationRow, checks: list[Check]) -> None:
    for check in checks:
        private = None
        if check.fields:
            private = await work.vault.seal_bytes(
                work, msgspec.json.encode(check.fields), scope=work.business_id, place=FIELDS,
                row_id=application.id,
            )  # fmt: skip
        await work.run(
            sql.keep_check, application_id=application.id, round=application.round,
            kind=check.kind, result=check.result, codes=check.codes, evidence=check.evidence,
            private=private,
        )  # fmt: skip


async def evidence(work: Work, *, application_id: UUID) -> list[CheckRow]:
    """Every check of every round, the last round first."""
    return await work.all(CheckRow, sql.checks, application_id=application_id)


async def compared(work: Work, *, application_id: UUID) -> list[ComparedFields]:
    """Field by field in clear, of the last round: what the firm says, what each source says.

    For whoever reviews the firm; who opens it says so in the audit log.
    """
    rows = await work.all(SealedCheck, sql.sealed_fields, application_id=application_id)
    return [
        ComparedFields(
            kind=row.kind,
            fields=msgspec.json.decode(
                await work.vault.open_bytes(
                    work, row.private, scope=work.business_id, place=FIELDS,
                    row_id=application_id,
                ),
                type=list[Compared],
            ),
        )
        for row in rows
    ]  # fmt: skip
