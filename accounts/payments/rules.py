"""The decisions about payments: states, the payment system to use, what to ask."""

import hashlib
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from accounts.deposits.model import Holder
from accounts.fees.model import Cause
from accounts.ledger.model import HoldChange, Leg, NewEntry
from accounts.mandates.model import Standing
from accounts.monitors.model import Verdict
from accounts.parties.model import KnownParty, PayeeAccount
from accounts.parties.rules import is_watched, same_name
from accounts.payments.model import (
    KEPT,
    NewPayment,
    Order,
    Payee,
    PayeeNameMismatch,
    Payment,
    PaymentChanged,
    PaymentSettled,
    Resolved,
    State,
    WrongState,
)
from accounts.screening.model import Finding
from app.errors import Refusal
from app.identity.stepups.model import Facts

P = TypeVar("P", bound=Payment)

# One machine for every payment; the first entry of a tuple is the usual way on.
MOVES: dict[State, tuple[State, ...]] = {
    "draft": ("settled", "submitted", "pending_approval", "under_review", "refused"),
    "under_review": ("submitted", "settled", "pending_approval", "rejected", "cancelled"),
    "pending_approval": ("submitted", "settled", "rejected", "cancelled"),
    "submitted": ("processing", "cancelled"),
    "processing": ("settled", "failed", "unknown"),
    "unknown": ("settled", "failed", "processing"),
    "settled": ("returned",),
    "failed": (),
    "returned": (),
    "rejected": (),
    "cancelled": (),
    "refused": (),
}
FINISHED: frozenset[State] = frozenset(
    {"settled", "failed", "returned", "rejected", "cancelled", "refused"}
)
# What a payment at the clearing house may become by its answer.
OPEN_OUTSIDE: frozenset[State] = frozenset({"processing", "unknown"})


def move(payment: P, to: State, *, now: datetime, reason: str | None = None) -> P:
    """The payment in its next state, one version on; WrongState where the machine forbids it."""
    if to not in MOVES[payment.state]:
        raise WrongState(payment_id=payment.id, state=payment.state, wanted=to)
    return replace(
        payment,
        state=to,
        version=payment.version + 1,
        reason=reason,
        submitted_at=now if to == "submitted" else payment.submitted_at,
        finished_at=now if to in FINISHED else None,
    )


def refused(order: Order, refusal: Refusal, *, now: datetime) -> Order:
    """The refused order with its reason and the answer that every repeat gets."""
    name = type(refusal).__name__
    assert type(refusal) in KEPT, name
    facts: dict[str, Any] = msgspec.to_builtins(refusal.facts)
    kept = {"error": name, "facts": facts}
    return replace(move(order, "refused", now=now, reason=refusal.zh), refusal=kept)


def seen(payment: Payment, *, version: int) -> None:
    """Raise PaymentChanged unless the person has seen the version that stands."""
    if payment.version != version:
        raise PaymentChanged(payment_id=payment.id, version=payment.version)


def shown(order: Order) -> Payment:
    """The order as its owner sees it."""
    return msgspec.convert(order, Payment, from_attributes=True)


def first_answer(order: Order) -> Payment:
    """The payment as the first answer showed it, so that a repeat gets the very same body."""
    state = order.answered_state
    return replace(
        shown(order),
        state=state,
        version=order.first_version,
        reason=order.reason if state == "refused" else None,
        send_after=order.send_after if state == "submitted" else None,
        submitted_at=order.created_at if state == "submitted" else None,
        finished_at=order.created_at if state in FINISHED else None,
    )


def waits_for_approval(payment: Payment, *, version: int) -> None:
    """Raise WrongState or PaymentChanged unless this version waits for another person."""
    if payment.state != "pending_approval":
        raise WrongState(payment_id=payment.id, state=payment.state)
    seen(payment, version=version)


def fingerprint(new: NewPayment, *, person_id: UUID) -> bytes:
    """SHA-256 over the person and the decoded body: what the same key must always carry."""
    return hashlib.sha256(person_id.bytes + msgspec.json.encode(new, order="sorted")).digest()


def holder_is(named: str, holder: str) -> None:
    """Raise PayeeNameMismatch unless the named payee holds the account; the name is not told."""
    if not same_name(named, holder):
        raise PayeeNameMismatch()


def refusal_of(order: Order) -> Refusal | None:
    """The refusal that was kept with the order, to be raised by whoever made it for another."""
    if order.refusal is None:
        return None
    kinds = {kind.__name__: kind for kind in KEPT}
    return kinds[order.refusal["error"]](**order.refusal["facts"])


def to_holder(order: Order, holder: Holder, *, business_id: UUID) -> Order:
    """The order on its way to the payee's account, or to where the money waits for that payee."""
    secured = order.into_account_id
    return replace(
        order,
        rail="in_bank",
        payee_business_id=holder.business_id if secured is None else business_id,
        payee_account_id=secured or holder.account_id,
        payee_listed=holder.listed,
    )


def source(order: Order) -> UUID:
    """The account that pays: the payer's, or the escrow account."""
    return order.from_account_id or order.account_id


def fee_cause(order: Order) -> Cause:
    """What the price list is asked about; the owner's account pays the fee, also of escrow."""
    assert order.rail is not None
    return Cause(
        payment_id=order.id,
        account_id=order.account_id,
        rail=order.rail,
        amount_fen=order.amount_fen,
    )


def taken(order: Order) -> list[HoldChange]:
    """The part of the reservation that this payment uses; nothing in the other modes."""
    if order.from_hold_id is None:
        return []
    return [
        HoldChange(
            action="capture_part",
            hold_id=order.from_hold_id,
            account_id=order.account_id,
            amount_fen=order.amount_fen,
        )
    ]


