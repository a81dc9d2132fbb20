"""Holds money for a named payee and lets it go: to the payee in parts, or back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.ledger import operations as ledger
from accounts.ledger.model import HoldChange, HoldNotOpen
from accounts.parties import rules as party_rules
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import Payment
from accounts.policies import operations as policies
from accounts.reservations import rules
from accounts.reservations.model import (
    End,
    NewConfirmation,
    NewReservation,
    Reservation,
    ReservationEnded,
    ReservationExpired,
    ReservationNotFound,
    Stored,
    Terms,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PLACE = "accounts.reservations.payee_sealed"


async def reserve(work: Work, *, new: NewReservation) -> Reservation:
    """Hold the money for the payee; nothing else can use it until the term is over.

    Raises AccountNotFound, CannotPayOnline, ReservationTermWrong, PayeeMissing, PartyNotFound,
    PartyClosed, what `payments.payee_here` raises, InsufficientFunds, AccountRefusesPosting.
    """
    deposit = await deposits.own(work, account_id=new.account_id)
    deposit_rules.may_pay_online(deposit)
    terms = await policies.value(work, kind="reservations.terms", shape=Terms)
    rules.sound_term(new.expires_at, terms=terms, now=work.now)
    payee = await payments.resolve(work, rules.beforehand(new))
    await payments.payee_here(work, payee, paying=new.account_id)
    reservation_id, hold_id = new_id(), new_id()
    place = HoldChange(
        action="place",
        hold_id=hold_id,
        account_id=new.account_id,
        amount_fen=new.amount_fen,
        expires_at=new.expires_at,
        purpose="reservation",
    )
    await ledger.post(work, entries=[], holds=[place])
    await work.run(
        sql.add_reservation,
        id=reservation_id,
        account_id=new.account_id,
        amount_fen=new.amount_fen,
        party_id=new.party_id,
        payee_name=payee.name,
        payee_sealed=await work.vault.seal(
            work, payee.account_number, scope=work.business_id, place=PLACE, row_id=reservation_id
        ),
        payee_account_tail=party_rules.tail(payee.account_number),
        payee_bank_code=payee.bank_code,
        purpose=new.purpose,
        memo=new.memo,
        hold_id=hold_id,
        expires_at=new.expires_at,
    )
    await work.record("reservation.made", object_id=reservation_id, amount_fen=new.amount_fen)
    return await get(work, reservation_id=reservation_id)


async def confirm(work: Work, *, reservation_id: UUID, new: NewConfirmation) -> Payment:
    """Pay a part, or all that is left, by an ordinary payment order out of the hold.

    Raises ReservationNotFound, ReservationEnded, ReservationTooSmall, and every refusal of a
    payment: then nothing was taken.
    """
    stored = await _lock(work, reservation_id=reservation_id)
    amount_fen = rules.part(stored, new.amount_fen, now=work.now)
    number = await work.vault.open(
        work, stored.payee_sealed, scope=work.business_id, place=PLACE, row_id=stored.id
    )
    order = rules.payment(stored, new, amount_fen=amount_fen, payee_number=number)
    made = await payments.pay(work, new=order, key=f"reservation-{new_id()}", way=rules.way(stored))
    if (refusal := payment_rules.refusal_of(made.order)) is not None:
        raise refusal
    await work.record("reservation.confirmed", object_id=stored.id, payment_id=made.order.id)
    return made.answer


async def cancel(work: Work, *, reservation_id: UUID, reason: str) -> Reservation:
    """Let go of what is left. Raises ReservationNotFound or ReservationEnded."""
    stored = await _lock(work, reservation_id=reservation_id)
    if stored.state != "open":
        raise ReservationEnded(reservation_id=stored.id, state=stored.state)
    try:
        await _end(work, [stored], why="cancelled", reason=reason)
    except HoldNotOpen as gone:
        # The last part left by the approval of a payment, which locks the hold and not this row.
        raise ReservationEnded(reservation_id=stored.id, state="confirmed") from gone
    await work.record("reservation.cancelled", object_id=stored.id, amount_fen=stored.left_fen)
    return await get(work, reservation_id=reservation_id)


async def expire(work: Work, *, limit: int) -> int:
    """End a slice of the firm's reservations past their term; how many rows were looked at."""
    ids = await work.all(UUID, sql.lapsed, limit=limit)
    stored = await work.all(Stored, sql.stored_reservations, ids=ids)
    await _end(work, stored, why="expired", reason=rules.EXPIRED)
    for one in stored:
        if one.state != "open":
            continue
        await work.record("reservation.expired", object_id=one.id, amount_fen=one.left_fen)
        await work.emit(ReservationExpired(reservation_id=one.id, amount_fen=one.left_fen))
    return len(stored)


async def _end(work: Work, ending: Sequence[Stored], *, why: End, reason: str) -> None:
    if not ending:
        return
    holds = [rules.release(one) for one in ending if one.state == "open"]
    await ledger.post(work, entries=[], holds=holds)
    await work.run(
        sql.end_reservations,
        ids=[one.id for one in ending],
        ends=[rules.end(one, why) for one in ending],
        reasons=[reason if one.state == "open" else None for one in ending],
    )


async def _lock(work: Work, *, reservation_id: UUID) -> Stored:
    if await work.maybe(UUID, sql.lock_reservation, id=reservation_id) is None:
        raise ReservationNotFound(reservation_id=reservation_id)
    return await work.one(Stored, sql.reservation, id=reservation_id)


async def get(work: Work, *, reservation_id: UUID) -> Reservation:
    """One reservation with what is left of it, or ReservationNotFound."""
    found = await work.maybe(Reservation, sql.reservation, id=reservation_id)
    if found is None:
        raise ReservationNotFound(reservation_id=reservation_id)
    return found


async def search(
    work: Work, *, account_id: UUID | None, after: str | None, limit: int
) -> pages.Page[Reservation]:
    """The firm's reservations, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Reservation,
        sql.reservations_page,
        account_id=account_id,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return pages.page(rows, limit, lambda one: (one.created_at, one.id))
