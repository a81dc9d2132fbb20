"""The decisions about batches: who may decide when, what is agreed to, and the result file."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from accounts.batches.model import (
    AlreadyRetried,
    Batch,
    BatchChanged,
    BatchRowsWrong,
    BatchStateForbids,
    Kind,
    NothingToPay,
    Outcome,
    Outside,
    PayableRow,
    ResultRow,
    Speed,
    State,
    StoredBatch,
    Tally,
)
from accounts.fees import rules as fee_rules
from accounts.fees.model import Tariff
from accounts.initiations.model import Said, Status
from accounts.mandates.model import Standing, Together
from accounts.payments.model import Purpose
from accounts.rails import rules as rail_rules
from accounts.rails.model import DatedTerms
from accounts.rails.rules import is_in_bank
from accounts.spreadsheets.model import Sheet
from app.identity.stepups.model import Facts
from app.reference.model import DayKind

FIELDS = ("payee_name", "account_number", "bank_code", "amount", "purpose", "memo", "reference")
NEEDED = ("payee_name", "account_number", "bank_code", "amount")
TITLES = ("收款人户名", "收款人账号", "收款行行号", "金额(元)", "款项类型", "附言", "业务编号")
# What the result file adds; such a file, mended, may be handed in again.
RESULT_TITLES = ("行号", "结果", "原因", "处理建议", "付款指令号")
OUTCOMES: dict[Outcome, str] = {
    "wrong": "未付款：行数据有误",
    "waiting": "待付款",
    "not_paid": "未付款",
    "pending_approval": "待复核",
    "under_review": "银行核实中",
    "draft": "处理中",
    "submitted": "已提交，待发送",
    "processing": "处理中",
    "unknown": "结果待确认",
    "settled": "付款成功",
    "failed": "付款失败，款项已退回",
    "returned": "对方银行退汇，款项已退回",
    "cancelled": "已撤销",
    "refused": "未付款：被拒绝",
    "rejected": "复核未通过",
}
# What an owner does about a row that did not succeed.
NEXT_STEPS: dict[Outcome, str] = {
    "wrong": "请修改该行后重新上传",
    "not_paid": "可用“重试失败行”生成新批次",
    "failed": "核对收款信息后可用“重试失败行”生成新批次",
    "returned": "核对收款信息后可用“重试失败行”生成新批次",
    "cancelled": "可用“重试失败行”生成新批次",
    "refused": "按原因处理后可用“重试失败行”生成新批次",
    "unknown": "请勿重复付款，系统会自动查询结果",
}
# The same in the word of a message's answer: settled, on its way, not decided, refused.
STATUSES: dict[Outcome, Status] = {
    "settled": "ACSC",
    "submitted": "ACSP",
    "processing": "ACSP",
    "unknown": "PDNG",
    "waiting": "PDNG",
    "pending_approval": "PDNG",
    "under_review": "PDNG",
    "draft": "PDNG",
}
AMOUNT_COLUMN = FIELDS.index("amount")


def plain_yuan(fen: int) -> str:
    """1234.56: no signs of thousands, so that it can be read again."""
    return f"{fen // 100}.{fen % 100:02d}"


def content_hash(
    account_id: UUID, mode: str, speed: str, payable: Iterable[tuple[PayableRow, str]]
) -> bytes:
    """SHA-256 over what is agreed to: payer, mode, and every sound row with its account number."""
    digest = hashlib.sha256(msgspec.json.encode([str(account_id), mode, speed]))
    for row, number in payable:
        fields = [row.no, row.payee_name, number, row.payee_bank_code, row.amount_fen, row.purpose,
                  row.memo, row.reference]  # fmt: skip
        digest.update(msgspec.json.encode(fields))
    return digest.digest()


def fees_fen(
    rows: Iterable[Outside],
    tariff: Tariff,
    *,
    speed: Speed,
    moment: datetime,
    rails: Sequence[DatedTerms],
    special: Mapping[date, DayKind],
) -> int:
    """What rows to other banks cost beside their amounts, each on the rail that it would take."""
    total_fen = 0
    for one in rows if tariff.size not in tariff.prices.free_sizes else ():
        way = rail_rules.route(
            amount_fen=one.amount_fen, speed=speed, moment=moment, rails=rails, special=special
        )
        total_fen += one.rows * fee_rules.fee_fen(tariff, rail=way.rail, amount_fen=one.amount_fen)
    return total_fen


def fingerprint(content: bytes, no: int) -> bytes:
    """What a row's payment must always carry under its key."""
    return hashlib.sha256(content + no.to_bytes(4, "big")).digest()


