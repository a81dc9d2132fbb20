"""Reads the rows of a batch, checks them against bank, book and lists, and keeps them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from accounts.batch_checks import rules
from accounts.batches import operations as batches
from accounts.batches import rules as batch_rules
from accounts.batches.model import Known, PayableRow, ReadRow, RetriedRow, StoredBatch, Twin
from accounts.deposits import operations as deposits
from accounts.duplicates import operations as duplicates
from accounts.initiations import rules as initiations
from accounts.initiations.model import Initiation, NotAnInitiation
from accounts.limits import operations as limits
from accounts.parties import operations as parties
from accounts.parties import rules as party_rules
from accounts.payments import operations as payments
from accounts.policies import operations as policies
from accounts.rails.rules import is_in_bank
from accounts.screening import operations as screening
from accounts.spreadsheets.model import Bounds, NotATable, TableTooLarge
from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
# Why a file cannot be read as payments, told to its owner.
PROBLEMS = {
    "encoding": "文件编码无法识别",
    "csv": "CSV 格式有误",
    "character": "含有不允许的字符",
    "workbook": "不是可读取的 XLSX 工作簿",
    "parts": "工作簿内容过多",
    "outside": "工作簿含有宏或外部链接",
    "declaration": "工作簿含有不允许的声明",
    "empty": "文件为空",
    "no_rows": "表头之后没有数据行",
    "column_unknown": "表头中有无法识别的列",
    "column_twice": "表头中有重复的列",
    "columns_missing": "表头缺少必需的列",
    "total_too_large": "合计金额超过允许的最大值",
    "message": "不是可受理的 pain.001 报文",
    "too_many": "报文笔数超过允许的最大值",
    "count": "报文声明的笔数与明细不符",
    "sum": "报文声明的合计金额与明细不符",
    "payer": "报文的付款账号不是所选账户",
    "later": "报文的执行日期在以后，请到期提交或使用定时付款",
    "known": "该报文编号已提交过，未重复受理",
}


def why_unreadable(error: NotATable | TableTooLarge | NotAnInitiation) -> str:
    """What is wrong with the file as a whole, in one sentence with its facts."""
    facts = dict(error.facts)
    told = PROBLEMS.get(str(facts.pop("problem", "")), type(error).zh)
    named = [f"{name}: {_listed_text(value)}" for name, value in sorted(facts.items())]
    return "，".join([told, *named])[:500]


def _listed_text(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


async def bounds(work: Work) -> Bounds:
    """What a file may hold at most."""
    return await policies.value(work, kind="batches.bounds", shape=Bounds)


async def source(work: Work, *, batch_id: UUID) -> File | None:
    """The file to be read; None where there is nothing more to check, or rows are retried."""
    batch = await work.one(StoredBatch, batches.sql.batch, id=batch_id)
    if batch.state != "checking" or batch.file_id is None:
        return None
    return await files.fetch(work, file_id=batch.file_id)


async def check_message(work: Work, *, batch_id: UUID, said: Initiation) -> None:
    """A message pays from the batch's account, not later, and once: NotAnInitiation."""
    batch = await work.one(StoredBatch, batches.sql.batch, id=batch_id)
    payer = await deposits.own(work, account_id=batch.account_id)
    initiations.payer_fits(said, account_number=payer.number, today=work.today)
    if await work.one(bool, sql.message_known, id=batch_id, message_id=said.message_id):
        raise NotAnInitiation(problem="known", message_id=said.message_id)


async def unreadable(work: Work, *, batch_id: UUID, reason: str) -> None:
    """The file cannot be read as payments, with the reason."""
    batch = await batches.lock(work, batch_id=batch_id)
    if batch.state == "checking":
        await batches.save(work, batch_rules.move(batch, "unreadable", now=work.now, reason=reason))


async def to_retry(work: Work, *, batch_id: UUID) -> list[ReadRow] | None:
    """The rows of the earlier batch whose money did not reach its payee, read again; None where
    the batch is read from a file, or was checked before."""
    batch = await work.one(StoredBatch, batches.sql.batch, id=batch_id)
    if batch.state != "checking" or batch.retries is None:
        return None
    rows = await work.all(RetriedRow, sql.rows_to_retry, batch_id=batch.retries)
    found = [
        ReadRow(
            line_no=row.line_no,
            payee_name=row.payee_name,
            account_number=await batches.open_number(work, row.payment_id, row.payee_sealed),
            bank_code=row.payee_bank_code,
            amount_fen=row.amount_fen,
            purpose=row.purpose,
            memo=row.memo,
            reference=row.reference,
        )
        for row in rows
    ]
    return rules.marked_twice(found)


