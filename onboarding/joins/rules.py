"""Whether the register lets somebody prove that a firm is theirs, and what they sign."""

from __future__ import annotations

from datetime import date
from typing import Literal

from app.reference import rules as identifiers
from app.vault import mask_resident_id
from onboarding.joins.model import JoinRefused, JoinState, NewJoin, RegisterEntry
from onboarding.names.model import Finding

TITLE = "企业入驻授权书"
IN_BUSINESS = "存续"


def faults(new: NewJoin, *, today: date) -> list[Finding]:
    """What is wrong with a code and a number by their own rules."""
    found = []
    code = identifiers.uscc(new.uscc)
    if not code.valid:
        found.append(
            Finding(code=f"uscc_{code.reason}", zh="统一社会信用代码有误", subject=new.uscc)
        )
    person = new.legal_representative
    number = identifiers.resident_id(person.id_number, today=today)
    if not number.valid:
        found.append(
            Finding(code=f"id_number_{number.reason}", zh="身份证号码有误", subject=person.name)
        )
    return found


def refusal(entry: RegisterEntry | None, *, representative: str) -> JoinRefused | None:
    """Why nobody is asked to sign; None where the register names this very representative."""
    if entry is None:
        return "not_on_register"
    if entry.status != IN_BUSINESS:
        return "register_status"
    if entry.legal_representative != representative:
        return "legal_representative_differs"
    return None


def text(entry: RegisterEntry, *, uscc: str, name: str, id_number: str, phone: str) -> str:
    """What the legal representative reads and signs."""
    return "\n".join(
        [
            TITLE,
            f"企业名称：{entry.name}",
            f"统一社会信用代码：{uscc}",
            f"法定代表人（负责人）：{name}（{mask_resident_id(id_number)}）",
            f"本人确认代表上述企业入驻，并授权手机号码{phone}的用户作为本企业的管理人。",
            "本人同意以电子方式签署，并同意为核验身份比对本人面部图像。",
        ]
    )


def acts(state: JoinState) -> Literal["registry", "legal_representative", "nobody"]:
    """Who does the next thing."""
    if state == "asked":
        return "registry"
    return "legal_representative" if state == "proving" else "nobody"
