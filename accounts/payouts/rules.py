"""What becomes of each row of a slice: its way, what it needs, and how it is booked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from accounts.batches.model import Holder, PayableRow, StoredBatch
from accounts.batches.rules import fingerprint, key
from accounts.fees import rules as fee_rules
from accounts.fees.model import Reserved
from accounts.ledger.model import HoldChange, InsufficientFunds, Leg, NewEntry
from accounts.limits import rules as limit_rules
from accounts.limits.model import DailyLimitExceeded, PersonLimit, SingleLimitExceeded
from accounts.monitors.model import StoppedByMonitor, Verdict
from accounts.parties.rules import same_name
from accounts.payments.model import (
    PayeeAccountUnknown,
    PayeeIsPayer,
    PayeeNameMismatch,
    PaymentSettled,
    PaymentSubmitted,
)
from accounts.payouts.model import Columns, Decided, Way
from accounts.rails import rules as rail_rules
from app.errors import Refusal

SLICE = 500
# How soon outcomes of other banks are looked for again, by how long ago the last row was sent.
SOON, LATER = 2, 60
SOON_FOR = timedelta(minutes=2)


def decide(row: PayableRow, holder: Holder | None, way: Way) -> Decided:
    """How a row travels: to an account of this bank, or by one of the systems; or its refusal."""
    if rail_rules.is_in_bank(row.payee_bank_code, own_bank_code=way.own_bank_code):
        return _in_bank(row, holder, payer=way.account_id)
    found = rail_rules.route(
        amount_fen=row.amount_fen,
        speed=way.speed,
        moment=way.now,
        rails=way.rails,
        special=way.special,
    )
    return Decided(
        row=row,
        rail=found.rail,
        send_after=found.send_after,
        fee_fen=fee_rules.fee_fen(way.tariff, rail=found.rail, amount_fen=row.amount_fen),
    )


def _in_bank(row: PayableRow, holder: Holder | None, *, payer: UUID) -> Decided:
    if holder is None:
        return Decided(row=row, refusal=PayeeAccountUnknown())
    if not same_name(row.payee_name, holder.name):
        return Decided(row=row, refusal=PayeeNameMismatch())
    if holder.account_id == payer:
        return Decided(row=row, refusal=PayeeIsPayer(account_id=payer))
    return Decided(
        row=row,
        rail="in_bank",
        payee_business_id=holder.business_id,
        payee_account_id=holder.account_id,
    )


def set_aside(one: Decided, *, hold_id: UUID, fee_id: UUID) -> Decided:
    """A row to another bank with the holds of its money and its fee; none where it is refused."""
    if one.refusal is not None:
        return one
    return replace(one, hold_id=hold_id, fee_id=fee_id if one.fee_fen else None)


def refused(one: Decided, refusal: Refusal) -> Decided:
    """The row, not paid."""
    return Decided(row=one.row, refusal=refusal)


def affordable(
    found: Sequence[Decided], *, limit: PersonLimit, available_fen: int, today: date, payer: UUID
) -> list[Decided]:
    """In the order of the file: each row that the maker's limits and the money still allow.

    A row that is too much is refused and the next one is tried: a small one may still fit.
    """
    out: list[Decided] = []
    for one in found:
        amount_fen = one.row.amount_fen
        if one.refusal is None:
            try:
                used = limit_rules.use(limit, amount_fen=amount_fen, today=today)
            except (SingleLimitExceeded, DailyLimitExceeded) as refusal:
                one = refused(one, refusal)
            else:
                needed_fen = amount_fen + fee_now(one)
                short_fen = needed_fen - available_fen
                if short_fen > 0:
                    short = InsufficientFunds(account_id=payer, short_fen=short_fen)
                    one = refused(one, short)
                else:
                    limit, available_fen = used, available_fen - needed_fen
        out.append(one)
    return out


def watched(one: Decided, verdict: Verdict | None, hold_id: UUID) -> Decided:
    """The row with what the monitors say: refused, looked at by the bank first, or let through."""
    if verdict is None or verdict.action == "pass":
        return one
    if verdict.action == "refuse":
        return refused(one, StoppedByMonitor())
    return replace(one, held=True, verdict=verdict, hold_id=one.hold_id or hold_id)


def fee_now(one: Decided) -> int:
    """What is set aside for a row's fee now; what the bank looks at first costs when released."""
    return 0 if one.held else one.fee_fen


def reserved(found: Iterable[Decided]) -> list[Reserved]:
    """The fees that are set aside together with their payments' money."""
    return [
        Reserved(
            fee_id=one.fee_id,
            payment_id=one.row.payment_id,
            rail=one.rail,
            amount_fen=one.fee_fen,
        )
        for one in found
        if one.refusal is None and fee_now(one) and one.fee_id is not None and one.rail is not None
    ]


def counted_fen(found: Iterable[Decided]) -> int:
    """What counts against the maker's day; what the bank looks at first counts when released."""
    return sum(one.row.amount_fen for one in found if one.refusal is None and not one.held)


