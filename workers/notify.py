"""Tells a firm's people by text message how their matters go on."""

from __future__ import annotations

from uuid import UUID, uuid5

import structlog

from app import clock
from app.actor import Role
from app.approvals import operations as approvals
from app.identity import operations as identity
from app.identity.model import MemberRow
from app.jobs import Ctx
from app.money import yuan
from app.outside.model import OutsideRefused
from onboarding.visits import operations as visits

log = structlog.get_logger("notify")

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
# What is asked about, in words.
APPROVED = {"payment": "付款", "mandate": "付款授权规则"}


async def tell_registered(
    ctx: Ctx, *, registration_id: UUID, uscc: str, business_id: UUID, **_: object
) -> None:
    """The registration authority has established the firm."""
    text = f"贵公司已完成设立登记，统一社会信用代码{uscc}。"
    await _tell(ctx, business_id, OWNERS, about=registration_id, text=text)


async def tell_signed(
    ctx: Ctx, *, subject_id: UUID, version: int, business_id: UUID, **_: object
) -> None:
    """Everyone who was asked has signed."""
    text = f"您发起的文件（第{version}版）已由全部签署人签署完成，请登录提交。"
    await _tell(ctx, business_id, OWNERS, about=subject_id, text=text)


async def tell_reviewed(
    ctx: Ctx, *, application_id: UUID, approved: bool, business_id: UUID, **_: object
) -> None:
    """The bank's reviewers have decided on the account."""
    decided = "已通过审核，请按预约时间到网点办理" if approved else "未通过审核，详情请登录查看"
    await _tell(ctx, business_id, OWNERS, about=application_id, text=f"您的开户申请{decided}。")


async def tell_document_asked(
    ctx: Ctx, *, inquiry_id: UUID, business_id: UUID, **_: object
) -> None:
    """The bank's reviewers need one more document."""
    text = "您的开户申请需要补充一份材料，请登录查看并上传，审核将随即继续。"
    await _tell(ctx, business_id, OWNERS, about=inquiry_id, text=text)


