"""Draws the course of an opening: the steps, who acts next, what the applicant can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from onboarding.applications.model import ApplicationState, DocumentKind
from onboarding.promises.model import Acting
from onboarding.timelines.model import (
    Course,
    CourseStep,
    Facts,
    NextAct,
    StepCode,
    StepState,
    ToDo,
    ToDoCode,
)

TITLES: Mapping[StepCode, str] = {
    "fill": "填写并提交申请",
    "check": "系统核验",
    "review": "银行审核",
    "visit": "到网点办理",
    "account": "账户启用",
    "filing": "账户备案",
    "products": "领取配套产品",
}
DOCUMENTS: Mapping[DocumentKind, str] = {
    "licence": "营业执照照片（四角完整、文字清晰）",
    "legal_rep_id_front": "法定代表人身份证人像面（原件拍摄，勿用复印件）",
    "legal_rep_id_back": "法定代表人身份证国徽面（原件拍摄，勿用复印件）",
    "legal_rep_face": "法定代表人近照（正面、光线充足）",
    "address_proof": "经营场所证明（租赁合同或产权证明）",
    "authorisation": "法定代表人签署的授权书",
}
# Where each state stands among the steps; the steps before it are done.
AT: Mapping[ApplicationState, StepCode] = {
    "draft": "fill",
    "returned": "fill",
    "submitted": "check",
    "reviewing": "review",
    "approved": "visit",
}
ORDER: tuple[StepCode, ...] = (
    "fill", "check", "review", "visit", "account", "filing", "products",
)  # fmt: skip
STOPPED = frozenset({"refused", "referred", "cancelled"})
PRODUCTS = {
    "receipts": "电子回单",
    "messages": "短信通知",
    "online_bank": "企业网银",
    "settlement_card": "单位结算卡",
}
SAID: Mapping[ApplicationState, str] = {
    "submitted": "系统正在核验登记信息、证件与名单",
    "reviewing": "银行正在审核",
    "refused": "申请未通过",
    "referred": "请到网点柜台办理",
    "cancelled": "申请已撤销",
    "active": "账户已启用",
}


def course(facts: Facts, *, now: datetime) -> Course:
    """The whole course as it stands at a moment."""
    to_do = _to_do(facts)
    following = _next(facts, to_do, now)
    coming = facts.visit is not None and facts.visit.state in ("booked", "checked_in", "serving")
    return Course(
        application_id=facts.application_id,
        state=facts.state,
        next=following,
        to_do=to_do,
        steps=_steps(facts, following),
        turns=facts.turns,
        expected_at=facts.visit.starts_at if coming and facts.visit is not None else None,
        live=f"/v1/applications/{facts.application_id}/progress",
    )


def _reached(facts: Facts, state: ApplicationState) -> datetime | None:
    """When the application last came into a state."""
    return next((turn.at for turn in reversed(facts.turns) if turn.state == state), None)


def _ends(facts: Facts) -> Mapping[StepCode, datetime | None]:
    """When each step was done, as far as it is."""
    approved = _reached(facts, "approved")
    issued = [product.issued_at for product in facts.products if product.issued_at is not None]
    settled = facts.products and all(product.state == "issued" for product in facts.products)
    visited = None if facts.visit is None else facts.visit.completed_at
    active = _reached(facts, "active")
    return {
        "fill": _reached(facts, "submitted"),
        "check": _reached(facts, "reviewing") or approved,
        "review": approved,
        "visit": visited,
        "account": active,
        "filing": active if facts.filing_number else None,
        "products": max(issued) if settled and issued else None,
    }


def _steps(facts: Facts, following: NextAct) -> list[CourseStep]:
    ends = _ends(facts)
    at = AT.get(facts.state)
    here = ORDER.index(at) if at is not None else len(ORDER)
    stopped = facts.state in STOPPED
    steps = []
    for place, code in enumerate(ORDER):
        done = ends[code]
        state = _step_state(facts, code, place, here, done, stopped=stopped)
        now = state == "now"
        steps.append(
            CourseStep(
                code=code,
                title=TITLES[code],
                state=state,
                acts=following.acts if now else None,
                at=done if state == "done" else None,
                due_at=following.due_at if now else None,
                late=following.late and now,
            )
        )
    return steps


def _step_state(
    facts: Facts,
    code: StepCode,
    place: int,
    here: int,
    done: datetime | None,
    *,
    stopped: bool,
) -> StepState:
    if facts.state == "active":
        if code == "review" and _reached(facts, "reviewing") is None:
            return "skipped"
        return "done" if done is not None else "now"
    if stopped:
        return "done" if done is not None else "stopped"
    if place == here:
        return "now"
    if place < here:
        return "skipped" if code == "review" and _reached(facts, "reviewing") is None else "done"
    return "ahead"


def _next(facts: Facts, to_do: list[ToDo], now: datetime) -> NextAct:
    """Who acts next; what a reviewer asked for comes before the reviewer's own turn."""
    if facts.state in STOPPED:
        return NextAct(acts=None, text=SAID[facts.state], due_at=None, late=False)
    if facts.state == "active":
        undone = [product for product in facts.products if product.state == "preparing"]
        if not facts.filing_number:
            return NextAct(acts="system", text="账户备案处理中", due_at=None, late=False)
        if undone:
            due_at = min(product.due_at for product in undone if product.due_at is not None)
            return _act("branch", f"网点准备{PRODUCTS[undone[0].kind]}", due_at, now)
        return NextAct(acts=None, text=SAID["active"], due_at=None, late=False)
    mine = next((one for one in to_do if one.code != "book_visit"), None)
    if facts.state == "approved":
        return _visiting(facts, now)
    if mine is not None and (facts.state in ("draft", "returned") or _asked(mine)):
        return _act("applicant", mine.text, mine.due_at or facts.due_at, now)
    acts: Acting = "system" if facts.state == "submitted" else "reviewer"
    return _act(acts, SAID[facts.state], facts.due_at, now)


