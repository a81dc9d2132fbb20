"""What may be asked back, and the words of the standard for it."""

from datetime import date, datetime
from typing import Literal

from accounts.payments.model import Order
from accounts.recalls.model import NothingToRecall, Recall, Why
from app.clock import business_date
from app.outside.clearing_house import recall_letter
from app.outside.iso.recalls import Recall as Message

# ISO 20022 cancellation reasons: duplicate, undue payment, the customer's wish.
CODES: dict[Why, Literal["DUPL", "CUST", "UPAY"]] = {
    "duplicate": "DUPL",
    "wrong_payee": "UPAY",
    "not_wanted": "CUST",
}
# Seconds until the other bank is asked for its answer again.
ASK_AGAIN_SECONDS = 30


def recallable(order: Order) -> None:
    """Raise NothingToRecall unless the payment reached another bank and has not come back."""
    if order.state != "settled" or order.rail in (None, "in_bank"):
        raise NothingToRecall(payment_id=order.id, state=order.state)


def request(recall: Recall, order: Order, *, our_bank: str, settled_on: date, now: datetime) -> str:
    """The recall as a camt.056 that is asked on this business date."""
    written = Message(
        reference=str(recall.id),
        about=str(order.id),
        our_bank=our_bank,
        their_bank=order.payee_bank_code,
        amount_fen=order.amount_fen,
        settled_on=settled_on,
        why=CODES[recall.why],
        words=recall.words,
        asked_on=business_date(now),
    )
    return recall_letter(written, at=now).document
