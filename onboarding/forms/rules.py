"""What follows from the form: who owns, who signs, which text they sign, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.money import yuan
from app.vault import mask_phone, mask_resident_id
from onboarding.forms.model import (
    MaskedDraft,
    MaskedOfficer,
    MaskedPerson,
    MaskedShareholder,
    RegistrationDraft,
    Shareholder,
)
from onboarding.kinds.rules import FILES_OWNERS
from onboarding.names.model import Finding
from onboarding.owners import rules as owners
from onboarding.owners.model import BeneficialOwner, Edge
from onboarding.signatures import rules as signatures
from onboarding.signatures.model import Capacity, Signatory

MILLION = 1_000_000
TITLE = "企业设立登记申请书"
CAPACITIES: dict[Capacity, str] = {
    "legal_representative": "法定代表人（负责人）", "operator": "经营者", "investor": "投资人",
    "shareholder": "股东", "partner": "合伙人", "member": "成员", "director": "董事",
    "manager": "经理", "supervisor": "监事",
}  # fmt: skip
_HEAD: dict[str, Capacity] = {"individual_household": "operator", "sole_proprietorship": "investor"}
_HOLDER: dict[str, Capacity] = {"partnership": "partner", "farmers_cooperative": "member"}


# --- who owns -----------------------------------------------------------------------------------


def edges(draft: RegistrationDraft, *, target: str) -> list[Edge]:
    """Who owns whom: our firm's shareholders by what they subscribed, above them by ppm."""
    own = [
        Edge(
            held=target, holder=holder.id_number, person=holder.kind == "person",
            part=holder.subscribed_fen, whole=draft.capital_fen,
        )
        for holder in draft.shareholders
    ]  # fmt: skip
    above = [
        Edge(held=h.held, holder=h.holder, person=h.person, part=h.ppm, whole=MILLION)
        for h in draft.holdings
    ]
    return own + above


def names_of(draft: RegistrationDraft, *, target: str) -> dict[str, str]:
    """Everybody in the chain of ownership by number; the firm itself as `target`."""
    found = {target: draft.name}
    found |= {h.holder: h.holder_name for h in draft.holdings}
    found |= {control.holder: control.holder_name for control in draft.controls}
    found |= {holder.id_number: holder.name for holder in draft.shareholders}
    person = draft.legal_representative
    return found | ({person.id_number: person.name} if person else {})


def owners_of(draft: RegistrationDraft, *, at_least_ppm: int, target: str) -> list[BeneficialOwner]:
    """The beneficial owners; none for kinds that need none or while there is no representative.

    Raises ValueError with a finding's code when the chain is not whole.
    """
    person = draft.legal_representative
    if person is None or draft.entity_type not in FILES_OWNERS:
        return []
    return owners.beneficial_owners(
        target, edges(draft, target=target), at_least_ppm=at_least_ppm,
        in_charge=person.id_number, controls=draft.controls,
    )  # fmt: skip


# --- who signs ----------------------------------------------------------------------------------


def _holder(holder: Shareholder, capacity: Capacity) -> tuple[Signatory | None, str]:
    """Who signs for a subscriber, or whose phone or representative is missing."""
    if holder.kind == "firm":
        person = holder.representative
        if person is None:
            return None, "representative_missing"
        return Signatory(
            name=person.name, id_number=person.id_number, phone=person.phone,
            capacities=[capacity],
        ), ""  # fmt: skip
    return Signatory(
        name=holder.name, id_number=holder.id_number, phone=holder.phone or "",
        capacities=[capacity],
    ), ""  # fmt: skip


def signatories(draft: RegistrationDraft) -> tuple[list[Signatory], list[Finding]]:
    """Everyone who signs, once, with all capacities; and who cannot be reached."""
    asked, findings = [], []
    person = draft.legal_representative
    if person is not None:
        capacity = _HEAD.get(draft.entity_type, "legal_representative")
        asked.append(
            Signatory(
                name=person.name, id_number=person.id_number, phone=person.phone,
                capacities=[capacity],
            )
        )  # fmt: skip
    for holder in draft.shareholders:
        capacity = _HOLDER.get(draft.entity_type, "shareholder")
        signer, code = _holder(holder, capacity)
        if signer is None:
            findings.append(Finding(code=code, zh="缺少代表签署的人员", subject=holder.name))
        else:
            asked.append(signer)
    asked += [
        Signatory(
            name=officer.name, id_number=officer.id_number, phone=officer.phone,
            capacities=[officer.position],
        )
        for officer in draft.officers
    ]  # fmt: skip
    # Whoever appears twice may have given the phone only once.
    phones = {one.id_number: one.phone for one in asked if one.phone}
    reached = [msgspec.structs.replace(one, phone=phones.get(one.id_number, "")) for one in asked]
    everyone = signatures.merged(reached)
    findings += [
        Finding(code="phone_missing", zh="缺少签署人手机号码", subject=one.name)
        for one in everyone
        if not one.phone
    ]
    return everyone, findings


