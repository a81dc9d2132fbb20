"""What each check compares, what its findings weigh, and the route that follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from app.reference import rules as identifiers
from onboarding.applications.model import Route
from onboarding.checks.model import Check, CheckKind, Facts, Result, Verdict

# Points of each reason code; None refers the application to the branch whatever the rest says
# (银发〔2019〕41号: refuse where name, code, representative or licence conflict). The points are
# the bank's own policy.
WEIGHTS: Mapping[str, int | None] = {
    "registry_not_found": None,
    "registry_status": None,
    "name_differs": None,
    "legal_representative_differs": None,
    "address_differs": 30,
    "capital_differs": 10,
    "licence_expired": None,
    "licence_expires_soon": 10,
    "new_firm": 20,
    "id_invalid": None,
    "id_expired": None,
    "under_age": None,
    "id_validity_unknown": 5,
    "face_differs": None,
    "face_not_taken": 15,
    "on_watch_list": None,
    "possible_watch_list_match": 40,
    "on_risk_list": 40,
    "basic_account_elsewhere": None,
    "amount_out_of_scale": 10,
    "address_shared": 10,
    "address_shared_by_many": 30,
    "phone_shared": 10,
    "phone_shared_by_many": 30,
    "legal_rep_shared": 10,
    "legal_rep_shared_by_many": 40,
}
TWO_REVIEWERS_FROM = 20
BRANCH_FROM = 80
NEW_FIRM_DAYS = 180
SOON_DAYS = 30
MANY = 3
ADULT_YEARS = 18
SCALE = 20


def _check(kind: CheckKind, codes: list[str], evidence: Mapping[str, object]) -> Check:
    hard = any(WEIGHTS[code] is None for code in codes)
    result: Result = "failed" if hard else "noted" if codes else "passed"
    return Check(kind=kind, result=result, codes=codes, evidence=dict(evidence))


def _plain(text: str) -> str:
    """Brackets and blanks as everyone types them."""
    return text.translate(str.maketrans("（）", "()")).replace(" ", "")


def registry(facts: Facts) -> Check:
    """The application's fields against the public register, one by one."""
    entry, claimed = facts.register, facts.claimed
    if entry is None:
        return _check("registry", ["registry_not_found"], {"found": False})
    same = {
        "name": _plain(entry.name) == _plain(claimed.account_name),
        "legal_representative": entry.legal_representative == claimed.legal_representative,
        "address": _plain(entry.address) == _plain(claimed.address),
        "capital": entry.capital_fen == claimed.capital_fen,
    }
    codes = [f"{field}_differs" for field, equal in same.items() if not equal]
    if entry.status != "存续":
        codes.insert(0, "registry_status")
    return _check(
        "registry",
        codes,
        {"found": True, "status": entry.status, "register_capital_fen": entry.capital_fen}
        | {f"{field}_same": equal for field, equal in same.items()},
    )


def licence(facts: Facts, *, today: date) -> Check:
    """Is the licence in force, and how old is the firm?"""
    claimed, codes = facts.claimed, []
    until = claimed.licence_until
    if until is not None and until < today:
        codes.append("licence_expired")
    elif until is not None and until < today + timedelta(days=SOON_DAYS):
        codes.append("licence_expires_soon")
    age_days = (today - claimed.established_on).days
    if age_days < NEW_FIRM_DAYS:
        codes.append("new_firm")
    if claimed.capital_fen and claimed.expected_monthly_fen > SCALE * claimed.capital_fen:
        codes.append("amount_out_of_scale")
    evidence = {"valid_until": until.isoformat() if until else None, "age_days": age_days}
    return _check("licence", codes, evidence)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def resident_id(facts: Facts, *, today: date) -> Check:
    """The representative's number by its own rules, its term, and whether they are of age."""
    claimed = facts.claimed
    checked = identifiers.resident_id(claimed.id_number, today=today)
    if not checked.valid:
        return _check("resident_id", ["id_invalid"], {"reason": checked.reason})
    codes = []
    if claimed.id_valid_until is None:
        codes.append("id_validity_unknown")
    elif claimed.id_valid_until < today:
        codes.append("id_expired")
    if _years(date.fromisoformat(checked.parts["birth_date"]), today) < ADULT_YEARS:
        codes.append("under_age")
    until = claimed.id_valid_until
    return _check(
        "resident_id", codes, {"valid": True, "valid_until": until.isoformat() if until else None}
    )


def face(facts: Facts) -> Check:
    """The identity check's answer; nobody must be filmed: without a picture the branch compares."""
    answer = facts.face
    if answer is None:
        return _check("face", ["face_not_taken"], {"taken": False})
    evidence = {"taken": True, "score_ppm": answer.score_ppm, "code": answer.code}
    return _check("face", [] if answer.matched else ["face_differs"], evidence)


def watch_list(facts: Facts) -> Check:
    """Hits that are certain on a penalty or sanction list stop it; others want a person's eye."""
    codes = set()
    for hit in facts.hits:
        if not hit.certain:
            codes.add("possible_watch_list_match")
        elif hit.list == "risk":
            codes.add("on_risk_list")
        else:
            codes.add("on_watch_list")
    hits = [
        {"part": hit.part, "list": hit.list, "how": hit.how, "entry_id": hit.entry_id}
        for hit in facts.hits
    ]
    return _check("watch_list", sorted(codes), {"hits": hits})


def basic_account(facts: Facts) -> Check:
    """A firm has one basic account, at any bank (人民币银行结算账户管理办法 Art. 4)."""
    elsewhere = facts.basic_account_elsewhere and facts.claimed.account_class == "basic"
    codes = ["basic_account_elsewhere"] if elsewhere else []
    return _check("basic_account", codes, {"elsewhere": facts.basic_account_elsewhere})


def reuse(facts: Facts) -> Check:
    """Address, phone and representative that other firms' openings have in common with this."""
    shared, codes = facts.shared, []
    for kind in ("address", "phone", "legal_rep"):
        if shared.get(kind, 0) >= MANY:
            codes.append(f"{kind}_shared_by_many")
        elif shared.get(kind, 0):
            codes.append(f"{kind}_shared")
    return _check("reuse", codes, {f"{kind}_firms": count for kind, count in shared.items()})


def run(facts: Facts, *, today: date) -> list[Check]:
    """All checks, in the order a reviewer reads them."""
    return [
        registry(facts),
        licence(facts, today=today),
        resident_id(facts, today=today),
        face(facts),
        watch_list(facts),
        basic_account(facts),
        reuse(facts),
    ]


def judge(checks: list[Check]) -> Verdict:
    """The score is the sum of the points; a code without points, or too many, needs the branch."""
    codes = [code for check in checks for code in check.codes]
    score = sum(WEIGHTS[code] or 0 for code in codes)
    hard = any(WEIGHTS[code] is None for code in codes)
    route: Route = "one_reviewer"
    if hard or score >= BRANCH_FROM:
        route = "branch"
    elif score >= TWO_REVIEWERS_FROM:
        route = "two_reviewers"
    return Verdict(risk_score=score, reason_codes=codes, route=route)


def levels(route: Route) -> int:
    """How many different reviewers a route asks for."""
    return 2 if route == "two_reviewers" else 1
