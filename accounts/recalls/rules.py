"""What may be asked back, and the words of the standard for it."""

from typing import Literal

from accounts.payments.model import Order
from accounts.recalls.model import NothingToRecall, Why

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
