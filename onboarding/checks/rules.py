"""What each check compares, what its findings weigh, and the route that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app.reference import rules as identifiers
from onboarding.applications.model import Route
from onboarding.checks.model import (
    Check,
    CheckKind,
    Compared,
    Facts,
    HitFound,
    Origin,
    Result,
    RiskPolicy,
    Shared,
    Verdict,
)

# The register's word for a firm in good standing; every other one stops an opening.
IN_STANDING = "存续"
NOT_THE_PERSON = frozenset({"id_number", "name"})
# What several firms of one person have in common; an office building is shared by strangers.
RELATED = frozenset({"legal_rep", "owner"})
OF_A_BATCH = frozenset({"address", "phone", "legal_rep"})
# Whether fewer than many is worth a word at all.
NOTED_FROM_ONE = frozenset({"address", "phone", "legal_rep"})


def _check(
    kind: CheckKind,
    codes: list[str],
    evidence: Mapping[str, object],
    *,
    policy: RiskPolicy,
    fields: Sequence[Compared] = (),
) -> Check:
    hard = any(policy.points[code] is None for code in codes)
    result: Result = "failed" if hard else "noted" if codes else "passed"
    return Check(
        kind=kind, result=result, codes=codes, evidence=dict(evidence), fields=list(fields)
    )


def _plain(text: str) -> str:
    """Brackets and blanks as everyone types them."""
    return text.translate(str.maketrans("（）", "()")).replace(" ", "")


def _compared(
    field: str, ours: object, theirs: object | None, *, origin: Origin, loose: bool = False
) -> Compared:
    one, other = str(ours), None if theirs is None else str(theirs)
    same = one == other or (loose and other is not None and _plain(one) == _plain(other))
    return Compared(field=field, ours=one, theirs=other, same=same, origin=origin)


def registry(facts: Facts, *, policy: RiskPolicy) -> Check:
    """The application's fields against the public register, one by one."""
    entry, claimed = facts.register, facts.claimed
    if entry is None:
        return _check("registry", ["registry_not_found"], {"found": False}, policy=policy)
    fields = [
        _compared("name", claimed.account_name, entry.name, origin="public_register", loose=True),
        _compared(
            "legal_representative", claimed.legal_representative, entry.legal_representative,
            origin="public_register",
        ),
        _compared("address", claimed.address, entry.address, origin="public_register", loose=True),
        _compared("capital", claimed.capital_fen, entry.capital_fen, origin="public_register"),
    ]  # fmt: skip
    if entry.registered_on is not None:
        fields += [
            _compared(
                "established", claimed.established_on, entry.registered_on,
                origin="public_register",
            ),
            _compared("type", claimed.entity_type, entry.entity_type, origin="public_register"),
        ]  # fmt: skip
    codes = [f"{one.field}_differs" for one in fields if not one.same]
    if entry.status != IN_STANDING:
        codes.insert(0, "registry_status")
    evidence = {"found": True, "status": entry.status, "register_capital_fen": entry.capital_fen}
    same = {f"{one.field}_same": one.same for one in fields}
    return _check("registry", codes, evidence | same, policy=policy, fields=fields)


def licence(facts: Facts, *, today: date, policy: RiskPolicy) -> Check:
    """Is the licence in force, and how old is the firm?"""
    claimed, codes = facts.claimed, []
    until = claimed.licence_until
    if until is not None and until < today:
        codes.append("licence_expired")
    elif until is not None and until < today + timedelta(days=policy.soon_days):
        codes.append("licence_expires_soon")
    age_days = (today - claimed.established_on).days
    if age_days < policy.new_firm_days:
        codes.append("new_firm")
    if claimed.capital_fen and claimed.expected_monthly_fen > policy.scale * claimed.capital_fen:
        codes.append("amount_out_of_scale")
    evidence = {"valid_until": until.isoformat() if until else None, "age_days": age_days}
    return _check("licence", codes, evidence, policy=policy)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def resident_id(facts: Facts, *, today: date, policy: RiskPolicy) -> Check:
    """The representative's number by its own rules and by the population register, its term, and
    whether they are of age."""
    claimed, answer = facts.claimed, facts.face
    checked = identifiers.resident_id(claimed.id_number, today=today)
    if not checked.valid:
        evidence = {"valid": False, "reason": checked.reason}
        return _check("resident_id", ["id_invalid"], evidence, policy=policy)
    codes = []
    known = answer is not None and (answer.matched or answer.code not in NOT_THE_PERSON)
    if answer is not None and not known:
        codes.append("id_not_in_register")
    if claimed.id_valid_until is None:
        codes.append("id_validity_unknown")
    elif claimed.id_valid_until < today:
        codes.append("id_expired")
    if _years(date.fromisoformat(checked.parts["birth_date"]), today) < policy.adult_years:
        codes.append("under_age")
    until = claimed.id_valid_until
    evidence = {
        "valid": True, "known": known, "valid_until": until.isoformat() if until else None,
    }  # fmt: skip
    fields = [
        Compared(
            field="legal_representative", ours=claimed.legal_representative,
            theirs=claimed.legal_representative if known else None, same=known,
            origin="population_register",
        )
    ]  # fmt: skip
    return _check("resident_id", codes, evidence, policy=policy, fields=fields)


def face(facts: Facts, *, policy: RiskPolicy) -> Check:
    """The representative's will, as far as a picture shows it; nobody must be filmed: without a
    picture the branch compares (人脸识别技术应用安全管理办法: another way must be open)."""
    answer = facts.face
    if answer is None or not answer.pictured:
        return _check("face", ["face_not_taken"], {"taken": False}, policy=policy)
    evidence = {"taken": True, "score_ppm": answer.score_ppm, "code": answer.code}
    codes = [] if answer.matched else ["face_differs"]
    return _check("face", codes, evidence, policy=policy)