def funds(order: Order) -> list[HoldChange]:
    """Where a release takes the money from that was set aside: its own hold, or a reservation."""
    return [hold(order, "capture")] if order.hold_id is not None else taken(order)


def resolved(
    named: Payee | PayeeAccount,
    number: str,
    entry: PayeeAccount | KnownParty | None,
    party_id: UUID | None,
    *,
    now: datetime,
) -> Resolved:
    """The payee as named, with how well the firm knows the account."""
    return Resolved(
        name=named.name,
        account_number=number,
        bank_code=named.bank_code,
        standing=standing(entry, now=now),
        party_id=party_id,
        listed=entry is not None and entry.listed,
    )


def looked_at(order: Order, payee: Resolved) -> bool:
    """Whether the lists are asked: somebody marked, or a new payee at another bank."""
    outside = order.rail != "in_bank"
    return payee.listed or order.payee_listed or (outside and payee.standing == "new")


def with_finding(verdict: Verdict, finding: Finding) -> Verdict:
    """The monitors' verdict with what the lists say of the payee; the stricter one holds."""
    if finding == "listed":
        return replace(verdict, action="refuse")
    if finding == "clear" or verdict.action != "pass":
        return verdict
    return replace(
        verdict, action="hold", owner_zh="收款信息需要核实", owner_en="The payee is being checked"
    )


def standing(entry: PayeeAccount | KnownParty | None, *, now: datetime) -> Standing:
    """How well the firm knows a payee: not in the book or still cooling, in the book, trusted."""
    if entry is None or is_watched(
        trusted=entry.trusted, cooling_until=entry.cooling_until, now=now
    ):
        return "new"
    return "trusted" if entry.trusted else "known"


def beforehand(new: NewPayment, payee: Resolved, *, now: datetime, made_by: UUID | None) -> Order:
    """The order that this payment would be, kept nowhere: to ask what it would take."""
    nobody = UUID(int=0)
    return Order(
        id=nobody, account_id=new.account_id, amount_fen=new.amount_fen, currency="CNY",
        payee_name=payee.name, payee_account_tail="", payee_bank_code=payee.bank_code,
        party_id=payee.party_id, rail=None, purpose=new.purpose, memo=new.memo, state="draft",
        reason=None, made_by=made_by or nobody, version=1, created_at=now, send_after=None,
        submitted_at=None, finished_at=None, fingerprint=b"", answered_state="draft",
        first_version=1, payee_sealed=b"", payee_business_id=None, payee_account_id=None,
        hold_id=None, transfer_id=None, refusal=None, asked=0, limit_used_on=None,
    )  # fmt: skip


def facts(order: Order, *, account_number: str) -> Facts:
    """What a step-up for a payment binds: amount, currency, payer, payee's account, bank and name,
    and purpose; the sign-in it comes through and a nonce are bound beside them."""
    return {
        "amount_fen": order.amount_fen,
        "currency": order.currency,
        "account_id": str(order.account_id),
        "payee_account": account_number,
        "payee_bank_code": order.payee_bank_code,
        "payee_name": order.payee_name,
        "purpose": order.purpose,
    }


def in_bank_entries(order: Order, *, business_id: UUID, transfer_id: UUID) -> list[NewEntry]:
    """A payment inside the bank: one entry between own accounts, else one in each firm."""
    assert order.payee_account_id is not None and order.payee_business_id is not None
    paid = Leg(account_id=source(order), amount_fen=-order.amount_fen)
    received = Leg(account_id=order.payee_account_id, amount_fen=order.amount_fen)
    if order.payee_business_id == business_id:
        return [_entry(order, "payment", [paid, received])]
    ours = _entry(order, "payment", [paid])
    theirs = _entry(order, "payment", [received])
    return [
        replace(ours, clearing_fen=order.amount_fen, transfer_id=transfer_id),
        replace(
            theirs,
            clearing_fen=-order.amount_fen,
            transfer_id=transfer_id,
            business_id=order.payee_business_id,
        ),
    ]


def sent_entry(order: Order, *, transit_id: UUID) -> NewEntry:
    """The money leaves the account and is on its way to the other bank."""
    return _entry(
        order,
        "payment",
        [
            Leg(account_id=source(order), amount_fen=-order.amount_fen),
            Leg(account_id=transit_id, amount_fen=order.amount_fen),
        ],
    )


def back_entry(order: Order, *, kind: str, transit_id: UUID) -> NewEntry:
    """The money of a failed or returned payment is where it came from again."""
    return _entry(
        order,
        kind,
        [
            Leg(account_id=transit_id, amount_fen=-order.amount_fen),
            Leg(account_id=source(order), amount_fen=order.amount_fen),
        ],
    )


def _entry(order: Order, kind: str, legs: list[Leg]) -> NewEntry:
    return NewEntry(kind=kind, business_key=str(order.id), legs=legs, memo=order.memo)


def hold(order: Order, action: Literal["place", "release", "capture"]) -> HoldChange:
    """The hold of a payment that is released but not yet sent."""
    assert order.hold_id is not None
    return HoldChange(
        action=action,
        hold_id=order.hold_id,
        account_id=source(order),
        amount_fen=order.amount_fen,
        purpose="payment",
    )


def settled_event(order: Order) -> PaymentSettled:
    """What the books and the receipts learn of a settled payment."""
    assert order.rail is not None
    return PaymentSettled(
        payment_id=order.id, kind=order.purpose, amount_fen=order.amount_fen, rail=order.rail
    )
