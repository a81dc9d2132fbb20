"""How the kinds of firm differ, for whoever chooses one; the numbers come from the statute."""

from __future__ import annotations

from onboarding.kinds.model import CapitalRule, FoundingLimits, KindOfFirm, Liability, Taxed
from onboarding.names import rules as names
from onboarding.names.model import EntityType

# Companies and partnerships file beneficial owners; households and the like do not.
FILES_OWNERS: frozenset[EntityType] = frozenset(
    {"limited_company", "joint_stock_company", "partnership"}
)
_SMALL = "小企业会计准则"
_WORDS: tuple[tuple[EntityType, str, Liability, CapitalRule, Taxed, str, tuple[str, ...]], ...] = (
    ("limited_company", "有限责任公司", "limited", "subscribed", "corporate", _SMALL,
     ("legal_representative", "shareholder", "director", "manager", "supervisor")),
    ("joint_stock_company", "股份有限公司", "limited", "paid_before", "corporate",
     "企业会计准则",
     ("legal_representative", "shareholder", "director", "manager", "supervisor")),
    ("sole_proprietorship", "个人独资企业", "unlimited", "declared", "business_income", _SMALL,
     ("investor",)),
    ("partnership", "合伙企业", "by_partner", "agreed", "pass_through", _SMALL,
     ("legal_representative", "partner")),
    ("individual_household", "个体工商户", "unlimited", "none", "business_income",
     "简易账或小企业会计准则", ("operator",)),
    ("farmers_cooperative", "农民专业合作社", "limited", "agreed", "corporate",
     "农民专业合作社会计制度", ("legal_representative", "member")),
)  # fmt: skip
# One natural person owns these, and nobody else may.
OF_ONE_PERSON: frozenset[EntityType] = frozenset({"sole_proprietorship", "individual_household"})


def kinds(limits: FoundingLimits) -> list[KindOfFirm]:
    """Every kind that can be founded here, as the statute of the day has it."""
    found = []
    for entity_type, zh, liability, capital, taxed, accounting, signs in _WORDS:
        fewest, most = limits.shareholders.get(entity_type, (1, 1))
        found.append(
            KindOfFirm(
                entity_type=entity_type, zh=zh, liability=liability, fewest_owners=fewest,
                most_owners=most, only_persons=entity_type in OF_ONE_PERSON, capital=capital,
                paid_in_years=limits.paid_in_years if capital == "subscribed" else None,
                taxed=taxed, accounting=accounting, endings=list(names.FORMS[entity_type]),
                files_beneficial_owners=entity_type in FILES_OWNERS, signs=list(signs),
            )
        )  # fmt: skip
    return found
