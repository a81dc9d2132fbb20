"""Everything the law asks of a form before it is sent, by the kind of firm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.reference import rules as identifiers
from onboarding.forms import rules as forms
from onboarding.forms.model import RegistrationDraft, Shareholder
from onboarding.kinds.model import FoundingLimits
from onboarding.kinds.rules import FILES_OWNERS
from onboarding.names.model import Finding

ADULT_YEARS = 18
COMPANIES = ("limited_company", "joint_stock_company")
# What keeps a chain of ownership from being computed, in words.
BROKEN = {
    "chain_too_long": "股权链条过长，请到网点办理",
    "holdings_do_not_reach_100": "持股比例合计不等于百分之百",
    "holder_twice": "同一持股人在同一企业重复出现",
    "owner_of_owner_missing": "缺少上层企业的股东",
    "a_person_is_owned": "自然人不能被持股",
    "firm_outside_the_chain": "存在与本企业无关的持股关系",
    "ownership_ring_without_person": "股权闭环中没有自然人",
}


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last > day.day:
            continue
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def findings(draft: RegistrationDraft, *, limits: FoundingLimits, today: date) -> list[Finding]:
    """Everything that keeps a form from being submitted, besides signatures and its name."""
    found = missing(draft)
    found += check_capital(draft, limits=limits, established_on=today)
    found += check_officers(draft, limits=limits)
    found += _check_people(draft, today)
    found += forms.signatories(draft)[1]
    if not found and draft.entity_type in FILES_OWNERS:
        try:
            forms.owners_of(draft, at_least_ppm=limits.beneficial_owner_ppm, target="")
        except ValueError as broken:
            found.append(Finding(code=str(broken), zh=BROKEN[str(broken)]))
    return found


def missing(draft: RegistrationDraft) -> list[Finding]:
    """What the form still lacks before it can be submitted."""
    found = []
    if draft.address is None:
        found.append(Finding(code="address_missing", zh="缺少住所"))
    if not draft.scope:
        found.append(Finding(code="scope_missing", zh="缺少经营范围"))
    if draft.legal_representative is None:
        found.append(Finding(code="legal_representative_missing", zh="缺少法定代表人或经营者"))
    return found


# --- owners and capital -------------------------------------------------------------------------


def check_capital(
    draft: RegistrationDraft, *, limits: FoundingLimits, established_on: date
) -> list[Finding]:
    """Capital and owners: who must have them, how many, and paid in by when."""
    if draft.entity_type == "individual_household":
        return _check_household(draft)
    if draft.entity_type == "sole_proprietorship":
        return _check_sole(draft)
    fewest, most = limits.shareholders[draft.entity_type]
    found = []
    if not fewest <= len(draft.shareholders) <= most:
        found.append(Finding(code="shareholder_count", zh=f"出资人应为{fewest}至{most}名"))
    if draft.capital_fen == 0:
        found.append(Finding(code="capital_missing", zh="缺少注册资本或出资额"))
    if sum(holder.subscribed_fen for holder in draft.shareholders) != draft.capital_fen:
        found.append(Finding(code="capital_does_not_add_up", zh="认缴额合计与注册资本不一致"))
    if len({holder.id_number for holder in draft.shareholders}) != len(draft.shareholders):
        found.append(Finding(code="shareholder_twice", zh="同一出资人重复出现"))
    latest = add_months(established_on, 12 * limits.paid_in_years)
    for holder in draft.shareholders:
        found += _check_payment(holder, draft, latest, established_on)
    if draft.entity_type == "partnership":
        found += _check_partners(draft)
    if draft.entity_type == "farmers_cooperative":
        found += _check_farmers(draft, limits)
    return found


def _check_household(draft: RegistrationDraft) -> list[Finding]:
    """A household has its operator and no registered capital (促进个体工商户发展条例)."""
    found = []
    if draft.capital_fen:
        found.append(Finding(code="no_capital_for_type", zh="该类型主体没有注册资本"))
    if draft.shareholders:
        found.append(Finding(code="no_shareholders_for_type", zh="该类型主体没有股东"))
    return found


def _check_sole(draft: RegistrationDraft) -> list[Finding]:
    """A sole proprietorship has one natural person, who declares what they put in and answers
    without limit (个人独资企业法 Art. 2, 8)."""
    found, person = [], draft.legal_representative
    if len(draft.shareholders) > 1:
        found.append(Finding(code="one_investor_only", zh="个人独资企业只有一名投资人"))
    for holder in draft.shareholders:
        if holder.kind == "firm":
            found.append(Finding(code="investor_must_be_a_person", zh="投资人应为自然人"))
        elif person is not None and holder.id_number != person.id_number:
            found.append(Finding(code="investor_is_in_charge", zh="投资人与负责人应为同一人"))
        if holder.subscribed_fen != draft.capital_fen:
            found.append(Finding(code="capital_does_not_add_up", zh="出资额与申报不一致"))
    return found


def _check_payment(
    holder: Shareholder, draft: RegistrationDraft, latest: date, established_on: date
) -> Iterator[Finding]:
    """What is paid, in which form and by when (Company Law Art. 47, 48, 98)."""
    if holder.paid_fen > holder.subscribed_fen:
        yield Finding(code="paid_more_than_subscribed", zh="实缴额超过认缴额", subject=holder.name)
        return
    if holder.subscribed_fen == 0 and draft.capital_fen:
        yield Finding(code="nothing_subscribed", zh="出资额不能为零", subject=holder.name)
    if holder.form == "labour" and holder.role != "general_partner":
        yield Finding(code="labour_is_no_capital", zh="不得以劳务出资", subject=holder.name)
    unpaid = holder.subscribed_fen > holder.paid_fen
    if draft.entity_type == "joint_stock_company" and unpaid:
        yield Finding(code="must_be_paid_before", zh="股份公司须在成立前缴足", subject=holder.name)
    if draft.entity_type == "limited_company" and unpaid:
        if holder.due_on is None:
            yield Finding(code="due_date_missing", zh="缺少出资期限", subject=holder.name)
        elif holder.due_on > latest:
            yield Finding(code="paid_in_too_late", zh="出资须五年内缴足", subject=holder.name)
        elif holder.due_on < established_on:
            yield Finding(code="due_date_past", zh="出资期限早于成立日期", subject=holder.name)


def _check_partners(draft: RegistrationDraft) -> list[Finding]:
    """Every partner says as what; a limited partnership has both kinds, the others only general
    partners, and a general partner is in charge (合伙企业法 Art. 2, 3, 61, 67)."""
    roles = [holder.role for holder in draft.shareholders]
    found = [
        Finding(code="partner_role_missing", zh="请说明合伙人类型", subject=holder.name)
        for holder in draft.shareholders
        if holder.role not in ("general_partner", "limited_partner")
    ]
    if "general_partner" not in roles:
        found.append(Finding(code="general_partner_missing", zh="至少应有一名普通合伙人"))
    limited = draft.name.translate(str.maketrans("()", "（）")).endswith("（有限合伙）")
    if limited and "limited_partner" not in roles:
        found.append(Finding(code="limited_partner_missing", zh="有限合伙应有有限合伙人"))
    if not limited and "limited_partner" in roles:
        found.append(Finding(code="only_general_partners", zh="普通合伙不得有有限合伙人"))
    person = draft.legal_representative
    in_charge = {
        holder.representative.id_number if holder.representative else holder.id_number
        for holder in draft.shareholders
        if holder.role == "general_partner"
    }
    if person is not None and in_charge and person.id_number not in in_charge:
        found.append(
            Finding(code="managing_partner_is_general", zh="执行事务合伙人应为普通合伙人")
        )  # fmt: skip
    return found


def _check_farmers(draft: RegistrationDraft, limits: FoundingLimits) -> list[Finding]:
    """Four members in five are farmers (农民专业合作社法 Art. 20)."""
    farmers = sum(holder.role == "farmer" for holder in draft.shareholders)
    if farmers * 1_000_000 < len(draft.shareholders) * limits.farmers_ppm:
        return [Finding(code="too_few_farmers", zh="农民成员应占成员总数百分之八十以上")]
    return []


# --- offices held -------------------------------------------------------------------------------


def check_officers(draft: RegistrationDraft, *, limits: FoundingLimits) -> list[Finding]:
    """Directors, manager, supervisors of a company (Company Law Art. 10, 68, 75, 76, 83, 130).

    A small limited company may leave them out: then its representative is director and manager.
    """
    if draft.entity_type not in COMPANIES:
        return [Finding(code="no_officers_for_type", zh="该类型主体不设董事监事")] * bool(
            draft.officers
        )
    directors = {one.id_number for one in draft.officers if one.position == "director"}
    supervisors = {one.id_number for one in draft.officers if one.position == "supervisor"}
    leading = {one.id_number for one in draft.officers if one.position != "supervisor"}
    found = []
    if draft.staff_count >= limits.staff_director_from and not any(
        one.of_staff and one.position == "director" for one in draft.officers
    ):
        found.append(Finding(code="staff_director_missing", zh="董事会中应有职工代表"))
    if draft.entity_type == "joint_stock_company" and not (directors and supervisors):
        found.append(Finding(code="officers_missing", zh="股份公司应有董事和监事"))
    if not draft.officers:
        return found
    if not directors:
        found.append(Finding(code="director_missing", zh="至少应有一名董事"))
    if supervisors & leading:
        found.append(Finding(code="supervisor_also_leads", zh="董事、经理不得兼任监事"))
    person = draft.legal_representative
    if person is not None and person.id_number not in leading:
        found.append(
            Finding(
                code="representative_holds_no_office", zh="法定代表人应由董事或经理担任",
                subject=person.name,
            )
        )  # fmt: skip
    return found


# --- people -------------------------------------------------------------------------------------


def _people(draft: RegistrationDraft) -> Iterator[tuple[str, str, bool]]:
    """Name and number of every natural person in the form, and whether they act for themselves."""
    if draft.legal_representative is not None:
        yield draft.legal_representative.name, draft.legal_representative.id_number, True
    for officer in draft.officers:
        yield officer.name, officer.id_number, True
    for holder in draft.shareholders:
        if holder.kind == "person":
            yield holder.name, holder.id_number, True
        elif holder.representative is not None:
            yield holder.representative.name, holder.representative.id_number, True
    for one in draft.holdings:
        if one.person:
            yield one.holder_name, one.holder, False
    for control in draft.controls:
        yield control.holder_name, control.holder, False


def _check_people(draft: RegistrationDraft, today: date) -> list[Finding]:
    """Every number by its own rules; whoever signs is of age (民法典 Art. 17, 18)."""
    found: dict[tuple[str, str], Finding] = {}
    for name, number, signs in _people(draft):
        checked = identifiers.resident_id(number, today=today)
        if not checked.valid:
            code = f"id_number_{checked.reason}"
            found[code, number] = Finding(code=code, zh="身份证号码有误", subject=name)
        elif signs and _years(date.fromisoformat(checked.parts["birth_date"]), today) < ADULT_YEARS:
            found["under_age", number] = Finding(
                code="under_age", zh="签署人未满十八周岁，请由监护人到网点办理", subject=name
            )
    firms = [(holder.name, holder.id_number) for holder in draft.shareholders
             if holder.kind == "firm"]  # fmt: skip
    firms += [(one.holder_name, one.holder) for one in draft.holdings if not one.person]
    for name, number in firms:
        if not identifiers.uscc(number).valid:
            found["uscc", number] = Finding(
                code="uscc", zh="统一社会信用代码有误", subject=name
            )  # fmt: skip
    return list(found.values())


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