def said(row: ResultRow) -> Said:
    """What a message's answer says of a row: refused where it is not settled or under way."""
    status = STATUSES.get(row.outcome, "RJCT")
    if row.problems:
        first = row.problems[0]
        return Said(status=status, code=first.code, words=f"{first.problem}：{first.next_step}")
    if status == "ACSC":
        return Said(status=status)
    words = row.reason or NEXT_STEPS.get(row.outcome, OUTCOMES[row.outcome])
    return Said(status=status, code=row.outcome, words=words)


def key(batch_id: UUID, no: int) -> str:
    """The key of a row's payment: unique for ever."""
    return f"batch:{batch_id}:{no}"


MOVES: dict[State, tuple[State, ...]] = {
    "checking": ("checked", "unreadable"),
    "unreadable": (),
    "checked": ("pending_approval", "paying", "cancelled"),
    "pending_approval": ("paying", "rejected", "cancelled"),
    "paying": ("paused", "sent", "failed", "cancelled"),
    "paused": ("paying", "cancelled"),
    "sent": ("finished",),
    "finished": (),
    "failed": (),
    "rejected": (),
    "cancelled": (),
}
# Nothing more is paid of these.
ENDED: tuple[State, ...] = ("finished", "failed", "rejected", "cancelled")


def move(batch: StoredBatch, to: State, *, now: datetime, reason: str | None = None) -> StoredBatch:
    """The batch in its next state, one version on; BatchStateForbids."""
    if to not in MOVES[batch.state]:
        raise BatchStateForbids(batch_id=batch.id, state=batch.state, wanted=to)
    return replace(
        batch,
        state=to,
        version=batch.version + 1,
        reason=reason,
        released_at=batch.released_at or (now if to == "paying" else None),
        sent_at=now if to == "sent" else batch.sent_at,
        finished_at=now if to in ENDED else None,
    )


def seen(batch: StoredBatch, *, version: int, content: str | None = None) -> None:
    """Raise BatchChanged unless the person has seen this version, and this content where asked."""
    if batch.version != version or (content is not None and batch.content_hash != content):
        raise BatchChanged(batch_id=batch.id, version=batch.version, state=batch.state)


def facts(batch: StoredBatch) -> Facts:
    """What a step-up for a batch binds: the batch, and by its hash every row of it."""
    return {
        "batch_id": str(batch.id),
        "account_id": str(batch.account_id),
        "total_fen": batch.total_fen,
        "content_hash": batch.content_hash,
    }


def payings(kinds: Sequence[Kind], *, own_bank_code: str) -> list[Together]:
    """The rows of a batch as a mandate looks at them, in kinds."""
    totals: dict[tuple[bool, Standing, UUID | None, Purpose], Together] = {}
    for kind in kinds:
        in_bank = is_in_bank(kind.payee_bank_code, own_bank_code=own_bank_code)
        mark = (in_bank, kind.payee, kind.party_id, kind.purpose)
        before = totals.get(mark)
        totals[mark] = Together(
            in_bank=in_bank,
            payee=kind.payee,
            party_id=kind.party_id,
            purpose=kind.purpose,
            largest_fen=max(kind.largest_fen, before.largest_fen if before else 0),
            sum_fen=kind.sum_fen + (before.sum_fen if before else 0),
            count=kind.count + (before.count if before else 0),
        )
    return list(totals.values())


