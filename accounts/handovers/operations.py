"""Proposes, agrees and carries out hand-overs: in the bank at once, else by the clearing house."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.clearing.rules import wait_until
from accounts.deposits import operations as deposits
from accounts.deposits.model import Holder
from accounts.handovers import rules
from accounts.handovers.model import (
    Handover,
    HandoverAgreed,
    HandoverNotFound,
    HandoverSeen,
    Named,
    NewHandover,
    Sealed,
    Step,
    Told,
)
from accounts.incoming import operations as incoming
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting
from accounts.messages import operations as messages
from accounts.movements import operations as movements
from accounts.parties import rules as party_rules
from accounts.policies import operations as policies
from accounts.rails import operations as rails
from accounts.rails.rules import is_in_bank
from accounts.suspense import operations as suspense
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PLACE = "accounts.handovers.payee_sealed"
UNKNOWN_HERE = "本行无此账号或户名不符"


async def propose(work: Work, *, item_id: UUID, new: NewHandover) -> Handover:
    """Say where the money goes; raises ItemNotFound, NotADeduction, HandoverChanged."""
    item = await suspense.get(work, item_id=item_id)
    rules.may_be_proposed(item, await work.maybe(Handover, sql.handover, item_id=item_id))
    await work.run(
        sql.propose,
        item_id=item_id,
        amount_fen=item.amount_fen,
        payee_name=new.payee_name,
        payee_bank_code=new.payee_bank_code,
        payee_sealed=await work.vault.seal(
            work, new.payee_account, scope=work.business_id, place=PLACE, row_id=item_id
        ),
        payee_account_tail=party_rules.tail(new.payee_account),
        memo=item.reason,
        staff_id=work.actor.staff_id,
    )
    await work.record("handover.proposed", object_id=item_id)
    return await _lock(work, item_id)


async def agree(work: Work, *, item_id: UUID, new: HandoverSeen) -> Handover:
    """Another person's word: the money leaves. HandoverNotFound and what `rules.may_agree` does."""
    found = await _lock(work, item_id)
    assert work.actor.staff_id is not None
    rules.may_agree(found, version=new.version, staff_id=work.actor.staff_id)
    await work.run(sql.agree, item_id=item_id, staff_id=work.actor.staff_id)
    await work.record("handover.agreed", object_id=item_id)
    await work.emit(HandoverAgreed(item_id=item_id))
    return await _lock(work, item_id)


async def _lock(work: Work, item_id: UUID) -> Handover:
    found = await work.maybe(Handover, sql.handover, item_id=item_id)
    if found is None:
        raise HandoverNotFound(item_id=item_id)
    return found


