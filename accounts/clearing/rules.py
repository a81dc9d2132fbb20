"""How long to wait for the clearing house, what an answer moved, and the entries of a sweep."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.clearing.model import Answer, Home, InTransit
from accounts.ledger.model import Leg, NewEntry
from accounts.movements.model import Movement
from accounts.payments.model import Order
from app.clock import business_date
from app.outside.clearing_house import Channel, NewCredit, credit_letter

# Seconds until an undecided payment is asked about (again), by how often it was asked.
ASK_AFTER = (2, 5, 15, 30, 60, 120, 300, 600)
LONGEST_WAIT = ASK_AFTER[-1]
CHANNELS: dict[str, Channel] = {"hvps": "HVPS", "beps": "BEPS", "ibps": "IBPS"}


def ask_after(asked: int) -> int:
    """Seconds until the next question."""
    return ASK_AFTER[min(asked, len(ASK_AFTER) - 1)]


def wait_until(moment: datetime | None, *, now: datetime) -> int:
    """Seconds to wait before sending, 0 where it may be sent now; never too long to notice
    that the clock has moved."""
    if moment is None or moment <= now:
        return 0
    return min((moment - now) // timedelta(seconds=1) + 1, LONGEST_WAIT)


def first_check(settled_at: datetime, *, days: Sequence[int]) -> datetime | None:
    """When a settled payment is first looked at again, in case it came back unannounced."""
    return settled_at + timedelta(days=days[0]) if days else None


def transfer(
    order: Order,
    *,
    payer_bank: str,
    payer_account: str,
    payer_name: str,
    payee_account: str,
    now: datetime,
) -> str:
    """The payment as a pacs.008 that is sent on this business date."""
    assert order.rail is not None
    credit = NewCredit(
        reference=str(order.id),
        payer_bank=payer_bank,
        payer_account=payer_account,
        payer_name=payer_name,
        payee_bank=order.payee_bank_code,
        payee_account=payee_account,
        payee_name=order.payee_name,
        amount_fen=order.amount_fen,
        channel=CHANNELS[order.rail],
        purpose=order.memo,
        sent_on=business_date(now),
    )
    return credit_letter(credit, at=now).document


def movements(order: Order, answer: Answer, *, today: date) -> list[Movement]:
    """What an answer says has moved, on the dates that it names."""
    if answer.state not in ("done", "returned"):
        return []
    settled = Movement(
        direction="outgoing",
        reference=str(order.id),
        moved_on=answer.settled_on or today,
        amount_fen=order.amount_fen,
    )
    if answer.state == "done":
        return [settled]
    back = replace(settled, direction="outgoing_returned", moved_on=answer.returned_on or today)
    return [settled, back]


def sweep_entries(moved: Sequence[InTransit], *, home: Home, transfer_id: UUID) -> list[NewEntry]:
    """One transfer: an entry in each firm, and one in the bank's own with the opposite clearing.

    Money on its way out leaves the firm's account in transit and is owed to the clearing house;
    money that came in is the other way round.
    """
    assert moved and len({one.direction for one in moved}) == 1
    sign = 1 if moved[0].direction == "out" else -1
    kind = f"sweep_{moved[0].direction}"
    total_fen = sign * sum(one.amount_fen for one in moved)
    firms = [
        NewEntry(
            kind=kind,
            business_key=str(transfer_id),
            business_id=one.business_id,
            transfer_id=transfer_id,
            clearing_fen=sign * one.amount_fen,
            legs=[Leg(account_id=one.account_id, amount_fen=-sign * one.amount_fen)],
        )
        for one in moved
    ]
    bank = NewEntry(
        kind=kind,
        business_key=str(transfer_id),
        business_id=home.business_id,
        transfer_id=transfer_id,
        clearing_fen=-total_fen,
        legs=[Leg(account_id=home.account_id, amount_fen=total_fen)],
    )
    return [*firms, bank]