async def record_rows(
    work: Work, *, batch_id: UUID, rows: Sequence[ReadRow], message_id: str | None = None
) -> None:
    """Check the rows against the bank, the book and the lists, and keep them; once."""
    batch = await batches.lock(work, batch_id=batch_id)
    if batch.state != "checking":
        return
    try:
        total_fen = rules.total(rows)
    except NotATable:
        await unreadable(work, batch_id=batch_id, reason=PROBLEMS["total_too_large"])
        return
    bank = await policies.bank(work)
    rows = await _checked(work, batch, rows, own_bank_code=bank.bank_code)
    payable = await _keep(work, batch_id, rows)
    total_fen = rules.total(rows)
    await work.run(
        sql.save_checked,
        id=batch_id,
        row_count=len(rows),
        bad_count=sum(bool(row.problems) for row in rows),
        warned_count=sum(bool(row.warnings) for row in rows),
        total_fen=total_fen,
        message_id=message_id,
        in_bank_fen=sum(
            row.amount_fen
            for row, _ in payable
            if is_in_bank(row.payee_bank_code, own_bank_code=bank.bank_code)
        ),
        content_hash=batch_rules.content_hash(batch.account_id, batch.mode, batch.speed, payable),
    )
    await batches.save(work, batch_rules.move(batch, "checked", now=work.now))


async def _checked(
    work: Work, batch: StoredBatch, rows: Sequence[ReadRow], *, own_bank_code: str
) -> list[ReadRow]:
    """The rows with what the bank, the book and the lists know about them."""
    numbers = [row.account_number for row in rows if row.account_number]
    holders = await batches.holders_of(work, numbers)
    limit = await limits.of(work, person=batch.made_by)
    known = await _known(work, numbers)
    twins = await _twins(work, rows)
    listed = await _listed(work, {row.payee_name for row in rows if row.payee_name})
    out = []
    for row in rows:
        in_bank = is_in_bank(row.bank_code, own_bank_code=own_bank_code)
        if row.account_number and row.bank_code and in_bank:
            row = rules.held_by(row, holders.get(row.account_number), payer=batch.account_id)
        if row.amount_fen is not None and row.amount_fen > limit.single_fen:
            row = rules.wrong(row, rules.problem("amount", "over_limit"))
        if row.payee_name in listed:
            row = rules.wrong(row, rules.problem("payee_name", "listed"))
        if (row.account_number[-4:], row.bank_code, row.amount_fen) in twins:
            row = rules.warned(row, rules.problem("amount", "paid_lately"))
        out.append(rules.known_as(row, known.get((row.account_number, row.bank_code)), work.now))
    return out


async def _known(work: Work, numbers: Sequence[str]) -> dict[tuple[str, str], Known]:
    """What the firm's book knows of these accounts."""
    by_index = {parties.account_index(work, number): number for number in set(numbers)}
    found = await work.all(Known, sql.known_payees, indexes=list(by_index))
    return {(by_index[one.account_index], one.bank_code): one for one in found}


async def _twins(work: Work, rows: Sequence[ReadRow]) -> set[tuple[str, str, int | None]]:
    """Payees and amounts that the firm has paid within the days of the policy."""
    policy = await duplicates.policy(work)
    sound = [row for row in rows if row.amount_fen is not None and row.account_number]
    found = await work.all(
        Twin,
        sql.paid_lately,
        tails=[row.account_number[-4:] for row in sound],
        bank_codes=[row.bank_code for row in sound],
        amounts=[row.amount_fen for row in sound],
        since=work.now - timedelta(days=policy.within_days),
    )
    return {(twin.tail, twin.bank_code, twin.amount_fen) for twin in found}


async def _listed(work: Work, names: set[str]) -> set[str]:
    """Which of these payees are surely on a watch list; each plays a part of its own name."""
    subjects = [
        screening.subject(work, part=name, kind="firm", name=name) for name in sorted(names)
    ]
    hits = await screening.screen(work, subjects=subjects) if subjects else []
    return {hit.part for hit in hits if hit.certain}


async def _keep(
    work: Work, batch_id: UUID, rows: Sequence[ReadRow]
) -> list[tuple[PayableRow, str]]:
    """Store every row in one statement; answers the sound ones with their numbers in clear."""
    ids = [new_id() for _ in rows]
    sealed: list[bytes | None] = []
    raws: list[bytes | None] = []
    for row, row_id in zip(rows, ids, strict=True):
        if row.problems:
            text = msgspec.json.encode(row.raw or rules.typed(row)).decode()
            raws.append(await batches.seal_raw(work, row_id, text))
            sealed.append(None)
        else:
            sealed.append(await _seal_number(work, row_id, row.account_number))
            raws.append(None)
    await work.run(
        sql.add_rows,
        batch_id=batch_id,
        nos=list(range(1, len(rows) + 1)),
        line_nos=[row.line_no for row in rows],
        payment_ids=ids,
        names=[row.payee_name for row in rows],
        sealed=sealed,
        tails=[party_rules.tail(row.account_number) for row in rows],
        bank_codes=[row.bank_code for row in rows],
        amounts=[row.amount_fen for row in rows],
        purposes=[row.purpose for row in rows],
        memos=[row.memo for row in rows],
        refs=[row.reference for row in rows],
        problems=[msgspec.json.encode(row.problems).decode() for row in rows],
        warnings=[msgspec.json.encode(row.warnings).decode() for row in rows],
        payees=[row.payee for row in rows],
        party_ids=[row.party_id for row in rows],
        raws=raws,
    )
    return rules.payable_rows(rows, ids, sealed)


async def _seal_number(work: Work, payment_id: UUID, number: str) -> bytes:
    """The account number sealed where the row's payment will keep it."""
    return await work.vault.seal(
        work, number, scope=work.business_id, place=payments.PLACE, row_id=payment_id
    )
