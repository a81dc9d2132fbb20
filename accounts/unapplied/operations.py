"""Takes up credits that fit no account, lets two people decide, carries out what they agreed."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from accounts.deposits import operations as deposits
from accounts.incoming import operations as incoming
from accounts.incoming.model import Arrival
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting
from accounts.messages import operations as messages
from accounts.movements import operations as movements
from accounts.parties import rules as party_rules
from accounts.policies import operations as policies
from accounts.reconciliation.model import DifferenceNotFound, ReconciliationAsked
from accounts.unapplied import rules
from accounts.unapplied.model import (
    Answer,
    Details,
    NewProposal,
    NewUnapplied,
    NoSuchRightfulAccount,
    Origin,
    Post,
    StoredDetails,
    Told,
    TurnDown,
    Unapplied,
    UnappliedAgreed,
    UnappliedCase,
    UnappliedNotFound,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PLACE = "accounts.unapplied_credits.details_sealed"


async def enter(work: Work) -> None:
    """All of this lies in the bank's own firm."""
    await work.set_business((await policies.bank(work)).business_id)


# --- taken up ------------------------------------------------------------------------------------


async def take_up(work: Work, *, arrival: Arrival) -> None:
    """Keep a credit that was settled for good and could not be booked; found again, the same."""
    if await incoming.decided(work, reference=arrival.reference):
        return
    item_id = new_id()
    holder = await deposits.holder(work, number=arrival.payee_account)
    await work.run(
        sql.add,
        id=item_id,
        reference=arrival.reference,
        moved_on=arrival.sent_on or work.today,
        amount_fen=arrival.amount_fen,
        why=rules.why(arrival, holder),
        details_sealed=await work.vault.seal(
            work,
            msgspec.json.encode(rules.details(arrival)).decode(),
            scope=work.business_id,
            place=PLACE,
            row_id=item_id,
        ),
        difference_id=None,
    )


async def take_from_difference(work: Work, *, new: NewUnapplied) -> Unapplied:
    """What only the clearing house knows, proposed to be taken into suspense.

    Raises DifferenceNotFound, NotAnUnknownCredit and what `propose` raises.
    """
    origin = await work.maybe(Origin, sql.origin, id=new.difference_id)
    if origin is None:
        raise DifferenceNotFound(difference_id=new.difference_id)
    amount_fen = rules.may_be_suspended(origin)
    await work.run(
        sql.add,
        id=new_id(),
        reference=origin.reference,
        moved_on=origin.reconciled_on,
        amount_fen=amount_fen,
        why="unknown",
        details_sealed=None,
        difference_id=origin.id,
    )
    item_id = await work.one(UUID, sql.of_reference, reference=origin.reference)
    item = await _lock(work, item_id)
    proposal = NewProposal(step="suspend", reason=new.reason, version=item.version)
    return await propose(work, item_id=item_id, new=proposal)


# --- decided -------------------------------------------------------------------------------------


async def propose(work: Work, *, item_id: UUID, new: NewProposal) -> Unapplied:
    """One person's word about what is to be done next; raises what `rules.may_propose` does,
    NoSuchRightfulAccount."""
    item = await _lock(work, item_id)
    rules.may_propose(item, new.step, version=new.version)
    holder = None
    if new.step == "assign":
        holder = await deposits.holder(work, number=new.to_account_number or "")
        if holder is None:
            raise NoSuchRightfulAccount()
    await work.run(
        sql.propose,
        id=item_id,
        wanted=new.step,
        reason=new.reason,
        to_business_id=holder and holder.business_id,
        to_account_id=holder and holder.account_id,
        to_number_tail=holder and party_rules.tail(new.to_account_number or ""),
        staff_id=_staff(work),
    )
    await work.record(f"unapplied.propose_{new.step}", object_id=item_id)
    return await work.one(Unapplied, sql.item, id=item_id)


async def agree(work: Work, *, item_id: UUID, new: Answer) -> Unapplied:
    """Another person's word: it is carried out; raises what `rules.may_agree` does."""
    item = await _lock(work, item_id)
    rules.may_agree(item, version=new.version, staff_id=_staff(work))
    await work.run(sql.agree, id=item_id, staff_id=_staff(work))
    await work.record(f"unapplied.agree_{item.wanted}", object_id=item_id)
    await work.emit(UnappliedAgreed(item_id=item_id))
    return await work.one(Unapplied, sql.item, id=item_id)


async def turn_down(work: Work, *, item_id: UUID, new: TurnDown) -> Unapplied:
    """Nothing is done; the item waits for another proposal. Raises as `rules.may_turn_down`."""
    item = await _lock(work, item_id)
    rules.may_turn_down(item, version=new.version)
    await work.run(sql.clear, id=item_id, answer=new.reason)
    await work.record("unapplied.turned_down", object_id=item_id)
    return await work.one(Unapplied, sql.item, id=item_id)


async def _lock(work: Work, item_id: UUID) -> Unapplied:
    item = await work.maybe(Unapplied, sql.lock_item, id=item_id)
    if item is None:
        raise UnappliedNotFound(item_id=item_id)
    return item


def _staff(work: Work) -> UUID:
    assert work.actor.staff_id is not None, "unapplied credits are worked on at the desk"
    return work.actor.staff_id


# --- carried out ---------------------------------------------------------------------------------


async def carry_out(work: Work, *, item_id: UUID) -> Post | None:
    """Do what two people agreed on, once; a return is answered as the message to be sent."""
    item = await _lock(work, item_id)
    if item.agreed_by is None or item.state not in rules.OPEN:
        return None
    match item.wanted:
        case "suspend":
            await _suspend(work, item)
        case "assign":
            await _assign(work, item)
        case "return":
            return await _write(work, item)
    return None


