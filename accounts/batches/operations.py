"""Makes, shows and decides batches; how a released one is paid is the payouts' work."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec

from accounts.batches import rules
from accounts.batches.model import (
    Batch,
    BatchAsked,
    BatchFileNotATable,
    BatchFinished,
    BatchNotFound,
    BatchReleased,
    BatchRow,
    Holder,
    Kind,
    MessageFile,
    NewBatch,
    NotFromAMessage,
    Outcome,
    Outside,
    Preview,
    ResultRow,
    StoredBatch,
    Tally,
)
from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.fees import operations as fees
from accounts.initiations import rules as initiations
from accounts.initiations.model import Initiation
from accounts.ledger import operations as ledger
from accounts.ledger.model import InsufficientFunds
from accounts.mandates import operations as mandates
from accounts.payments import operations as payments
from accounts.policies import operations as policies
from accounts.rails import operations as rails
from accounts.spreadsheets import operations as spreadsheets
from accounts.spreadsheets.model import Form
from app import pages
from app.approvals import operations as approvals
from app.approvals.model import Places
from app.files import operations as files
from app.identity.stepups import operations as stepups
from app.identity.stepups.model import StepUp
from app.ids import new_id
from app.money import yuan
from app.queries import load
from app.work import Work

sql = load(__name__)
KIND = "batch"
UNANSWERED = "复核超时未处理"
# A message was within the bounds of its day when it was read; now it is only read again.
MOST_ROWS = 1_000_000
RAW = "accounts.batch_rows.raw_sealed"
TABLES = frozenset({*spreadsheets.MEDIA_TYPES.values(), "application/xml"})


async def make(work: Work, *, new: NewBatch) -> Batch:
    """Have the rows of a table, or the credits of a pain.001, read and checked.

    Raises AccountNotFound, FileNotFound, BatchFileNotATable.
    """
    await deposits.own(work, account_id=new.account_id)
    file = await files.describe(work, file_id=new.file_id)
    if file.kind != KIND or file.media_type not in TABLES:
        raise BatchFileNotATable(file_id=new.file_id)
    return await _make(
        work, new.account_id, file.name, mode=new.mode, speed=new.speed, file_id=new.file_id
    )


async def _make(
    work: Work,
    account_id: UUID,
    name: str,
    *,
    mode: str,
    speed: str,
    file_id: UUID | None = None,
    retries: UUID | None = None,
) -> Batch:
    batch_id = new_id()
    await work.run(
        sql.add_batch,
        id=batch_id,
        account_id=account_id,
        name=name,
        mode=mode,
        speed=speed,
        file_id=file_id,
        retries=retries,
    )
    await work.record("batch.made", object_id=batch_id)
    await work.emit(BatchAsked(batch_id=batch_id))
    return await get(work, batch_id=batch_id)


async def get(work: Work, *, batch_id: UUID) -> Batch:
    """One batch, or BatchNotFound."""
    batch = await work.maybe(Batch, sql.batch, id=batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=batch_id)
    return batch


async def preview(work: Work, *, batch_id: UUID) -> Preview:
    """The batch, what came of its rows so far, and whether the money suffices; BatchNotFound."""
    batch = await get(work, batch_id=batch_id)
    tallies = await work.all(Tally, sql.tallies, batch_id=batch_id)
    money = await ledger.balance(work, account_id=batch.account_id)
    to_pay = sum(tally.amount_fen for tally in tallies if tally.outcome == "waiting")
    fees_fen = 0 if batch.state in rules.ENDED else await _fees_fen(work, batch)
    to_pay += fees_fen
    return Preview(
        batch=batch,
        outcomes=tallies,
        fees_fen=fees_fen,
        available_fen=money.available_fen,
        short_fen=max(to_pay - money.available_fen, 0),
    )


async def _fees_fen(work: Work, batch: Batch) -> int:
    """What the rows to other banks would cost beside their amounts, paid now."""
    tariff = await fees.tariff(work)
    bank = await policies.bank(work)
    rows = await work.all(
        Outside, sql.outside_amounts, batch_id=batch.id, own_bank_code=bank.bank_code
    )
    terms, special = await rails.known(work)
    return rules.fees_fen(
        rows, tariff, speed=batch.speed, moment=work.now, rails=terms, special=special
    )


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Batch]:
    """The firm's batches, newest first."""
    (after_id,) = pages.decode_cursor(after, UUID) if after else (None,)
    rows = await work.all(Batch, sql.batches_page, after_id=after_id, limit=limit)
    return pages.page(rows, limit, lambda batch: (batch.id,))