# --- what they sign -----------------------------------------------------------------------------


def digest(draft: RegistrationDraft) -> str:
    """SHA-256 of the whole form, numbers and phones included, in hexadecimal."""
    return signatures.digest(
        msgspec.json.encode(draft, order="deterministic").decode()
    ).hex()  # fmt: skip


def text(draft: RegistrationDraft, *, version: int) -> str:
    """What everyone reads and signs: the form in words, numbers masked, and the digest of the whole
    form with them in clear, so that nothing of it can be changed afterwards."""
    person = draft.legal_representative
    lines = [
        f"{TITLE}（第{version}版）",
        f"名称：{draft.name}",
        f"住所：{draft.address or ''}",
        f"经营范围：{'；'.join(draft.scope)}",
        f"注册资本（出资额）：人民币{yuan(draft.capital_fen)}元",
    ]
    if person is not None:
        lines.append(f"负责人：{_who(person.name, person.id_number)}")
    lines += [_holder_line(holder) for holder in draft.shareholders]
    lines += [
        f"{CAPACITIES[officer.position]}：{_who(officer.name, officer.id_number)}"
        for officer in draft.officers
    ]
    if draft.entity_type == "limited_company":
        if not draft.officers:
            lines.append("不设董事会和监事，由负责人担任董事兼经理，全体股东一致同意。")
        elif not any(officer.position == "supervisor" for officer in draft.officers):
            lines.append("不设监事，全体股东一致同意。")
    if draft.name_commitment:
        lines.append("申报人承诺：名称与他人名称近似造成的后果由申报人承担。")
    lines += [
        "签署人承诺：所填信息真实、准确、完整，并同意以电子方式签署本申请书。",
        f"申请信息摘要（SHA-256）：{digest(draft)}",
    ]
    return "\n".join(lines)


def _who(name: str, number: str) -> str:
    return f"{name}（{mask_resident_id(number)}）"


def _holder_line(holder: Shareholder) -> str:
    number = holder.id_number if holder.kind == "firm" else mask_resident_id(holder.id_number)
    due = f"，{holder.due_on.isoformat()}前缴足" if holder.due_on else ""
    paid = f"，已缴{yuan(holder.paid_fen)}元" if holder.paid_fen else ""
    return f"出资人：{holder.name}（{number}），认缴{yuan(holder.subscribed_fen)}元{paid}{due}"


# --- what is shown ------------------------------------------------------------------------------


def changed(before: RegistrationDraft, after: RegistrationDraft) -> list[str]:
    """The names of the fields that differ between two versions of a form."""
    fields: Iterable[str] = RegistrationDraft.__struct_fields__
    return [name for name in fields if getattr(before, name) != getattr(after, name)]


def masked(draft: RegistrationDraft) -> MaskedDraft:
    """The form with ids and phones masked (JR/T 0171-2020)."""
    person = draft.legal_representative
    return MaskedDraft(
        entity_type=draft.entity_type, name=draft.name, area_code=draft.area_code,
        address=draft.address, industry_code=draft.industry_code, scope=draft.scope,
        capital_fen=draft.capital_fen, staff_count=draft.staff_count,
        legal_representative=None
        if person is None
        else MaskedPerson(
            name=person.name,
            id_number=mask_resident_id(person.id_number),
            phone=mask_phone(person.phone),
        ),
        shareholders=[_masked_holder(holder) for holder in draft.shareholders],
        officers=[
            MaskedOfficer(
                name=officer.name, id_number=mask_resident_id(officer.id_number),
                phone=mask_phone(officer.phone), position=officer.position,
                of_staff=officer.of_staff,
            )
            for officer in draft.officers
        ],
        by_owner=draft.by_owner, bank_branch=draft.bank_branch,
    )  # fmt: skip


def _masked_holder(holder: Shareholder) -> MaskedShareholder:
    person = holder.kind == "person"
    return MaskedShareholder(
        name=holder.name,
        id_number=mask_resident_id(holder.id_number) if person else holder.id_number,
        kind=holder.kind, role=holder.role,
        subscribed_fen=holder.subscribed_fen, paid_fen=holder.paid_fen,
        form=holder.form, due_on=holder.due_on,
    )  # fmt: skip