def entries(found: Iterable[Decided], *, account_id: UUID, business_id: UUID) -> list[NewEntry]:
    """The rows to accounts of this bank: one entry between own accounts, else one in each firm."""
    out: list[NewEntry] = []
    for one in found:
        if one.refusal is None and one.rail == "in_bank" and not one.held:
            out += _entries(one, account_id=account_id, business_id=business_id)
    return out


def _entries(one: Decided, *, account_id: UUID, business_id: UUID) -> list[NewEntry]:
    row = one.row
    assert one.payee_account_id is not None
    ours = NewEntry(
        kind="payment",
        business_key=str(row.payment_id),
        legs=[Leg(account_id=account_id, amount_fen=-row.amount_fen)],
        memo=row.memo,
    )
    received = Leg(account_id=one.payee_account_id, amount_fen=row.amount_fen)
    if one.payee_business_id == business_id:
        return [replace(ours, legs=[*ours.legs, received])]
    return [
        replace(ours, clearing_fen=row.amount_fen, transfer_id=one.transfer_id),
        replace(
            ours,
            legs=[received],
            clearing_fen=-row.amount_fen,
            transfer_id=one.transfer_id,
            business_id=one.payee_business_id,
        ),
    ]


def holds(found: Iterable[Decided], *, account_id: UUID) -> list[HoldChange]:
    """The rows to other banks, and those the bank looks at first: money set aside, fees too."""
    kept = list(found)
    fees = [
        fee_rules.place(one.fee_id, account_id=account_id, amount_fen=one.amount_fen)
        for one in reserved(kept)
    ]
    return fees + [
        HoldChange(
            action="place",
            hold_id=one.hold_id,
            account_id=account_id,
            amount_fen=one.row.amount_fen,
            purpose="payment",
        )
        for one in kept
        if one.refusal is None and one.hold_id is not None
    ]


def to_account(one: Decided, account_id: object) -> bool:
    """Whether a row is to be booked on this payee's account."""
    return one.refusal is None and one.payee_account_id == account_id


def state(one: Decided) -> str:
    """The state of the row's payment."""
    if one.refusal is not None:
        return "refused"
    if one.held:
        return "under_review"
    return "settled" if one.rail == "in_bank" else "submitted"


def events(found: Iterable[Decided]) -> list[PaymentSettled | PaymentSubmitted]:
    """What the books, the receipts, the payee and the clearing learn of each row."""
    out: list[PaymentSettled | PaymentSubmitted] = []
    for one in found:
        match state(one):
            case "settled":
                out.append(
                    PaymentSettled(
                        payment_id=one.row.payment_id,
                        kind=one.row.purpose,
                        amount_fen=one.row.amount_fen,
                        rail="in_bank",
                    )
                )
            case "submitted":
                out.append(PaymentSubmitted(payment_id=one.row.payment_id))
    return out


def drafts(batch: StoredBatch, rows: Sequence[PayableRow]) -> Columns:
    """The payments of a slice as they are first stored, each a list over the rows."""
    content = bytes.fromhex(batch.content_hash or "")
    return {
        "nos": [row.no for row in rows],
        "keys": [key(batch.id, row.no) for row in rows],
        "prints": [fingerprint(content, row.no) for row in rows],
    }


def outcomes(found: Sequence[Decided], *, now: datetime, counted_on: date) -> Columns:
    """What was decided about each payment of a slice, each a list over the rows."""
    out: Columns = {name: [] for name in (
        "ids", "states", "rails", "reasons", "refusals", "businesses", "accounts", "transfers",
        "holds", "afters", "submitted", "finished", "counted",
    )}  # fmt: skip
    for one in found:
        at = state(one)
        moves = at in ("settled", "submitted")
        values: dict[str, Any] = {
            "ids": one.row.payment_id,
            "states": at,
            "rails": one.rail,
            "reasons": None if one.refusal is None else one.refusal.zh,
            "refusals": None if one.refusal is None else _kept(one.refusal),
            "businesses": one.payee_business_id,
            "accounts": one.payee_account_id,
            "transfers": one.transfer_id if at == "settled" else None,
            "holds": one.hold_id,
            "afters": one.send_after if at == "submitted" else None,
            "submitted": now if at == "submitted" else None,
            "finished": now if at in ("settled", "refused") else None,
            "counted": counted_on if moves else None,
        }
        for name, value in values.items():
            out[name].append(value)
    return out


def _kept(refusal: Refusal) -> str:
    facts = msgspec.to_builtins(refusal.facts)
    return msgspec.json.encode({"error": type(refusal).__name__, "facts": facts}).decode()


def look_again_after(sent_at: datetime, *, now: datetime) -> int:
    """Seconds until the outcomes of other banks are looked for again."""
    return SOON if now - sent_at < SOON_FOR else LATER


def first_refusal(found: Iterable[Decided]) -> Decided | None:
    """The first row that would not be paid: all or nothing ends there."""
    return next((one for one in found if one.refusal is not None or one.held), None)


def why_nothing(one: Decided, *, held: str) -> str:
    """Why nothing of an all-or-nothing batch was paid, naming the row."""
    reason = one.refusal.zh if one.refusal is not None else held
    return f"第{one.row.no}笔：{reason}，整批未付款"
