"""Pays a released batch slice by slice: one posting, one statement for the payments of a slice."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from accounts.batches import operations as batches
from accounts.batches import rules as batch_rules
from accounts.batches.model import PayableRow, StoredBatch
from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.deposits.model import CannotPayOnline
from accounts.fees import operations as fees
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from accounts.limits import operations as limits
from accounts.limits.model import DailyLimitExceeded, SingleLimitExceeded
from accounts.monitors import operations as monitors
from accounts.monitors import rules as monitor_rules
from accounts.monitors.model import ActiveRule, Terms
from accounts.payments.model import PayeeCannotReceive
from accounts.payouts import rules
from accounts.payouts.model import Counts, Decided, Seen, Way
from accounts.policies import operations as policies
from accounts.rails import operations as rails
from app import outbox
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
CHANGED = "批次内容与批准时不一致，已停止付款"
HELD = "银行需先核实该笔付款"
TAKEN = "付款编号已被占用"
# How often a slice is decided anew because money or limits changed meanwhile.
TRIES = 3
PAUSE_SECONDS = 2


class Stop(Exception):
    """Nothing of an all-or-nothing batch is paid, for this reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Again(Exception):
    """Money, limits or states change under our hands: the slice is tried again a moment later."""


async def pay_slice(work: Work, *, batch_id: UUID) -> bool:
    """Pay the next rows of a batch, all of them where it is all or nothing; whether more follow.

    Under the batch's row lock, which a pause or a call-off waits for; a row is paid once, because
    what was paid is marked in the same transaction.
    """
    batch = await batches.lock(work, batch_id=batch_id)
    if batch.state != "paying":
        return False
    if batch.done_until == 0 and not await _as_approved(work, batch):
        await batches.save(work, batch_rules.move(batch, "failed", now=work.now, reason=CHANGED))
        return False
    try:
        deposit_rules.may_pay_online(await deposits.own(work, account_id=batch.account_id))
    except CannotPayOnline as refusal:
        await batches.save(work, batch_rules.move(batch, "paused", now=work.now, reason=refusal.zh))
        return False
    limit = rules.SLICE if batch.mode == "continue" else batch.row_count
    rows = await _rows(work, batch, after_no=batch.done_until, limit=limit)
    if not rows:
        await batches.save(work, batch_rules.move(batch, "sent", now=work.now))
        return False
    try:
        async with work.savepoint():
            await _pay(work, batch, rows)
    except Stop as stop:
        failed = batch_rules.move(batch, "failed", now=work.now, reason=stop.reason)
        await batches.tell_finished(work, await batches.save(work, failed))
        return False
    return True


async def _rows(work: Work, batch: StoredBatch, *, after_no: int, limit: int) -> list[PayableRow]:
    return await work.all(
        PayableRow, sql.next_rows, batch_id=batch.id, after_no=after_no, limit=limit
    )


async def _as_approved(work: Work, batch: StoredBatch) -> bool:
    """Whether the rows are, to the last digit, those that were agreed to."""
    rows = await _rows(work, batch, after_no=0, limit=batch.row_count)
    numbers = [await batches.open_number(work, row.payment_id, row.payee_sealed) for row in rows]
    found = batch_rules.content_hash(
        batch.account_id, batch.mode, batch.speed, zip(rows, numbers, strict=True)
    )
    return found.hex() == batch.content_hash


async def _pay(work: Work, batch: StoredBatch, rows: Sequence[PayableRow]) -> None:
    """Store the payments, decide each, book them all at once, and say what became of them."""
    free = await _free(work, batch, rows)
    await work.run(
        sql.claim_rows,
        batch_id=batch.id,
        made_by=batch.made_by,
        account_id=batch.account_id,
        **rules.drafts(batch, free),
    )
    found = await _examined(work, await _ways(work, batch, free))
    found = await _booked(work, batch, found)
    await work.run(sql.save_rows, **rules.outcomes(found, now=work.now, counted_on=work.today))
    for one in found:
        if one.verdict is not None and one.held:
            await monitors.open_review(
                work,
                payment_id=one.row.payment_id,
                amount_fen=one.row.amount_fen,
                verdict=one.verdict,
            )
    await outbox.write_all(work, rules.events(found))
    done_until = rows[-1].no
    await work.run(sql.advance, id=batch.id, done_until=done_until)
    paid = [one for one in found if one.refusal is None]
    await work.record("batch.paid", object_id=batch.id, until=done_until, rows=len(paid))
    await work.progress(
        batch.id,
        "slice",
        done_until=done_until,
        row_count=batch.row_count,
        paid=len(paid),
        refused=len(rows) - len(paid),
    )


async def _free(work: Work, batch: StoredBatch, rows: Sequence[PayableRow]) -> list[PayableRow]:
    """The rows but for those whose key somebody of the firm gave to a payment of their own."""
    keys = {batch_rules.key(batch.id, row.no): row for row in rows}
    taken = set(await work.all(str, sql.taken_keys, keys=list(keys)))
    if taken and batch.mode == "atomic":
        raise Stop(TAKEN)
    return [row for key, row in keys.items() if key not in taken]


