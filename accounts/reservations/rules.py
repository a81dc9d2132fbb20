"""The decisions about reserved payments: terms, what may be confirmed, how one ends."""

from datetime import datetime, timedelta

from accounts.ledger.model import HoldChange
from accounts.payments.model import NewPayment, Payee, Way
from accounts.reservations.model import (
    End,
    NewConfirmation,
    NewReservation,
    Reservation,
    ReservationEnded,
    ReservationTermWrong,
    ReservationTooSmall,
    Stored,
    Terms,
)

EXPIRED = "预留到期"


def sound_term(expires_at: datetime, *, terms: Terms, now: datetime) -> None:
    """Raise ReservationTermWrong unless the term lies ahead, within the bank's policy."""
    if not now < expires_at <= now + timedelta(days=terms.longest_days):
        raise ReservationTermWrong(longest_days=terms.longest_days)


def still_open(reservation: Reservation, *, now: datetime) -> None:
    """Raise ReservationEnded for one that is over, or past its term before the clock came by."""
    if reservation.state != "open":
        raise ReservationEnded(reservation_id=reservation.id, state=reservation.state)
    if reservation.expires_at <= now:
        raise ReservationEnded(reservation_id=reservation.id, state="expired")


def part(reservation: Reservation, amount_fen: int | None, *, now: datetime) -> int:
    """How much a confirmation pays: what was asked for, or all that is left."""
    still_open(reservation, now=now)
    if amount_fen is not None and amount_fen > reservation.left_fen:
        raise ReservationTooSmall(left_fen=reservation.left_fen, amount_fen=amount_fen)
    return amount_fen or reservation.left_fen


def end(reservation: Reservation, why: End) -> End:
    """How a reservation counts once its rest is let go: one without a rest was confirmed, one that
    has paid something and was called off is finished."""
    if reservation.state == "confirmed":
        return "confirmed"
    return "finished" if why == "cancelled" and reservation.confirmed_fen else why


def payment(
    stored: Stored, new: NewConfirmation, *, amount_fen: int, payee_number: str
) -> NewPayment:
    """The ordinary payment order of a confirmation."""
    return NewPayment(
        account_id=stored.account_id,
        amount_fen=amount_fen,
        payee=Payee(
            name=stored.payee_name,
            account_number=payee_number,
            bank_code=stored.payee_bank_code,
        ),
        purpose=stored.purpose,
        memo=new.memo or stored.memo,
        step_up_id=new.step_up_id,
    )


def beforehand(new: NewReservation) -> NewPayment:
    """The payment that is meant, to look its payee up like any other's."""
    return NewPayment(
        account_id=new.account_id,
        amount_fen=new.amount_fen,
        party_id=new.party_id,
        payee=new.payee,
        purpose=new.purpose,
        memo=new.memo,
    )


def way(stored: Stored) -> Way:
    """A confirmation takes its money from the hold."""
    return Way(mode="reserved", from_hold_id=stored.hold_id)


def release(stored: Stored) -> HoldChange:
    """What is left is available again."""
    return HoldChange(action="release", hold_id=stored.hold_id, account_id=stored.account_id)