async def rows_of(
    work: Work, *, batch_id: UUID, outcome: Outcome | None, after: str | None, limit: int
) -> pages.Page[BatchRow]:
    """Rows with what is wrong with them or came of them, in the order of the file."""
    await get(work, batch_id=batch_id)
    (after_no,) = pages.decode_cursor(after, int) if after else (0,)
    rows = await work.all(
        BatchRow, sql.rows_page, batch_id=batch_id, outcome=outcome, after_no=after_no, limit=limit
    )
    return pages.page(rows, limit, lambda row: (row.no,))


async def lock(work: Work, *, batch_id: UUID) -> StoredBatch:
    """The batch under its row lock, or BatchNotFound."""
    batch = await work.maybe(StoredBatch, sql.lock_batch, id=batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=batch_id)
    return batch


async def save(work: Work, batch: StoredBatch) -> StoredBatch:
    """Keep the batch as decided, and tell whoever follows it."""
    await work.run(
        sql.save_batch,
        id=batch.id,
        state=batch.state,
        reason=batch.reason,
        version=batch.version,
        released_at=batch.released_at,
        sent_at=batch.sent_at,
        finished_at=batch.finished_at,
    )
    final = batch.state in (*rules.ENDED, "unreadable")
    await work.progress(
        batch.id, batch.state, version=batch.version, reason=batch.reason, final=final
    )
    return batch


async def open_number(work: Work, payment_id: UUID, sealed: bytes) -> str:
    """A row's account number, unsealed: it lies where its payment keeps it."""
    return await work.vault.open(
        work, sealed, scope=work.business_id, place=payments.PLACE, row_id=payment_id
    )


async def seal_raw(work: Work, row_id: UUID, text: str) -> bytes:
    """A wrong row as it was typed, sealed: it may hold an account number."""
    return await work.vault.seal(work, text, scope=work.business_id, place=RAW, row_id=row_id)


async def holders_of(work: Work, numbers: Sequence[str]) -> dict[str, Holder]:
    """Whose accounts of this bank these numbers are."""
    found = await work.all(Holder, sql.holders, numbers=sorted(set(numbers)))
    return {holder.number: holder for holder in found}


async def submit(
    work: Work, *, batch_id: UUID, version: int, content: str, step_up_id: UUID | None
) -> Batch:
    """Put the batch to others, or release it where nobody else need agree.

    Raises BatchNotFound, BatchChanged, BatchStateForbids, BatchRowsWrong, NothingToPay, and what
    a release raises.
    """
    batch = await lock(work, batch_id=batch_id)
    rules.seen(batch, version=version, content=content)
    rules.payable(batch)
    places, step_up = await _needed(work, batch)
    if step_up and not places.steps:
        facts = rules.facts(batch)
        await stepups.use(work, step_up_id=step_up_id, action=KIND, facts=facts)
    if not places.steps:
        return await _release(work, batch)
    batch = await save(work, rules.move(batch, "pending_approval", now=work.now))
    await mandates.ask(
        work,
        kind=KIND,
        object_id=batch.id,
        version=batch.version,
        amount_fen=batch.total_fen,
        places=msgspec.structs.replace(places, step_up=step_up),
        made_by=batch.made_by,
    )
    await work.record("batch.submitted", object_id=batch_id)
    return rules.shown(batch)


