"""What a firm's people are told when something happens: one line per event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.batches.model import BatchFinished
from accounts.deposits.model import AccountQuiet, StateChanged
from accounts.exports.model import ExportReady
from accounts.freezes.model import MoneyTaken
from accounts.interest.model import InterestPaid
from accounts.monitors.model import PaymentHeld
from accounts.payments.model import MoneyReceived, PaymentFailed
from accounts.schedules.model import ScheduleFailed
from accounts.suspense.model import MoneyAssigned, MoneyParked
from app.actor import Role
from app.events import Event
from app.money import yuan
from bookkeeping.payroll.model import PayrollPaid
from lending.facilities.model import LimitGranted
from lending.loans.model import LoanDrawn
from onboarding.applications.model import (
    AccountActivated,
    ApplicationReviewed,
    ApplicationTurned,
)
from onboarding.inquiries.model import DocumentAsked
from onboarding.joins.model import FirmJoined
from onboarding.registrations.model import CompanyRegistered
from onboarding.signatures.model import TextSigned
from onboarding.upgrades.model import UpgradeDecided
from onboarding.visits.model import VisitMissed

OWNERS: frozenset[Role] = frozenset({"owner"})
MONEY: frozenset[Role] = frozenset({"owner", "finance"})
PAYERS: frozenset[Role] = frozenset({"owner", "finance", "maker"})
# What an account lets through, in words.
STATES = {
    "active": "正常",
    "suspended_noncounter": "暂停非柜面业务",
    "stop_payment": "止付",
    "frozen_full": "冻结",
    "receive_only": "只收不付",
    "no_in_no_out": "不收不付",
    "dormant": "久悬",
    "closed": "已销户",
}
# Turns of an application that nobody else tells: those that the applicant did not take.
TURNS = {
    "returned": "您的开户申请需要修改后重新提交，请登录查看原因。",
    "referred": "您的开户申请需到网点柜台办理，请携带证件原件前往所选网点。",
    "cancelled": "您的开户申请因超过期限未处理已自动撤销，如需开户请重新申请。",
}


class Told(NamedTuple):
    """The job's stored name, who is told, which field says about what, and the words.

    No words: this time there is nothing to say.
    """

    job: str
    whom: frozenset[Role]
    about: str
    say: Callable[[Any], str | None]


def _state(event: StateChanged) -> str:
    if event.frozen_fen:
        return f"贵公司账户被依法冻结{yuan(event.frozen_fen)}元，详情请登录查看。"
    return f"贵公司账户状态变更为：{STATES[event.state]}。"


def _reviewed(event: ApplicationReviewed) -> str:
    if event.approved:
        return "您的开户申请已通过审核，请按预约时间到网点办理。"
    return "您的开户申请未通过审核，详情请登录查看。"


def _batch(event: BatchFinished) -> str:
    left = f"，{event.not_settled}笔未成功，原因见结果文件" if event.not_settled else ""
    return f"批量付款已处理完毕：{event.settled}笔付款成功{left}。"


TOLD: dict[type[Event], Told] = {
    CompanyRegistered: Told(
        "tell_registered", OWNERS, "registration_id",
        lambda e: f"贵公司已完成设立登记，统一社会信用代码{e.uscc}。",
    ),
    TextSigned: Told(
        "tell_signed", OWNERS, "subject_id",
        lambda e: f"您发起的文件（第{e.version}版）已由全部签署人签署完成，请登录查看。",
    ),
    FirmJoined: Told(
        "tell_joined", OWNERS, "join_id",
        lambda e: f"统一社会信用代码{e.uscc}的企业已完成入驻，可以申请开户。",
    ),
    UpgradeDecided: Told(
        "tell_upgraded", OWNERS, "upgrade_id",
        lambda e: "贵公司的结算账户已升级为全功能账户，可自行调整付款限额。"
        if e.approved else "贵公司的账户升级申请未通过，详情请登录查看。",
    ),
    ApplicationReviewed: Told("tell_reviewed", OWNERS, "application_id", _reviewed),
    ApplicationTurned: Told("tell_turned", OWNERS, "turn_id", lambda e: TURNS.get(e.state)),
    DocumentAsked: Told(
        "tell_document_asked", OWNERS, "inquiry_id",
        lambda _: "您的开户申请需要补充一份材料，请登录查看并上传，审核将随即继续。",
    ),
    AccountActivated: Told(
        "tell_activated", OWNERS, "application_id",
        lambda _: "贵公司的结算账户已启用，可以收付款。",
    ),
    VisitMissed: Told(
        "tell_missed", OWNERS, "visit_id",
        lambda _: "您预约的开户办理未到店，预约已失效，请登录应用重新选择时间。",
    ),
    MoneyReceived: Told(
        "tell_received", MONEY, "credit_id",
        lambda e: f"贵公司账户收到{yuan(e.amount_fen)}元。",
    ),
    AccountQuiet: Told(
        "tell_quiet", OWNERS, "account_id",
        lambda _: "贵公司有一个账户一年未发生收付，请在30日内办理业务或销户，逾期将转入久悬户。",
    ),
    StateChanged: Told("tell_state", OWNERS, "account_id", _state),
    MoneyTaken: Told(
        "tell_taken", OWNERS, "item_id",
        lambda e: f"有权机关依法扣划贵公司账户{yuan(e.amount_fen)}元，详情请登录查看。",
    ),
    MoneyParked: Told(
        "tell_parked", MONEY, "item_id",
        lambda e: f"有一笔退回款项{yuan(e.amount_fen)}元因账户状态暂不能入账，已由银行保管待处理。",
    ),
    MoneyAssigned: Told(
        "tell_assigned", MONEY, "item_id",
        lambda e: f"银行保管的待处理款项{yuan(e.amount_fen)}元已转入贵公司账户。",
    ),
    InterestPaid: Told(
        "tell_interest", MONEY, "account_id",
        lambda e: f"贵公司账户结息{yuan(e.amount_fen)}元（计息至{e.until_on}）。",
    ),
    PaymentFailed: Told(
        "tell_payment_failed", PAYERS, "payment_id",
        lambda e: f"有一笔付款未成功（{e.reason}），款项已退回账户。",
    ),
    PaymentHeld: Told(
        "tell_payment_held", PAYERS, "payment_id",
        lambda e: f"有一笔{yuan(e.amount_fen)}元的付款正在核实，款项暂时冻结。"
        "如非本人办理，请立即登录应用取消。",
    ),
    BatchFinished: Told("tell_batch_finished", PAYERS, "batch_id", _batch),
    ScheduleFailed: Told(
        "tell_schedule_failed", PAYERS, "schedule_id",
        lambda e: f"{e.nominal_on}的定期付款未成功（{e.reason}），请登录处理。",
    ),
    PayrollPaid: Told(
        "tell_payroll_paid", MONEY, "run_id", lambda _: "本期工资已发放，工资条已生成。"
    ),
    LimitGranted: Told(
        "tell_limit_granted", MONEY, "facility_id",
        lambda e: f"贵公司的信用额度{yuan(e.limit_fen)}元已生效，可随时提款。",
    ),
    LoanDrawn: Told(
        "tell_loan_drawn", MONEY, "loan_id",
        lambda e: f"贷款{yuan(e.principal_fen)}元已发放至贵公司账户。",
    ),
    ExportReady: Told(
        "tell_export_ready", MONEY, "export_id",
        lambda e: "您申请的对账单或回单已生成，请在30天内登录下载："
        f"{{public_url}}/v1/exports/{e.export_id}/file",
    ),
}  # fmt: skip