def _code_of(hit: HitFound) -> str:
    if not hit.certain:
        return "possible_watch_list_match"
    return "on_risk_list" if hit.list == "risk" else "on_watch_list"


def watch_list(facts: Facts, *, policy: RiskPolicy) -> Check:
    """Hits that are certain on a penalty or sanction list stop it; others want a person's eye.
    Each says who was hit, by what, and how many letters differ."""
    codes = sorted({_code_of(hit) for hit in facts.hits})
    hits = [
        {
            "part": hit.part, "list": hit.list, "how": hit.how, "entry_id": hit.entry_id,
            "entry_version": hit.entry_version, "certain": hit.certain,
            "distance": hit.distance, "reason": hit.reason,
        }
        for hit in facts.hits
    ]  # fmt: skip
    return _check("watch_list", codes, {"hits": hits}, policy=policy)


def owners(facts: Facts, *, policy: RiskPolicy) -> Check:
    """The beneficial owners we computed against those filed (受益所有人信息管理办法 Art. 4);
    a register that has nothing yet says nothing against the firm."""
    ours, filed = facts.claimed.owners, facts.filed_owners
    by_id = {one.id_number: one.name for one in filed or []}
    own_ids = {one.id_number for one in ours}
    fields = [
        _compared("beneficial_owner", one.name, by_id.get(one.id_number), origin="owner_register")
        for one in ours
        if filed is not None
    ]
    missing = [name for number, name in by_id.items() if number not in own_ids]
    if ours:
        fields += [
            Compared(
                field="beneficial_owner", ours="", theirs=name, same=False, origin="owner_register"
            )
            for name in missing
        ]
    evidence = {
        "filed": filed is not None, "declared": len(ours), "filed_owners": len(by_id),
        "missing_here": len(missing) if ours else 0,
    }  # fmt: skip
    codes = [] if all(one.same for one in fields) else ["owners_differ"]
    return _check("owners", codes, evidence, policy=policy, fields=fields)


def basic_account(facts: Facts, *, policy: RiskPolicy) -> Check:
    """A firm has one basic account in the whole country, every other class refers to it, and a
    general account is not where it is (人民币银行结算账户管理办法 Art. 4, 11-14)."""
    claimed, basic = facts.claimed, facts.basic
    codes: list[str] = []
    fields: list[Compared] = []
    if claimed.account_class == "basic":
        if basic is not None or facts.own_basic_account:
            codes.append("basic_account_elsewhere")
    elif basic is None:
        codes.append("no_basic_account")
    else:
        if claimed.basic_account_number is not None:
            fields.append(
                _compared(
                    "basic_account_number", claimed.basic_account_number, basic.filing_number,
                    origin="account_system",
                )
            )  # fmt: skip
            if not fields[0].same:
                codes.append("basic_number_differs")
        if claimed.account_class == "general" and basic.bank_code == claimed.own_bank_code:
            codes.append("general_where_basic_is")
    evidence = {"elsewhere": basic is not None, "here": facts.own_basic_account}
    return _check("basic_account", codes, evidence, policy=policy, fields=fields)


def _reused(shared: Shared, *, policy: RiskPolicy) -> str | None:
    if shared.firms >= policy.many.get(shared.kind, shared.firms + 1):
        return f"{shared.kind}_shared_by_many"
    if shared.firms and shared.kind in NOTED_FROM_ONE:
        return f"{shared.kind}_shared"
    return None


def reuse(facts: Facts, *, policy: RiskPolicy) -> Check:
    """Address, phone, representative, owners and device that other firms' openings have in common
    with this: in all, within days of each other, and with those that the bank refused."""
    codes = [code for one in facts.shared if (code := _reused(one, policy=policy)) is not None]
    if any(one.lately >= policy.batch_firms and one.kind in OF_A_BATCH for one in facts.shared):
        codes.append("opened_in_batch")
    if any(one.refused and one.kind in RELATED for one in facts.shared):
        codes.append("related_to_refused")
    evidence: dict[str, object] = {}
    for one in facts.shared:
        evidence[f"{one.kind}_firms"] = one.firms
        evidence[f"{one.kind}_lately"] = one.lately
        evidence[f"{one.kind}_refused"] = one.refused
    return _check("reuse", codes, evidence, policy=policy)


def run(facts: Facts, *, today: date, policy: RiskPolicy) -> list[Check]:
    """All checks, in the order a reviewer reads them."""
    return [
        registry(facts, policy=policy),
        licence(facts, today=today, policy=policy),
        resident_id(facts, today=today, policy=policy),
        face(facts, policy=policy),
        watch_list(facts, policy=policy),
        owners(facts, policy=policy),
        basic_account(facts, policy=policy),
        reuse(facts, policy=policy),
    ]


def judge(checks: list[Check], *, opening: str, policy: RiskPolicy) -> Verdict:
    """The score is the sum of the points; a code without points, or too many, needs the branch.
    Nobody looks only where the policy lets that way of opening through by itself."""
    codes = [code for check in checks for code in check.codes]
    score = sum(policy.points[code] or 0 for code in codes)
    route: Route = "one_reviewer"
    if any(policy.points[code] is None for code in codes) or score >= policy.branch_from:
        route = "branch"
    elif score <= policy.straight_through_up_to.get(opening, -1):
        route = "straight_through"
    elif score >= policy.two_reviewers_from:
        route = "two_reviewers"
    return Verdict(risk_score=score, reason_codes=codes, route=route)


def levels(route: Route) -> int:
    """How many different reviewers a route asks for."""
    return 2 if route == "two_reviewers" else 1