async def _suspend(work: Work, item: Unapplied) -> None:
    taken = await incoming.suspend(work, reference=item.reference, amount_fen=item.amount_fen)
    if not taken:
        await work.run(sql.booked, id=item.id)
        return
    entry = rules.suspended(
        item,
        house_id=await ledger.bank_side(work, kind="clearing_house"),
        suspense_id=await ledger.bank_side(work, kind="suspense"),
    )
    await ledger.post(work, entries=[entry])
    await movements.note(work, moved=[rules.came(item)], firm=work.business_id)
    await work.run(sql.suspended, id=item.id)
    await work.record("unapplied.suspended", object_id=item.id)
    if item.difference_id is not None:
        await work.emit(ReconciliationAsked(on=item.moved_on.isoformat()))


async def _assign(work: Work, item: Unapplied) -> None:
    """Onto the rightful account in its firm's tenant; one that takes nothing leaves it waiting."""
    assert item.to_business_id is not None and item.to_account_id is not None
    said = await details(work, item_id=item.id) or Details()
    entries = rules.assigned(
        item,
        suspense_id=await ledger.bank_side(work, kind="suspense"),
        transfer_id=new_id(),
        remark=said.remark,
    )
    try:
        await ledger.post(work, entries=entries)
    except AccountRefusesPosting as refusal:
        await work.run(sql.clear, id=item.id, answer=refusal.zh)
        return
    await work.run(sql.assigned, id=item.id)
    await work.record("unapplied.assigned", object_id=item.id)
    bank = await policies.bank(work)
    arrival = rules.arrival(item, said, bank_code=bank.bank_code)
    await work.set_business(item.to_business_id)
    await incoming.receive_applied(work, arrival=arrival, account_id=item.to_account_id)


async def _write(work: Work, item: Unapplied) -> Post:
    """The return as it was kept when it was first to be sent."""
    if item.return_id is not None:
        return Post(
            reference=str(item.return_id),
            document=await messages.sent(work, subject_id=item.return_id),
        )
    return_id = new_id()
    bank = await policies.bank(work)
    sending = msgspec.structs.replace(item, return_id=return_id)
    document = rules.message(sending, our_bank=bank.bank_code, now=work.now)
    ask_at = work.now + timedelta(seconds=rules.ASK_AGAIN_SECONDS)
    await work.run(sql.sending, id=item.id, return_id=return_id, ask_at=ask_at)
    await _keep(work, return_id, direction="out", document=document)
    return Post(reference=str(return_id), document=document)


async def record(work: Work, *, item_id: UUID, post: Post, told: Told) -> None:
    """What became of a return; safe to repeat, and what is not final changes nothing."""
    item = await _lock(work, item_id)
    if told.document:
        await _keep(work, UUID(post.reference), direction="in", document=told.document)
    if item.state != "suspended" or str(item.return_id) != post.reference:
        return
    if told.state == "refused":
        await work.run(sql.clear, id=item_id, answer=told.reason)
    elif told.state == "done":
        entry = rules.returned(
            item,
            house_id=await ledger.bank_side(work, kind="clearing_house"),
            suspense_id=await ledger.bank_side(work, kind="suspense"),
        )
        await ledger.post(work, entries=[entry])
        on = told.settled_on or work.today
        await movements.note(work, moved=[rules.went_back(item, on=on)], firm=work.business_id)
        reason = item.wanted_why or "退汇"
        await incoming.sent_back(work, reference=item.reference, reason=reason)
        await work.run(sql.returned, id=item_id, returned_on=on)
        await work.record("unapplied.returned", object_id=item_id)


async def _keep(work: Work, return_id: UUID, *, direction: str, document: str) -> None:
    await messages.keep(
        work,
        subject_id=return_id,
        direction="out" if direction == "out" else "in",
        reference=str(return_id),
        document=document,
    )


async def returning(work: Work, *, reference: str) -> UUID | None:
    """The item whose return is under way under a reference, or None."""
    return await work.maybe(UUID, sql.returning, reference=reference)


async def take_due(work: Work) -> list[UUID]:
    """Items whose return is to be asked about now, each put off."""
    return await work.all(UUID, sql.take_due)


# --- read ----------------------------------------------------------------------------------------


async def queue(
    work: Work, *, waiting: bool, after: str | None, limit: int
) -> pages.Page[Unapplied]:
    """What waits, or what is done, oldest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Unapplied, sql.page, open=waiting, after_at=after_at, after_id=after_id, most=limit
    )
    return pages.page(rows, limit, lambda item: (item.found_at, item.id))


async def case(work: Work, *, item_id: UUID) -> UnappliedCase:
    """An item with what its sender wrote; that somebody read it is recorded. UnappliedNotFound."""
    item = await work.maybe(Unapplied, sql.item, id=item_id)
    if item is None:
        raise UnappliedNotFound(item_id=item_id)
    await work.record("unapplied.read", object_id=item_id)
    return UnappliedCase(item=item, details=await details(work, item_id=item_id))


async def details(work: Work, *, item_id: UUID) -> Details | None:
    """What the sender wrote, unsealed; None where nothing is known."""
    stored = await work.one(StoredDetails, sql.details, id=item_id)
    if stored.details_sealed is None:
        return None
    opened = await work.vault.open(
        work, stored.details_sealed, scope=work.business_id, place=PLACE, row_id=item_id
    )
    return msgspec.json.decode(opened, type=Details)
