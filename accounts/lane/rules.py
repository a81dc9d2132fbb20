"""Which payments the lane takes, how a batch is laid out, and what its verdicts mean."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import msgspec

from accounts.lane.model import Answer, Item, Verdict
from accounts.parties.rules import tail
from accounts.payments.model import (
    KEPT,
    KeyReused,
    NewPayment,
    Order,
    Outcome,
    Payment,
    PaymentSettled,
)
from accounts.payments.rules import first_answer
from app.reference import rules as identifiers

# What a refused order says in the firm's list of payments.
REASONS = {kind.__name__: kind.zh for kind in KEPT}
# A new order is version 1 for a moment; its first decision makes version 2.
DECIDED = 2


def suits(new: NewPayment) -> bool:
    """Whether the lane may be asked: one payee, spelled out, at a bank whose code can be."""
    return (
        new.party_id is None
        and new.step_up_id is None
        and new.payee is not None
        and identifiers.bank_code(new.payee.bank_code).valid
    )


def key_of(item: Item) -> Hashable:
    """Copies of one payment: one of them enters a batch."""
    return item.business_id, item.key


def _places(values: Iterable[Any]) -> dict[Any, int]:
    """Each value once, sorted, with its place counted from 1."""
    return {value: place for place, value in enumerate(sorted(set(values)), 1)}


def columns(items: Sequence[Item]) -> dict[str, Any]:
    """The parameters of one call, each a list over the items or over a short list of its own."""
    payers = [(item.business_id, item.new.account_id) for item in items]
    makers = [(item.business_id, item.person_id) for item in items]
    numbers = [item.payee.account_number for item in items]
    payer_place, maker_place, number_place = _places(payers), _places(makers), _places(numbers)
    return {
        "businesses": [item.business_id for item in items],
        "persons": [item.person_id for item in items],
        "ids": [item.payment_id for item in items],
        "keys": [item.key for item in items],
        "prints": [item.fingerprint for item in items],
        "accounts": [item.new.account_id for item in items],
        "amounts": [item.new.amount_fen for item in items],
        "names": [item.payee.name for item in items],
        "bank_codes": [item.payee.bank_code for item in items],
        "tails": [tail(number) for number in numbers],
        "sealed": [item.sealed for item in items],
        "indexes": [item.index for item in items],
        "purposes": [item.new.purpose for item in items],
        "memos": [item.new.memo for item in items],
        "payer_businesses": [business_id for business_id, _ in payer_place],
        "payer_accounts": [account_id for _, account_id in payer_place],
        "payers": [payer_place[payer] for payer in payers],
        "numbers": list(number_place),
        "payees": [number_place[number] for number in numbers],
        "maker_businesses": [business_id for business_id, _ in maker_place],
        "maker_persons": [person_id for _, person_id in maker_place],
        "makers": [maker_place[maker] for maker in makers],
        "reasons": REASONS,
        "event": PaymentSettled.event_name(),
    }


def answer(item: Item, verdict: Verdict) -> Answer | None:
    """What the caller is told; None = the ordinary way decides. KeyReused for another body."""
    match verdict.outcome:
        case "ordinary":
            return None
        case "key_reused":
            raise KeyReused()
        case "replayed":
            order = msgspec.convert(verdict.kept, Order)
            return of(Outcome(order=order, answer=first_answer(order), replayed=True))
    refusal = None
    if verdict.outcome == "refused":
        refusal = {"error": verdict.error, "facts": verdict.facts}
    return Answer(
        payment_id=item.payment_id,
        payment=_decided(item, verdict),
        refusal=refusal,
        replayed=False,
    )


def of(outcome: Outcome) -> Answer:
    """The answer of a payment that went the ordinary way."""
    return Answer(
        payment_id=outcome.order.id,
        payment=outcome.answer,
        refusal=outcome.order.refusal,
        replayed=outcome.replayed,
    )


def _decided(item: Item, verdict: Verdict) -> Payment:
    """The payment as it was stored a moment ago."""
    settled = verdict.error is None
    return Payment(
        id=item.payment_id,
        account_id=item.new.account_id,
        amount_fen=item.new.amount_fen,
        currency="CNY",
        payee_name=item.payee.name,
        payee_account_tail=tail(item.payee.account_number),
        payee_bank_code=item.payee.bank_code,
        party_id=None,
        rail="in_bank" if settled else None,
        purpose=item.new.purpose,
        memo=item.new.memo,
        state="settled" if settled else "refused",
        reason=None if verdict.error is None else REASONS[verdict.error],
        made_by=item.person_id,
        version=DECIDED,
        created_at=verdict.at,
        send_after=None,
        submitted_at=None,
        finished_at=verdict.at,
    )
