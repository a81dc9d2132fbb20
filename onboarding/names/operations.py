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
    AlikeName,
    Declared,
    Finding,
    NameAnswer,
    NameNotExtendable,
    NameParts,
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
    parts, findings, alike = await _examine(work, question)
    taken = await _taken(work, question, [rules.same_name_key(parts)])
    if taken:
        findings.append(Finding(code="taken", zh="同一登记机关同行业已有相同名称"))
    refused = rules.refused(findings)
    return NameAnswer(
        acceptable=not refused,
        parts=parts,
        findings=findings,
        suggestions=await _suggest(work, question, parts) if refused else [],
        alike=alike,
    )


async def _examine(
    work: Work, question: NameQuestion
) -> tuple[NameParts, list[Finding], list[AlikeName]]:
    """How a name is read, what the rules say of it, and which names sound like it."""
    places = divisions(question.area_code)
    parts = rules.read_name(question.name, divisions=places)
    findings = rules.check_name(
        question.name, entity_type=question.entity_type, divisions=places,
        approved=question.approval is not None,
    )  # fmt: skip
    alike = await work.all(
        AlikeName, sql.names_alike, authority=authority(question.area_code),
        industry=parts.industry, sound=rules.sound(parts.trade_name),
        name_key=rules.same_name_key(parts), asker=work.tenant or NOBODY,
    )  # fmt: skip
    findings += rules.check_alike(parts, alike, commitment=question.commitment)
    return parts, findings, alike


async def _taken(work: Work, question: NameQuestion, keys: list[str]) -> list[str]:
    return await work.all(
        str, sql.names_taken, authority=authority(question.area_code), name_keys=keys,
        asker=work.tenant or NOBODY,
    )  # fmt: skip


async def _suggest(work: Work, question: NameQuestion, parts: NameParts) -> list[str]:
    """Names near to the wish that pass every rule and that nobody has."""
    places = divisions(question.area_code)
    mended = rules.mended(parts, entity_type=question.entity_type, divisions=places)
    ideas = rules.ideas(mended)
    taken = await _taken(work, question, [idea + mended.industry for idea in ideas])
    names = [rules.rewrite(mended, idea) for idea in ideas if idea + mended.industry not in taken]
    fit = [
        name
        for name in names
        if name != question.name
        and not rules.check_name(name, entity_type=question.entity_type, divisions=places)
    ]
    return fit[:5]


async def declare(work: Work, *, question: NameQuestion, reserved_until: date) -> Declared:
    """Reserve a name for the firm; what it is compared by, and until when it holds.

    Whoever has reserved it keeps the time that runs. Raises NameRefused, NameTaken.
    """
    parts, findings, _ = await _examine(work, question)
    if rules.refused(findings):
        raise NameRefused(
            findings=msgspec.to_builtins(findings),
            suggestions=await _suggest(work, question, parts),
        )
    key = rules.same_name_key(parts)
    until = await work.maybe(
        date, sql.declare_name, authority=authority(question.area_code), name_key=key,
        name=question.name, trade_name=parts.trade_name, industry=parts.industry,
        sound=rules.sound(parts.trade_name), reserved_until=reserved_until,
    )  # fmt: skip
    if until is None:
        raise NameTaken(
            name=question.name, suggestions=await _suggest(work, question, parts)
        )  # fmt: skip
    return Declared(name_key=key, reserved_until=until)


async def extend(work: Work, *, area_code: str, name_key: str, reserved_until: date) -> None:
    """Keep a reserved name longer, once (实施办法 Art. 23); NameNotExtendable."""
    if not await work.run(
        sql.extend, authority=authority(area_code), name_key=name_key,
        reserved_until=reserved_until,
    ):  # fmt: skip
        raise NameNotExtendable()


async def let_go(work: Work, *, area_code: str, name_key: str) -> None:
    """Others may have the name from now on."""
    await work.run(sql.let_go_of_name, authority=authority(area_code), name_key=name_key)


async def keep(work: Work, *, area_code: str, name_key: str) -> None:
    """The firm exists: the name is its own without an end."""
    await work.run(sql.keep_name, authority=authority(area_code), name_key=name_key)
