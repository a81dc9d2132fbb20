"""The course of an application: which step may follow, whose turn it is, what must be attached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from app.vault import mask_phone, mask_resident_id
from onboarding.applications.model import (
    Application,
    ApplicationRow,
    ApplicationState,
    Document,
    DocumentKind,
    LicenceFacts,
    MaskedRepresentative,
    NextTurn,
    Private,
    Representative,
    Side,
    Turn,
)
from onboarding.classes import rules as classes
from onboarding.classes.model import AccountClass
from onboarding.joins.model import Private as Joined

NEXT: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    "draft": frozenset({"submitted", "cancelled"}),
    "submitted": frozenset({"reviewing", "approved", "referred", "cancelled"}),
    "reviewing": frozenset({"approved", "refused", "returned", "cancelled"}),
    "returned": frozenset({"submitted", "cancelled"}),
    "approved": frozenset({"active", "refused", "cancelled"}),
    "active": frozenset(),
    "refused": frozenset(),
    "referred": frozenset(),
    "cancelled": frozenset(),
}
ENDED = frozenset(state for state, following in NEXT.items() if not following)
EDITABLE = frozenset({"draft", "returned"})
ACTS: Mapping[ApplicationState, Side | None] = {
    "draft": "applicant",
    "submitted": "system",
    "reviewing": "reviewer",
    "returned": "applicant",
    "approved": "branch",
}


def may_move(state: ApplicationState, following: ApplicationState) -> bool:
    """Whether an application in one state may go to another."""
    return following in NEXT[state]


def next_turn(state: ApplicationState, due: datetime | None) -> NextTurn:
    """Whose turn it is and until when."""
    return NextTurn(acts=ACTS.get(state), due_at=due)


def missing_documents(
    attached: Collection[DocumentKind],
    *,
    account_class: AccountClass,
    electronic_licence: bool,
    handed_in: bool,
) -> list[DocumentKind]:
    """What must still be attached. A firm registered through us brings its electronic licence; a
    portal that hands in an application has seen the papers; some classes prove their purpose."""
    if handed_in:
        return []
    needed: list[DocumentKind] = ["legal_rep_id_front", "legal_rep_id_back"]
    if not electronic_licence:
        needed.insert(0, "licence")
    needed += classes.documents(account_class)
    return [kind for kind in needed if kind not in attached]


def account_name(licence: LicenceFacts, *, operator: str) -> str | None:
    """The account's name is the licence's; a household without a name takes its operator's."""
    if licence.name is None and licence.entity_type == "individual_household":
        return f"个体户{operator}"
    return licence.name


def of_the_register(uscc: str, known: Joined) -> tuple[LicenceFacts, Representative]:
    """Licence and representative of a firm that joined, as the register had them and as signed."""
    entry, person = known.register, known.legal_representative
    assert entry is not None, "whoever joined was found on the register"
    licence = LicenceFacts(
        name=entry.name, uscc=uscc, entity_type=entry.entity_type, area_code=entry.area_code,
        address=entry.address, capital_fen=entry.capital_fen,
        established_on=entry.registered_on, licence_number=entry.licence_number,
    )  # fmt: skip
    return licence, Representative(
        name=person.name, id_number=person.id_number, phone=person.phone
    )  # fmt: skip


def masked(person: Representative) -> MaskedRepresentative:
    """The representative as people may see them: number and phone masked (JR/T 0171-2020)."""
    return MaskedRepresentative(
        name=person.name,
        id_number=mask_resident_id(person.id_number),
        phone=mask_phone(person.phone),
    )


def shown(
    row: ApplicationRow, secret: Private, *, attached: list[Document], timeline: list[Turn]
) -> Application:
    """An application as its owner sees it."""
    return Application(
        id=row.id,
        business_id=row.business_id,
        state=row.state,
        version=row.version,
        branch=row.branch,
        account_class=row.account_class,
        opening=row.opening,
        terms=row.terms,
        account_name=row.account_name,
        uscc=row.uscc,
        address=secret.address,
        legal_representative=masked(secret.legal_representative),
        purpose=row.purpose,
        number=row.number,
        decision_codes=row.decision_codes,
        documents=attached,
        missing_documents=missing_documents(
            [document.kind for document in attached],
            account_class=row.account_class,
            electronic_licence=row.registration_id is not None,
            handed_in=row.client_id is not None,
        ),
        next=next_turn(row.state, row.due_at),
        timeline=timeline,
        account_id=row.account_id,
        filing_number=row.filing_number,
    )
