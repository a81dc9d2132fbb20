"""Look names up, reserve them, keep them for good or let them go."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from app.queries import load
from app.reference import tables
from app.work import Work
from onboarding.names import rules
from onboarding.names.model import (
    EntityType,
    Finding,
    NameAnswer,
    NameQuestion,
    NameRefused,
    NameTaken,
)

sql = load(__name__)

NOBODY = UUID(int=0)


def divisions(area_code: str) -> tuple[str, ...]:
    """The names of a place from province to county, as far as the code is known."""
    named = tables.areas()
    codes = (f"{area_code[:2]}0000", f"{area_code[:4]}00", area_code)
    found = [named[code] for code in dict.fromkeys(codes) if code in named]
    return tuple(name for name in found if name not in ("市辖区", "县"))


def authority(area_code: str) -> str:
    """The registration authority of a place: the city's, whose counties share one list of names."""
    return f"{area_code[:4]}00"


async def check(work: Work, *, question: NameQuestion) -> NameAnswer:
    """Whether a name may be declared, and ideas when it may not; nothing is reserved."""
    places = divisions(question.area_code)
    parts = rules.read_name(question.name, divisions=places)
    findings = rules.check_name(question.name, entity_type=question.entity_type, divisions=places)
    ideas = rules.ideas(parts)
    key = rules.same_name_key(parts)
    taken = await work.all(
        str,
        sql.names_taken,
        authority=authority(question.area_code),
        name_keys=[key, *(idea + parts.industry for idea in ideas)],
        asker=work.tenant or NOBODY,
    )
    if key in taken:
        findings.append(Finding(code="taken", zh="同一登记机关同行业已有相同名称"))
    free = [idea for idea in ideas if idea + parts.industry not in taken]
    suggestions = [rules.rewrite(parts, idea) for idea in free[:5]] if findings else []
    return NameAnswer(
        acceptable=not findings,
        parts=parts,
        findings=findings,
        suggestions=[
            name
            for name in suggestions
            if not rules.check_name(name, entity_type=question.entity_type, divisions=places)
        ],
    )


async def declare(
    work: Work, *, name: str, entity_type: EntityType, area_code: str, reserved_until: date
) -> str:
    """Reserve a name for the firm; the key it is compared by. Raises NameRefused, NameTaken."""
    places = divisions(area_code)
    findings = rules.check_name(name, entity_type=entity_type, divisions=places)
    if findings:
        raise NameRefused(findings=msgspec.to_builtins(findings))
    key = rules.same_name_key(rules.read_name(name, divisions=places))
    declared = await work.maybe(
        str,
        sql.declare_name,
        authority=authority(area_code),
        name_key=key,
        name=name,
        reserved_until=reserved_until,
    )
    if declared is None:
        raise NameTaken(name=name)
    return key


async def let_go(work: Work, *, area_code: str, name_key: str) -> None:
    """Others may have the name from now on."""
    await work.run(sql.let_go_of_name, authority=authority(area_code), name_key=name_key)


async def keep(work: Work, *, area_code: str, name_key: str) -> None:
    """The firm exists: the name is its own without an end."""
    await work.run(sql.keep_name, authority=authority(area_code), name_key=name_key)