def _asked(one: ToDo) -> bool:
    return one.code == "hand_in_document"


def _visiting(facts: Facts, now: datetime) -> NextAct:
    visit = facts.visit
    if visit is None or visit.state in ("cancelled", "missed"):
        return _act("applicant", "请预约到网点办理的时间", facts.due_at, now)
    if visit.state == "booked":
        return _act("applicant", "请按预约时间到网点办理", visit.starts_at, now)
    if visit.state == "completed":
        return _act("system", "正在启用账户", facts.due_at, now)
    ahead = 0 if visit.queue is None else visit.queue.ahead
    return _act("branch", f"您前面还有{ahead}位，请留意叫号", facts.due_at, now)


def _act(acts: Acting, text: str, due_at: datetime | None, now: datetime) -> NextAct:
    return NextAct(
        acts=acts, text=text, due_at=due_at, late=due_at is not None and due_at < now
    )  # fmt: skip


def _to_do(facts: Facts) -> list[ToDo]:
    """What the applicant can do now, the most urgent first."""
    own = f"/v1/applications/{facts.application_id}"
    found = [
        ToDo(
            code="hand_in_document", text=f"补充材料：{one.reason}", document=one.kind,
            path=f"/v1/inquiries/{one.id}/answer", due_at=one.due_at,
        )
        for one in facts.inquiries if one.state == "open"
    ]  # fmt: skip
    if facts.state in ("draft", "returned"):
        found += [
            ToDo(
                code="attach_document", text=f"上传{DOCUMENTS.get(kind, kind)}", document=kind,
                path=f"{own}/documents", due_at=facts.due_at,
            )
            for kind in facts.missing
        ]  # fmt: skip
        if facts.state == "returned":
            found.append(_do("correct", "按退回原因修改后重新提交", own, facts.due_at))
        elif not facts.missing:
            found.append(_do("submit", "核对无误后提交申请", f"{own}/submit", facts.due_at))
    visit = facts.visit
    gone = visit is None or visit.state in ("cancelled", "missed")
    if facts.state in ("submitted", "reviewing", "approved") and gone:
        found.append(_do("book_visit", "预约到网点办理的时间", "/v1/visits", facts.due_at))
    if facts.state == "approved" and visit is not None and visit.state == "booked":
        path = f"/v1/visits/{visit.id}"
        found.append(_do("come_to_branch", "按预约时间到网点，出示签到码", path, visit.starts_at))
    if facts.state == "active":
        found += [
            _do("collect_product", f"领取{PRODUCTS[one.kind]}", f"{own}/products", one.due_at)
            for one in facts.products
            if one.state == "preparing"
        ]
    return found


def _do(code: ToDoCode, text: str, path: str, due_at: datetime | None) -> ToDo:
    return ToDo(code=code, text=text, path=path, document=None, due_at=due_at)