async def ask_to_submit(work: Work, *, batch_id: UUID) -> StepUp:
    """Ask for the confirmation that the firm's mandate wants for a batch; it binds every row."""
    batch = await lock(work, batch_id=batch_id)
    rules.payable(batch)
    text = f"批量付款{batch.row_count - batch.bad_count}笔，共{yuan(batch.total_fen)}元"
    return await stepups.ask(work, action=KIND, facts=rules.facts(batch), text=text)


async def _needed(work: Work, batch: StoredBatch) -> tuple[Places, bool]:
    """Who must agree: by each kind of row in sum, so that many small rows are no way around."""
    bank = await policies.bank(work)
    kinds = await work.all(Kind, sql.kinds, batch_id=batch.id)
    return await mandates.needed_together(
        work,
        maker=batch.made_by,
        payings=rules.payings(kinds, own_bank_code=bank.bank_code),
    )


async def _release(work: Work, batch: StoredBatch) -> Batch:
    """Let the batch be paid; InsufficientFunds at once where it is all or nothing."""
    deposit_rules.may_pay_online(await deposits.own(work, account_id=batch.account_id))
    if batch.mode == "atomic":
        money = await ledger.balance(work, account_id=batch.account_id)
        short_fen = batch.total_fen + await _fees_fen(work, batch) - money.available_fen
        if short_fen > 0:
            raise InsufficientFunds(account_id=batch.account_id, short_fen=short_fen)
    batch = await save(work, rules.move(batch, "paying", now=work.now))
    await work.record("batch.released", object_id=batch.id, content_hash=batch.content_hash)
    await work.emit(BatchReleased(batch_id=batch.id))
    return rules.shown(batch)


async def approve(
    work: Work, *, batch_id: UUID, version: int, content: str, step_up_id: UUID | None
) -> Batch:
    """Agree as another person to exactly these rows; the last agreement releases the batch.

    Raises BatchNotFound, BatchChanged, BatchStateForbids, what approvals raise, and what a release
    raises: then nothing is decided.
    """
    batch = await lock(work, batch_id=batch_id)
    rules.waits(batch)
    rules.seen(batch, version=version, content=content)
    decision = await approvals.decide(
        work, kind=KIND, object_id=batch_id, version=version, approve=True
    )
    if decision.settled and decision.approved:
        if decision.step_up:
            facts = rules.facts(batch)
            await stepups.use(work, step_up_id=step_up_id, action=KIND, facts=facts)
        return await _release(work, batch)
    return rules.shown(batch)


async def reject(work: Work, *, batch_id: UUID, version: int, reason: str) -> Batch:
    """Refuse the whole batch as another person, with the reason; raises like `approve`."""
    batch = await lock(work, batch_id=batch_id)
    rules.waits(batch)
    rules.seen(batch, version=version)
    await approvals.decide(
        work, kind=KIND, object_id=batch_id, version=version, approve=False, reason=reason
    )
    rejected = rules.move(batch, "rejected", now=work.now, reason=reason)
    return rules.shown(await save(work, rejected))


async def pause(work: Work, *, batch_id: UUID, version: int) -> Batch:
    """Pay no further row until it goes on. BatchNotFound, BatchChanged, BatchStateForbids."""
    batch = await lock(work, batch_id=batch_id)
    rules.seen(batch, version=version)
    batch = await save(work, rules.move(batch, "paused", now=work.now))
    await work.record("batch.paused", object_id=batch_id)
    return rules.shown(batch)


async def resume(work: Work, *, batch_id: UUID, version: int) -> Batch:
    """Go on paying after a pause; raises like `pause`, and what a release raises."""
    batch = await lock(work, batch_id=batch_id)
    rules.seen(batch, version=version)
    return await _release(work, rules.paused(batch))