async def _ways(work: Work, batch: StoredBatch, rows: Sequence[PayableRow]) -> list[Decided]:
    """How each row travels, by what stands in the directory and in force now."""
    numbers = [await batches.open_number(work, row.payment_id, row.payee_sealed) for row in rows]
    holders = await batches.holders_of(work, numbers)
    bank = await policies.bank(work)
    terms, special = await rails.known(work)
    way = Way(
        account_id=batch.account_id,
        own_bank_code=bank.bank_code,
        speed=batch.speed,
        rails=terms,
        special=special,
        now=work.now,
        tariff=await fees.tariff(work),
    )
    found = [
        rules.decide(row, holders.get(number), way)
        for row, number in zip(rows, numbers, strict=True)
    ]
    return [
        replace(one, transfer_id=new_id())
        if one.rail == "in_bank"
        else rules.set_aside(one, hold_id=new_id(), fee_id=new_id())
        for one in found
    ]


async def _examined(work: Work, found: Sequence[Decided]) -> list[Decided]:
    """The rows with what the monitors say: those of a size that they look at, all in one trip."""
    terms = await policies.value(work, kind=monitors.TERMS, shape=Terms)
    ids = [
        one.row.payment_id
        for one in found
        if one.refusal is None and one.row.amount_fen >= terms.examined_from_fen
    ]
    if not ids:
        return list(found)
    active = await work.all(ActiveRule, monitors.sql.active_rules)
    features = {
        seen.payment_id: seen.features for seen in await work.all(Seen, sql.features, ids=ids)
    }
    verdicts = {
        payment_id: monitor_rules.decide(known, active, terms=terms)
        for payment_id, known in features.items()
    }
    for one in found:
        verdict = verdicts.get(one.row.payment_id)
        if verdict is not None and verdict.fired:
            await monitors.keep(
                work,
                payment_id=one.row.payment_id,
                amount_fen=one.row.amount_fen,
                verdict=verdict,
                features=features[one.row.payment_id],
            )
    return [rules.watched(one, verdicts.get(one.row.payment_id), new_id()) for one in found]


async def _booked(work: Work, batch: StoredBatch, found: Sequence[Decided]) -> list[Decided]:
    """The rows once what can be paid of them is booked; decided anew where an account refuses.

    Each time a payee's account takes nothing, its rows are refused and the others are booked.
    """
    tries = TRIES
    while True:
        decided = await _affordable(work, batch, found)
        if batch.mode == "atomic" and (first := rules.first_refusal(decided)) is not None:
            raise Stop(rules.why_nothing(first, held=HELD))
        try:
            async with work.savepoint():
                await _post(work, batch, decided)
                return decided
        except AccountRefusesPosting as refused:
            account_id = refused.facts["account_id"]
            if account_id == batch.account_id:
                raise Again() from refused
            found = [
                rules.refused(one, PayeeCannotReceive())
                if rules.to_account(one, account_id)
                else one
                for one in found
            ]
        except (InsufficientFunds, SingleLimitExceeded, DailyLimitExceeded) as changed:
            tries -= 1
            if tries == 0:
                raise Again() from changed


async def _affordable(work: Work, batch: StoredBatch, found: Sequence[Decided]) -> list[Decided]:
    money = await ledger.balance(work, account_id=batch.account_id)
    return rules.affordable(
        found,
        limit=await limits.of(work, person=batch.made_by),
        available_fen=money.available_fen,
        today=work.today,
        payer=batch.account_id,
    )


async def _post(work: Work, batch: StoredBatch, found: Sequence[Decided]) -> None:
    """Everything of a slice in one posting, and its sum on the maker's day; accounts first."""
    entries = rules.entries(found, account_id=batch.account_id, business_id=work.business_id)
    holds = rules.holds(found, account_id=batch.account_id)
    if entries or holds:
        await ledger.post(work, entries=entries, holds=holds)
    await fees.keep_reserved(work, account_id=batch.account_id, reserved=rules.reserved(found))
    counted_fen = rules.counted_fen(found)
    if counted_fen:
        await limits.use_together(work, person=batch.made_by, amount_fen=counted_fen)


async def follow(work: Work, *, batch_id: UUID) -> int:
    """Finish a batch once every row has its outcome; seconds until the next look, 0 if done."""
    batch = await batches.lock(work, batch_id=batch_id)
    if batch.state != "sent":
        return 0
    assert batch.sent_at is not None
    counts = await work.one(Counts, sql.counts, batch_id=batch_id)
    await work.progress(
        batch_id,
        "outcomes",
        settled=counts.settled,
        open=counts.open,
        not_settled=counts.not_settled,
    )
    if counts.open:
        return rules.look_again_after(batch.sent_at, now=work.now)
    finished = batch_rules.move(batch, "finished", now=work.now)
    await batches.tell_finished(work, await batches.save(work, finished))
    return 0
