"""What the law asks of a new firm: its capital, its owners, and whose turn each part is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from app.reference import rules as calendar
from app.reference.model import DayKind
from app.vault import mask_phone, mask_resident_id
from onboarding.names.model import EntityType, Finding
from onboarding.registrations.model import (
    BeneficialOwner,
    Edge,
    FoundingLimits,
    MaskedDraft,
    MaskedPerson,
    MaskedShareholder,
    NamedOwner,
    Part,
    PartRow,
    PartStatus,
    RegistrationDraft,
    Shareholder,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_ENDS = time(17, 30)
# Firms in one chain of ownership: whoever has more brings it to the branch.
LONGEST_CHAIN = 30


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


def check_capital(
    draft: RegistrationDraft, *, limits: FoundingLimits, established_on: date
) -> list[Finding]:
    """Capital and shareholders: who must have them, how many, and paid in by when (Company Law)."""
    if draft.entity_type not in limits.shareholders:
        return _check_no_capital(draft)
    fewest, most = limits.shareholders[draft.entity_type]
    findings = []
    if not fewest <= len(draft.shareholders) <= most:
        findings.append(Finding(code="shareholder_count", zh=f"出资人应为{fewest}至{most}名"))
    if draft.capital_fen == 0:
        findings.append(Finding(code="capital_missing", zh="缺少注册资本或出资额"))
    if sum(holder.subscribed_fen for holder in draft.shareholders) != draft.capital_fen:
        findings.append(Finding(code="capital_does_not_add_up", zh="认缴额合计与注册资本不一致"))
    if len({holder.id_number for holder in draft.shareholders}) != len(draft.shareholders):
        findings.append(Finding(code="shareholder_twice", zh="同一出资人重复出现"))
    latest = add_months(established_on, 12 * limits.paid_in_years)
    for holder in draft.shareholders:
        findings += _check_payment(holder, draft, latest, established_on)
    return findings


def _check_no_capital(draft: RegistrationDraft) -> list[Finding]:
    """Households and sole proprietorships have one natural person and no registered capital."""
    findings = []
    if draft.capital_fen:
        findings.append(Finding(code="no_capital_for_type", zh="该类型主体没有注册资本"))
    if draft.shareholders:
        findings.append(Finding(code="no_shareholders_for_type", zh="该类型主体没有股东"))
    return findings


def _check_payment(
    holder: Shareholder, draft: RegistrationDraft, latest: date, established_on: date
) -> list[Finding]:
    if holder.paid_fen > holder.subscribed_fen:
        return [
            Finding(code="paid_more_than_subscribed", zh="实缴额超过认缴额", subject=holder.name)
        ]
    if draft.entity_type == "joint_stock_company" and holder.paid_fen < holder.subscribed_fen:
        return [
            Finding(code="must_be_paid_before", zh="股份公司须在成立前缴足", subject=holder.name)
        ]
    unpaid = holder.subscribed_fen > holder.paid_fen
    if draft.entity_type == "limited_company" and unpaid:
        if holder.due_on is None:
            return [Finding(code="due_date_missing", zh="缺少出资期限", subject=holder.name)]
        if holder.due_on > latest:
            return [Finding(code="paid_in_too_late", zh="出资须五年内缴足", subject=holder.name)]
        if holder.due_on < established_on:
            return [Finding(code="due_date_past", zh="出资期限早于成立日期", subject=holder.name)]
    return []


def effective_shares(target: str, holdings: Sequence[Edge]) -> dict[str, Fraction]:
    """Each natural person's share of the target along every chain, cross-holdings included.

    Let v(f) be the share of the target that lies in firm f: v(target) = 1 + what flows back, v(f) =
    sum of v(g) x share of f in g. Solved exactly; a person's share is the sum of v(g) x his share.
    Raises ValueError with a finding's code when the chain is not whole.
    """
    firms = sorted({h.held for h in holdings} | {target})
    if len(firms) > LONGEST_CHAIN:
        raise ValueError("chain_too_long")
    for firm in firms:
        mine = [h for h in holdings if h.held == firm]
        if not mine or not 0 < sum(h.part for h in mine) == mine[0].whole:
            raise ValueError("holdings_do_not_reach_100")
    if any(not h.person and h.holder not in firms for h in holdings):
        raise ValueError("owner_of_owner_missing")
    weights = _solve(target, firms, holdings)
    shares: dict[str, Fraction] = {}
    for h in holdings:
        if h.person:
            part = weights[h.held] * Fraction(h.part, h.whole)
            shares[h.holder] = shares.get(h.holder, Fraction(0)) + part
    return shares


def _solve(target: str, firms: list[str], holdings: Sequence[Edge]) -> dict[str, Fraction]:
    """Gauss-Jordan over fractions of v = e(target) + Aᵀv; a ring owned by nobody has no answer."""
    place = {firm: at for at, firm in enumerate(firms)}
    size = len(firms)
    rows = [
        [Fraction(int(row == column)) for column in range(size)]
        + [Fraction(int(row == place[target]))]
        for row in range(size)
    ]
    for h in holdings:
        if not h.person:
            rows[place[h.holder]][place[h.held]] -= Fraction(h.part, h.whole)
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), None)
        if pivot is None:
            raise ValueError("ownership_ring_without_person")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        inverse = Fraction(rows[column][column].denominator, rows[column][column].numerator)
        rows[column] = [value * inverse for value in rows[column]]
        for row in range(size):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [
                    left - factor * right
                    for left, right in zip(rows[row], rows[column], strict=True)
                ]
    return {firm: rows[place[firm]][size] for firm in firms}


def beneficial_owners(
    target: str, holdings: Sequence[Edge], *, at_least_ppm: int, in_charge: str
) -> list[BeneficialOwner]:
    """Persons with at least the threshold along the chain; if none, the person in charge.

    受益所有人信息管理办法 (Order [2024] 3): equity held directly or indirectly, multiplied along
    the chain and summed over paths. Shares are reported in ppm, rounded down.
    """
    threshold = Fraction(at_least_ppm, 1_000_000)
    shares = effective_shares(target, holdings)
    found = [
        BeneficialOwner(holder=holder, relation="equity", share_ppm=int(share * 1_000_000))
        for holder, share in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        if share >= threshold
    ]
    return found or [BeneficialOwner(holder=in_charge, relation="in_charge", share_ppm=0)]


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
        Edge(held=h.held, holder=h.holder, person=h.person, part=h.ppm, whole=1_000_000)
        for h in draft.holdings
    ]
    return own + above


def must_file_owners(entity_type: EntityType) -> bool:
    """Companies and partnerships file beneficial owners; households and the like do not."""
    return entity_type in ("limited_company", "joint_stock_company", "partnership")


# Who does the next thing once the licence is there: some offices answer by themselves.
_OWNER_ACTS: frozenset[Part] = frozenset({"seals", "social_insurance", "housing_fund", "bank"})


def part_status(row: PartRow) -> PartStatus:
    """One part with who acts next: the office it was asked of, the owner, the bank, nobody."""
    acts: Literal["office", "owner", "bank", "nobody"] = "nobody"
    if row.state == "asked":
        acts = "owner" if row.part in _OWNER_ACTS else "office"
    return PartStatus(
        part=row.part, state=row.state, acts=acts, due_at=row.due_at, number=row.number
    )


def confirmable(row: PartRow) -> bool:
    """Whether the owner may record the office's number: asked of the owner, and not the bank's."""
    return row.state == "asked" and row.part in _OWNER_ACTS and row.part != "bank"


def missing(draft: RegistrationDraft) -> list[Finding]:
    """What the form still lacks before it can be submitted."""
    findings = []
    if draft.address is None:
        findings.append(Finding(code="address_missing", zh="缺少住所"))
    if not draft.scope:
        findings.append(Finding(code="scope_missing", zh="缺少经营范围"))
    if draft.legal_representative is None:
        findings.append(Finding(code="legal_representative_missing", zh="缺少法定代表人或经营者"))
    return findings


def ask_again_seconds(asked_at: datetime, now: datetime) -> int:
    """How long to wait before asking an outside office again: as long as has passed already."""
    return min(max(int((now - asked_at).total_seconds()), 1), 600)


def working_days_later(now: datetime, days: int, special: Mapping[date, DayKind]) -> datetime:
    """The close of business (17:30) so many working days after this moment."""
    day = now.astimezone(SHANGHAI).date()
    for _ in range(days):
        day = calendar.next_working_day(day + timedelta(days=1), special)
    return datetime.combine(day, DAY_ENDS, SHANGHAI).astimezone(UTC)


def masked(draft: RegistrationDraft) -> MaskedDraft:
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
        shareholders=[masked_holder(holder) for holder in draft.shareholders],
    )  # fmt: skip


def masked_holder(holder: Shareholder) -> MaskedShareholder:
    person = holder.kind == "person"
    return MaskedShareholder(
        name=holder.name,
        id_number=mask_resident_id(holder.id_number) if person else holder.id_number,
        subscribed_fen=holder.subscribed_fen, paid_fen=holder.paid_fen,
        form=holder.form, due_on=holder.due_on,
    )  # fmt: skip


def named_owners(draft: RegistrationDraft, at_least_ppm: int) -> list[NamedOwner]:
    """The beneficial owners with names; none while the chain is not whole."""
    person = draft.legal_representative
    if person is None or not must_file_owners(draft.entity_type):
        return []
    names = {holder.id_number: holder.name for holder in draft.shareholders}
    names |= {h.holder: h.holder_name for h in draft.holdings}
    names.setdefault(person.id_number, person.name)
    try:
        found = beneficial_owners(
            "", edges(draft, target=""), at_least_ppm=at_least_ppm,
            in_charge=person.id_number,
        )  # fmt: skip
    except ValueError:
        return []
    return [
        NamedOwner(
            name=names[owner.holder], id_number=mask_resident_id(owner.holder),
            relation=owner.relation, share_ppm=owner.share_ppm,
        )
        for owner in found
    ]  # fmt: skip