async def cancel(work: Work, *, batch_id: UUID, version: int, reason: str) -> Batch:
    """Pay nothing more of it: what is paid stays paid. Raises like `pause`."""
    batch = await lock(work, batch_id=batch_id)
    rules.seen(batch, version=version)
    batch = await save(work, rules.move(batch, "cancelled", now=work.now, reason=reason))
    await approvals.withdraw(work, kind=KIND, object_id=batch_id)
    await work.record("batch.cancelled", object_id=batch_id)
    await tell_finished(work, batch)
    return rules.shown(batch)


async def end_unanswered(work: Work, *, batch_id: UUID, version: int) -> None:
    """Nobody has agreed in time: the batch is off."""
    batch = await lock(work, batch_id=batch_id)
    if batch.state == "pending_approval" and batch.version == version:
        await save(work, rules.move(batch, "cancelled", now=work.now, reason=UNANSWERED))


async def tell_finished(work: Work, batch: StoredBatch) -> None:
    """Say that nothing more will be paid, and how many rows reached their payees."""
    tallies = await work.all(Tally, sql.tallies, batch_id=batch.id)
    settled = sum(tally.rows for tally in tallies if tally.outcome == "settled")
    not_settled = batch.row_count - settled
    await work.emit(BatchFinished(batch_id=batch.id, settled=settled, not_settled=not_settled))


async def retry(work: Work, *, batch_id: UUID, version: int) -> Batch:
    """The rows that did not reach their payees as a new batch, to be checked and agreed to anew.

    Raises BatchNotFound, BatchChanged, BatchStateForbids, AlreadyRetried, NothingToPay.
    """
    batch = await lock(work, batch_id=batch_id)
    rules.seen(batch, version=version)
    rules.retriable(batch, retried_by=await work.maybe(UUID, sql.retried_by, id=batch_id))
    tallies = await work.all(Tally, sql.tallies, batch_id=batch_id)
    rules.any_to_retry(batch, tallies)
    return await _make(
        work, batch.account_id, batch.name, mode=batch.mode, speed=batch.speed, retries=batch_id
    )


async def result(work: Work, *, batch_id: UUID, form: Form) -> bytes:
    """The file handed in with an outcome behind every row; BatchNotFound."""
    await get(work, batch_id=batch_id)
    found = []
    for row in await work.all(ResultRow, sql.result_rows, batch_id=batch_id):
        if row.raw_sealed is not None:
            raw = await work.vault.open(
                work, row.raw_sealed, scope=work.business_id, place=RAW, row_id=row.row_id
            )
            found.append((row, msgspec.json.decode(raw, type=list[str])))
        else:
            assert row.payee_sealed is not None
            number = await open_number(work, row.row_id, row.payee_sealed)
            found.append((row, rules.typed(row, number=number)))
    return await spreadsheets.write(rules.result(found), form=form)


async def initiation(work: Work, *, batch_id: UUID) -> Initiation:
    """The pain.001 that a batch was read from; BatchNotFound, NotFromAMessage."""
    await get(work, batch_id=batch_id)
    found = await work.maybe(MessageFile, sql.message_file, id=batch_id)
    if found is None:
        raise NotFromAMessage(batch_id=batch_id)
    file = await files.fetch(work, file_id=found.file_id)
    return await asyncio.to_thread(initiations.read, file.content, most=MOST_ROWS)


async def status_report(work: Work, *, batch_id: UUID) -> str:
    """What became of every credit of a pain.001 so far, as a pain.002; raises as `initiation`."""
    of = await initiation(work, batch_id=batch_id)
    found = await work.all(ResultRow, sql.result_rows, batch_id=batch_id)
    said = [rules.said(row) for row in found]
    answer_id = f"R{batch_id.hex}"
    return await asyncio.to_thread(initiations.answer, of, said, answer_id=answer_id, at=work.now)


async def template(*, form: Form) -> bytes:
    """An empty file to fill in."""
    return await spreadsheets.write(rules.template(), form=form)
