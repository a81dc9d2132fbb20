"""What each class of account asks for, by the form alone; the outside is asked by the checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from onboarding.classes.model import AccountClass, ClassPolicy, ClassTerms, Opening, ProofKind

PROOF: Mapping[AccountClass, ProofKind] = {
    "special": "special_purpose_proof",
    "temporary": "temporary_proof",
}


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for back in range(4):
        try:
            return date(year, month + 1, day.day - back)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def refusal(
    account_class: AccountClass,
    terms: ClassTerms,
    *,
    has_basic: bool,
    policy: ClassPolicy,
    today: date,
) -> str | None:
    """Why this class cannot be opened on these terms.

    人民币银行结算账户管理办法 (Order [2003] 5) Art. 4, 11-14: one basic account in the whole
    country, and first; a special account has a purpose, a temporary one a reason and a term of at
    most two years. `has_basic` is what this bank knows; other banks are asked by the checks.
    """
    given = {
        "special_purpose": (terms.special_purpose, "special"),
        "temporary_reason": (terms.temporary_reason, "temporary"),
        "until_on": (terms.until_on, "temporary"),
    }
    for name, (value, of_class) in given.items():
        if (value is not None) and account_class != of_class:
            return f"{name}_not_for_{account_class}"
    if account_class == "basic":
        return "basic_account_exists" if has_basic else None
    if not has_basic and terms.basic_account_number is None:
        return "basic_account_first"
    if account_class == "special" and terms.special_purpose is None:
        return "special_purpose_needed"
    if account_class == "temporary":
        return _term(terms, policy=policy, today=today)
    return None


def _term(terms: ClassTerms, *, policy: ClassPolicy, today: date) -> str | None:
    if terms.temporary_reason is None:
        return "temporary_reason_needed"
    if terms.until_on is None or terms.until_on <= today:
        return "term_needed"
    if terms.until_on > months_later(today, policy.temporary_months_most):
        return "term_too_long"
    return None


def simplified_refusal(
    opening: Opening,
    account_class: AccountClass,
    *,
    entity_type: str,
    capital_fen: int,
    policy: ClassPolicy,
) -> str | None:
    """Why the simplified way is not for this firm: it is for small firms' basic accounts."""
    if opening == "full":
        return None
    if account_class != "basic":
        return "simplified_for_basic_only"
    small = capital_fen <= policy.simplified_capital_most_fen
    if entity_type not in policy.simplified_types or not small:
        return "simplified_for_small_firms_only"
    return None


def documents(account_class: AccountClass) -> list[ProofKind]:
    """What this class must prove by paper."""
    proof = PROOF.get(account_class)
    return [] if proof is None else [proof]