def shown(batch: StoredBatch) -> Batch:
    """The batch as its owner sees it."""
    return msgspec.convert(batch, Batch, from_attributes=True)


def waits(batch: StoredBatch) -> None:
    """Raise BatchStateForbids unless the batch waits for another person."""
    if batch.state != "pending_approval":
        raise BatchStateForbids(batch_id=batch.id, state=batch.state)


def paused(batch: StoredBatch) -> StoredBatch:
    """The batch, or BatchStateForbids unless it is paused."""
    if batch.state != "paused":
        raise BatchStateForbids(batch_id=batch.id, state=batch.state)
    return batch


# Money of rows with these outcomes did not reach its payee and never will by itself.
TO_RETRY: frozenset[Outcome] = frozenset(
    {"not_paid", "refused", "failed", "returned", "cancelled", "rejected"}
)


def any_to_retry(batch: StoredBatch, tallies: Sequence[Tally]) -> None:
    """Raise NothingToPay where every sound row reached its payee or still may."""
    if not any(tally.outcome in TO_RETRY for tally in tallies):
        raise NothingToPay(batch_id=batch.id)


def payable(batch: StoredBatch) -> None:
    """Raise BatchRowsWrong or NothingToPay unless the batch may be put to others."""
    if batch.mode == "atomic" and batch.bad_count:
        raise BatchRowsWrong(batch_id=batch.id, bad_count=batch.bad_count)
    if batch.bad_count == batch.row_count:
        raise NothingToPay(batch_id=batch.id)


def retriable(batch: StoredBatch, *, retried_by: UUID | None) -> None:
    """Raise BatchStateForbids or AlreadyRetried unless the batch ended and was not retried."""
    if batch.state not in ("finished", "failed", "cancelled"):
        raise BatchStateForbids(batch_id=batch.id, state=batch.state)
    if retried_by is not None:
        raise AlreadyRetried(batch_id=retried_by)


def result(rows: Sequence[tuple[ResultRow, list[str]]]) -> Sheet:
    """Every row as it was handed in, and after it what came of it, why, and what to do."""
    return Sheet(
        title="付款结果",
        header=(*TITLES, *RESULT_TITLES),
        rows=[(*typed, *_told(row)) for row, typed in rows],
        numbers=frozenset({AMOUNT_COLUMN}) if all(row.amount_fen for row, _ in rows) else NONE,
    )


NONE: frozenset[int] = frozenset()


def _told(row: ResultRow) -> tuple[str, ...]:
    """Line, outcome, reason, next step, payment."""
    reason = row.reason or "；".join(
        f"{_title(one.field)}{one.problem}" for one in (*row.problems, *row.warnings)
    )
    steps = "；".join(dict.fromkeys(one.next_step for one in row.problems))
    return (
        str(row.line_no),
        OUTCOMES[row.outcome],
        reason,
        steps or NEXT_STEPS.get(row.outcome, ""),
        str(row.payment_id or ""),
    )


def _title(field: str) -> str:
    return TITLES[FIELDS.index(field)]


def typed(row: ResultRow, *, number: str) -> list[str]:
    """A sound row as it stood in the file, in the order of the template."""
    yuan = plain_yuan(row.amount_fen or 0)
    return [row.payee_name, number, row.payee_bank_code, yuan, row.purpose, row.memo,
            row.reference]  # fmt: skip


def template() -> Sheet:
    """An empty file to fill in, with one line that shows how."""
    example = (
        "苏州示例材料有限公司", "6228480402564890018", "103100000026", "1234.50", "货款",
        "九月货款", "PO-2025-001",
    )  # fmt: skip
    return Sheet(title="批量付款", header=TITLES, rows=[example])