async def queue(work: Work, *, after: str | None, limit: int) -> pages.Page[Handover]:
    """What is not with its authority yet, in all firms, oldest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Handover, sql.open_handovers, after_at=after_at, after_id=after_id, most=limit
    )
    return pages.page(rows, limit, lambda one: (one.proposed_at, one.item_id))


async def next_step(work: Work, *, item_id: UUID) -> Step:
    """What is to be done about an agreed hand-over; inside the bank it is done at once."""
    found = await _lock(work, item_id)
    if found.state != "agreed":
        return Step()
    if found.reference is not None:
        document = await messages.sent(work, subject_id=found.reference)
        return Step(reference=str(found.reference), document=document)
    bank = await policies.bank(work)
    if is_in_bank(found.payee_bank_code, own_bank_code=bank.bank_code):
        await _hand_over_here(work, found)
        return Step()
    way = await rails.route(work, amount_fen=found.amount_fen, speed="instant")
    seconds = wait_until(way.send_after, now=work.now)
    if seconds:
        return Step(wait_seconds=seconds)
    sending = replace(found, reference=new_id())
    assert sending.reference is not None
    document = rules.message(
        sending,
        rail=way.rail,
        our_bank=bank.bank_code,
        payer=await _payer(work, item_id),
        payee_account=await _payee_account(work, item_id),
        now=work.now,
    )
    ask_at = work.now + timedelta(seconds=rules.ASK_AGAIN_SECONDS)
    await work.run(sql.sending, item_id=item_id, reference=sending.reference, ask_at=ask_at)
    await _keep(work, sending.reference, document, out=True)
    return Step(reference=str(sending.reference), document=document)


async def _payer(work: Work, item_id: UUID) -> Holder:
    """The account from which the money was taken."""
    item = await suspense.get(work, item_id=item_id)
    deposit = await deposits.own(work, account_id=item.account_id)
    return Holder(
        business_id=work.business_id,
        account_id=deposit.id,
        name=deposit.name,
        number=deposit.number,
    )


async def _payee_account(work: Work, item_id: UUID) -> str:
    stored = await work.one(Sealed, sql.payee, item_id=item_id)
    return await work.vault.open(
        work, stored.payee_sealed, scope=work.business_id, place=PLACE, row_id=item_id
    )


async def _hand_over_here(work: Work, found: Handover) -> None:
    """Onto the authority's account at this bank; one that takes nothing is told as refused."""
    holder = await deposits.holder(work, number=await _payee_account(work, found.item_id))
    if holder is None or not party_rules.same_name(found.payee_name, holder.name):
        await work.run(sql.refused, item_id=found.item_id, reason=UNKNOWN_HERE)
        return
    payer = await _payer(work, found.item_id)
    entries = rules.handed_over_here(
        found,
        suspense_id=await ledger.bank_side(work, kind="suspense"),
        holder=holder,
        transfer_id=new_id(),
    )
    try:
        await ledger.post(work, entries=entries)
    except AccountRefusesPosting as refusal:
        await work.run(sql.refused, item_id=found.item_id, reason=refusal.zh)
        return
    await _done(work, found)
    bank = await policies.bank(work)
    arrival = rules.arrival(found, payer_name=payer.name, bank_code=bank.bank_code)
    await work.set_business(holder.business_id)
    await incoming.receive_applied(work, arrival=arrival, account_id=holder.account_id)


async def _done(work: Work, found: Handover) -> None:
    await suspense.handed_over(work, item_id=found.item_id)
    await work.run(sql.done, item_id=found.item_id, settled_on=found.settled_on or work.today)
    await work.record("handover.done", object_id=found.item_id)


async def record(work: Work, *, item_id: UUID, reference: str, told: Told) -> None:
    """What became of it; safe to repeat, and what is not final changes nothing."""
    found = await _lock(work, item_id)
    if told.document:
        await _keep(work, UUID(reference), told.document, out=False)
    if found.state != "agreed" or str(found.reference) != reference:
        return
    if told.state == "refused":
        await work.run(sql.refused, item_id=item_id, reason=told.reason)
    elif told.state in ("done", "returned"):
        await _pay(work, replace(found, settled_on=told.settled_on or work.today))


async def _pay(work: Work, found: Handover) -> None:
    assert found.settled_on is not None
    bank = await policies.bank(work)
    firm = work.business_id
    suspense_id = await ledger.bank_side(work, kind="suspense")
    await work.set_business(bank.business_id)
    house_id = await ledger.bank_side(work, kind="clearing_house")
    await work.set_business(firm)
    entries = rules.handed_over(
        found,
        suspense_id=suspense_id,
        home=bank.business_id,
        house_id=house_id,
        transfer_id=new_id(),
    )
    await ledger.post(work, entries=entries)
    await movements.note(work, moved=[rules.moved(found, on=found.settled_on)], firm=firm)
    await _done(work, found)


async def _keep(work: Work, reference: UUID, document: str, *, out: bool) -> None:
    await messages.keep(
        work,
        subject_id=reference,
        direction="out" if out else "in",
        reference=str(reference),
        document=document,
    )


async def named(work: Work, *, reference: str) -> Named | None:
    """Whose hand-over a reference is, or None."""
    return await work.maybe(Named, sql.named, reference=reference)


async def take_due(work: Work) -> list[str]:
    """References to be asked about now, over all firms, each put off."""
    return await work.all(str, sql.take_due)