async def tell_activated(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """The account is open."""
    text = "贵公司的结算账户已启用，可以收付款。"
    await _tell(ctx, business_id, OWNERS, about=application_id, text=text)


async def tell_missed(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """Nobody came to the branch."""
    text = "您预约的开户办理未到店，预约已失效，请登录应用重新选择时间。"
    await _tell(ctx, business_id, OWNERS, about=application_id, text=text)


async def tell_near(ctx: Ctx, *, visit_id: UUID, business_id: UUID, **_: object) -> None:
    """The appointment is tomorrow: when, where, and what to bring."""
    async with ctx.begin(business_id) as work:
        visit = await visits.get(work, visit_id=visit_id)
        branch = next(one for one in await visits.branches(work) if one.code == visit.branch)
    at = visit.starts_at.astimezone(clock.SHANGHAI)
    bring = "、".join(one.name for one in visit.bring if one.needed)
    text = f"您预约{at:%m月%d日%H:%M}到{branch.name}（{branch.address}）办理，请携带：{bring}。"
    await _tell(ctx, business_id, OWNERS, about=visit_id, text=text)


async def tell_received(
    ctx: Ctx, *, credit_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """Money has come in."""
    text = f"贵公司账户收到{yuan(amount_fen)}元。"
    await _tell(ctx, business_id, MONEY, about=credit_id, text=text)


async def tell_quiet(ctx: Ctx, *, account_id: UUID, business_id: UUID, **_: object) -> None:
    """Nothing has moved on an account for a year."""
    text = "贵公司有一个账户一年未发生收付，请在30日内办理业务或销户，逾期将转入久悬户。"
    await _tell(ctx, business_id, OWNERS, about=account_id, text=text)


async def tell_state(
    ctx: Ctx, *, account_id: UUID, state: str, frozen_fen: int, business_id: UUID, **_: object
) -> None:
    """What an account lets through has changed."""
    text = f"贵公司账户状态变更为：{STATES[state]}。"
    if frozen_fen:
        text = f"贵公司账户被依法冻结{yuan(frozen_fen)}元，详情请登录查看。"
    await _tell(ctx, business_id, OWNERS, about=account_id, text=text)


async def tell_taken(
    ctx: Ctx, *, item_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """An authority has taken money."""
    text = f"有权机关依法扣划贵公司账户{yuan(amount_fen)}元，详情请登录查看。"
    await _tell(ctx, business_id, OWNERS, about=item_id, text=text)


async def tell_parked(
    ctx: Ctx, *, item_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """Money came back for an account that cannot take it."""
    text = f"有一笔退回款项{yuan(amount_fen)}元因账户状态暂不能入账，已由银行保管待处理。"
    await _tell(ctx, business_id, MONEY, about=item_id, text=text)


async def tell_assigned(
    ctx: Ctx, *, item_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """Money that waited is on an account."""
    text = f"银行保管的待处理款项{yuan(amount_fen)}元已转入贵公司账户。"
    await _tell(ctx, business_id, MONEY, about=item_id, text=text)


async def tell_interest(
    ctx: Ctx, *, account_id: UUID, until_on: str, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """Interest has been paid."""
    text = f"贵公司账户结息{yuan(amount_fen)}元（计息至{until_on}）。"
    await _tell(ctx, business_id, MONEY, about=account_id, text=text)


async def tell_payment_failed(
    ctx: Ctx, *, payment_id: UUID, reason: str, business_id: UUID, **_: object
) -> None:
    """A payment has not reached the payee; the money is back."""
    text = f"有一笔付款未成功（{reason}），款项已退回账户。"
    await _tell(ctx, business_id, PAYERS, about=payment_id, text=text)


async def tell_payment_held(
    ctx: Ctx, *, payment_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """The bank is checking a payment: is it theirs?"""
    text = (
        f"有一笔{yuan(amount_fen)}元的付款正在核实，款项暂时冻结。"
        "如非本人办理，请立即登录应用取消。"
    )
    await _tell(ctx, business_id, PAYERS, about=payment_id, text=text)


async def tell_batch_finished(
    ctx: Ctx, *, batch_id: UUID, settled: int, not_settled: int, business_id: UUID, **_: object
) -> None:
    """Every row of a batch has its outcome."""
    left = f"，{not_settled}笔未成功，原因见结果文件" if not_settled else ""
    text = f"批量付款已处理完毕：{settled}笔付款成功{left}。"
    await _tell(ctx, business_id, PAYERS, about=batch_id, text=text)


async def tell_schedule_failed(
    ctx: Ctx, *, schedule_id: UUID, nominal_on: str, reason: str, business_id: UUID, **_: object
) -> None:
    """A date of a schedule was not paid."""
    text = f"{nominal_on}的定期付款未成功（{reason}），请登录处理。"
    await _tell(ctx, business_id, PAYERS, about=schedule_id, text=text)


async def tell_payroll_paid(ctx: Ctx, *, run_id: UUID, business_id: UUID, **_: object) -> None:
    """The wages have been paid."""
    await _tell(ctx, business_id, MONEY, about=run_id, text="本期工资已发放，工资条已生成。")


async def tell_limit_granted(
    ctx: Ctx, *, facility_id: UUID, limit_fen: int, business_id: UUID, **_: object
) -> None:
    """A credit limit is open."""
    text = f"贵公司的信用额度{yuan(limit_fen)}元已生效，可随时提款。"
    await _tell(ctx, business_id, MONEY, about=facility_id, text=text)


async def tell_loan_drawn(
    ctx: Ctx, *, loan_id: UUID, principal_fen: int, business_id: UUID, **_: object
) -> None:
    """A loan has been paid out."""
    text = f"贷款{yuan(principal_fen)}元已发放至贵公司账户。"
    await _tell(ctx, business_id, MONEY, about=loan_id, text=text)


async def tell_export_ready(ctx: Ctx, *, export_id: UUID, business_id: UUID, **_: object) -> None:
    """A statement or a bundle of receipts that was ordered can be fetched."""
    link = f"{ctx.settings.public_url}/v1/exports/{export_id}/file"
    text = f"您申请的对账单或回单已生成，请在30天内登录下载：{link}"
    await _tell(ctx, business_id, MONEY, about=export_id, text=text)


async def tell_approvers(ctx: Ctx, *, approval_id: UUID, business_id: UUID, **_: object) -> None:
    """Something waits for these people's word: once when it is asked, once when it has waited."""
    async with ctx.begin(business_id) as work:
        found = await approvals.find(work, approval_id=approval_id)
    if found is None:
        return
    question, asked = found
    amount = "" if question.amount_fen is None else f"（{yuan(question.amount_fen)}元）"
    again = "仍" if question.reminded_at is not None else ""
    what = APPROVED.get(question.kind, "事项")
    await _tell(
        ctx,
        business_id,
        {who.person_id for who in asked},
        about=approval_id,
        text=f"有一笔{what}{amount}{again}在等待您审批。",
    )


async def _tell(
    ctx: Ctx, business_id: UUID, whom: frozenset[Role] | set[UUID], *, about: UUID, text: str
) -> None:
    """One message to each of these members, or of these roles; a repeat of the job sends none
    twice."""
    message = f"【小微】{text}"
    for person_id, phone in await _phones(ctx, business_id, whom):
        reference = str(uuid5(about, f"{person_id}:{text}"))
        try:
            await ctx.outside.sms.send(reference=reference, phone=phone, text=message)
        except OutsideRefused as refusal:
            # Sent before, to the phone the member then had.
            if refusal.facts["code"] != "reference_used":
                raise
            log.info("told before", person_id=str(person_id), about=str(about))


async def _phones(
    ctx: Ctx, business_id: UUID, whom: frozenset[Role] | set[UUID]
) -> list[tuple[UUID, str]]:
    async with ctx.begin(business_id) as work:
        rows = await work.all(MemberRow, identity.sql.members)
        return [
            (
                row.person_id,
                await work.vault.open(
                    work,
                    row.phone_sealed,
                    scope=business_id,
                    place=identity.PHONE_AT_FIRM,
                    row_id=row.person_id,
                ),
            )
            for row in rows
            if row.role in whom or row.person_id in whom
        ]
