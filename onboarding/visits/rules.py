"""When a branch can be visited, and which step of a visit may follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.numbers.model import Branch
from app.money import divide_down
from app.reference import rules as calendar
from app.reference.model import DayKind
from onboarding.applications.model import ApplicationState
from onboarding.visits.model import (
    Before,
    PaperCode,
    Slot,
    SlotKey,
    ToBring,
    Visitor,
    VisitState,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
# One may book from the draft on: the visit takes place once the bank has approved.
BOOKABLE: frozenset[ApplicationState] = frozenset(
    {"draft", "submitted", "reviewing", "returned", "approved"}
)
MOVABLE: frozenset[VisitState] = frozenset({"booked"})


def slot_id(key: SlotKey) -> str:
    """A slot's name: branch, date and time as the branch's clock shows them."""
    return f"{key.branch}-{key.starts_at.astimezone(SHANGHAI):%Y%m%d-%H%M}"


def parse_slot(name: str) -> SlotKey | None:
    """A slot by its name, or nothing when there is no such day or time."""
    branch, day, clock = name.split("-")
    try:
        at = datetime.strptime(day + clock, "%Y%m%d%H%M").replace(tzinfo=SHANGHAI)
        return SlotKey(branch=branch, starts_at=at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def bookable(on: date, *, today: date, days_ahead: int) -> bool:
    """Whether a day is near enough to be booked: from today on, for as long as the policy says."""
    return today <= on <= today + timedelta(days=days_ahead)


def moments(
    branch: Branch, *, on: date, now: datetime, special: Mapping[date, DayKind]
) -> list[datetime]:
    """The moments of a day at which visits begin: working days, opening hours, not the past."""
    if not calendar.is_working_day(on, special):
        return []
    step = timedelta(minutes=branch.visit_minutes)
    at = datetime.combine(on, branch.opens_at, SHANGHAI)
    end = datetime.combine(on, branch.closes_at, SHANGHAI)
    found = []
    while at + step <= end:
        if at > now:
            found.append(at.astimezone(UTC))
        at += step
    return found


def slots(branch: Branch, at: list[datetime], taken: Mapping[datetime, int]) -> list[Slot]:
    """The day's slots with what is still free."""
    return [
        Slot(
            id=slot_id(SlotKey(branch=branch.code, starts_at=moment)),
            starts_at=moment,
            capacity=branch.windows,
            free=max(branch.windows - taken.get(moment, 0), 0),
        )
        for moment in at
    ]


def checklist(
    *, entity_type: str, account_class: str, electronic_licence: bool, comes: Visitor
) -> list[ToBring]:
    """What to bring, by the class of the account, the kind of firm, and who comes.

    人民币银行结算账户管理办法 (Order [2003] 5) Art. 17-21, 银发〔2019〕41号: originals of the
    licence and of the representative's card always; general, special and temporary accounts with
    the papers of their purpose; an agent with a written authorisation.
    """
    household = entity_type == "individual_household"
    found = [
        _paper("legal_rep_id", "本人到场办理须出示原件" if comes == "legal_representative" else
               "代理人须携带法定代表人身份证原件"),
    ]  # fmt: skip
    if not electronic_licence:
        found.insert(0, _paper("licence", "营业执照正本或电子营业执照"))
    if comes == "agent":
        found += [
            _paper("agent_id", "代理人本人身份证原件"),
            _paper("authorisation", "法定代表人签署的授权书，银行将电话或视频核实开户意愿"),
        ]
    found += [
        _paper("official_seal", "预留印鉴", needed=not household),
        _paper("finance_seal", "预留印鉴，可用财务专用章代替公章", needed=False),
        _paper("legal_rep_seal", "预留印鉴，无印章的可以签名代替", needed=False),
    ]
    if account_class != "basic":
        found.append(_paper("basic_account_number", "基本存款账户编号"))
    if account_class == "general":
        found.append(_paper("loan_or_contract", "借款合同或其他结算需要的证明"))
    if account_class in ("special", "temporary"):
        found.append(_paper("approval", "主管部门批文或证明"))
    return found


NAMES: Mapping[PaperCode, str] = {
    "licence": "营业执照",
    "legal_rep_id": "法定代表人（负责人）身份证",
    "agent_id": "代理人身份证",
    "authorisation": "授权委托书",
    "official_seal": "公章",
    "finance_seal": "财务专用章",
    "legal_rep_seal": "法定代表人名章",
    "basic_account_number": "基本存款账户信息",
    "approval": "批文",
    "loan_or_contract": "合同",
    "address_proof": "住所证明",
}


def _paper(code: PaperCode, why: str, *, needed: bool = True) -> ToBring:
    return ToBring(code=code, name=NAMES[code], needed=needed, why=why)


def queue_at(starts_at: datetime, now: datetime) -> datetime:
    """From when somebody counts in the queue: their own time, or later when they come later.

    Whoever is early does not go before those with an earlier time; whoever comes on another day
    is served like one without an appointment, from now on.
    """
    same_day = starts_at.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date()
    return max(starts_at, now) if same_day else now


def queue_number(last: int) -> str:
    """The number on the branch's screen: A001."""
    return f"A{last:03d}"


def wait_minutes(before: Before, *, typical_minutes: int, windows: int) -> int:
    """How long it takes until the number is called, rounded up; windows that nobody serves at do
    not count, but one always opens."""
    if before.waiting == 0 and before.serving < windows:
        return 0
    open_windows = min(max(before.serving, 1), windows)
    turns = divide_down(before.waiting + open_windows, open_windows)
    return turns * typical_minutes


def code_text(visit_id: UUID, version: int, expires: int) -> str:
    """What is signed of a check-in code: which visit, as it was seen, until when."""
    return f"XWV1.{visit_id}.{version}.{expires}"


def parse_code(code: str) -> tuple[UUID, int, int, str] | None:
    """Visit, version, end and signature of a code, or nothing when it is none of ours."""
    parts = code.split(".")
    if len(parts) != 5 or parts[0] != "XWV1" or not (parts[2] + parts[3]).isascii():
        return None
    try:
        found = UUID(parts[1]), int(parts[2]), int(parts[3]), parts[4]
    except ValueError:
        return None
    return found if code_text(*found[:3]) == code.rpartition(".")[0] else None
