"""What should happen to an escrow agreement, in plain Python."""

from __future__ import annotations

from tests.machine.model import (
    DAY,
    ENDED,
    OBJECTION_DAYS,
    OK,
    STOPS_CREDIT,
    Escrow,
    Model,
    Outcomes,
    Part,
    as_payment,
    post,
)


def propose(
    model: Model, name: str, payer: int, payee: int, amounts: list[int], rule: str,
    guaranteed: bool, days: int,
) -> Outcomes:  # fmt: skip
    after = model.copy()
    today = model.now // DAY
    after.escrows[name] = Escrow(
        payer=payer,
        payee=payee,
        guaranteed=guaranteed,
        rule=rule,
        expires=model.now + days * DAY,
        parts=[Part(amount=fen, due_day=today + no) for no, fen in enumerate(amounts, 1)],
    )
    return fund(after, name, None, before=model) if guaranteed else [(OK, after)]


def fund(model: Model, name: str, amount: int | None, before: Model | None = None) -> Outcomes:
    """Money in; where it cannot be, nothing is as it was not `before`."""
    unchanged = before or model
    escrow = model.escrows.get(name)
    if escrow is None:
        return [("EscrowNotFound", unchanged)]
    if escrow.state not in ("proposed", "active"):
        return [("EscrowNotOpen", unchanged)]
    missing = escrow.amount - escrow.funded
    if missing <= 0 or (amount or 0) > missing:
        return [("TooMuch", unchanged)]
    fen = amount or missing
    found = post(model, [(escrow.payer, -fen)], [], None)
    outcomes: Outcomes = []
    for outcome, after in found:
        if outcome == OK:
            after.escrows[name].funded += fen
            _go_on(after, name)
            outcomes.append((OK, after))
        else:
            outcomes.append((as_payment(outcome, escrow.payer), unchanged))
    return outcomes


def hear(model: Model, name: str, word: str, no: int, amount: int | None) -> Outcomes:
    """The beneficiary's word, heard in the payer's firm: one that comes too late does nothing."""
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    after = model.copy()
    escrow = after.escrows[name]
    part = escrow.parts[no - 1]
    match word, escrow.state:
        case "accept", "proposed" if not escrow.guaranteed or escrow.there >= escrow.amount:
            escrow.state = "active"
        case "decline", "proposed":
            escrow.state = "cancelled"
        case "renounce", "active" | "disputed":
            for one in escrow.parts:
                one.payer = one.beneficiary = one.released
            escrow.state = "cancelled"
        case "object", "active":
            escrow.state = "disputed"
            return [(OK, after)]
        case "deliver", "active":
            word_fen = part.amount if amount is None else part.beneficiary + amount
            word_fen = min(word_fen, part.amount)
            if word_fen != part.beneficiary:
                part.beneficiary, part.claimed = word_fen, model.now
        case _:
            return [(OK, model)]
    _go_on(after, name)
    return [(OK, after)]


def agree(model: Model, name: str, no: int, amount: int | None) -> Outcomes:
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    after = model.copy()
    escrow = after.escrows[name]
    if escrow.state != "active":
        return [("EscrowNotOpen", model)]
    part = escrow.parts[no - 1]
    word = part.amount if amount is None else part.payer + amount
    if word > part.amount or part.payer == part.amount:
        return [("TooMuch", model)]
    part.payer = word
    _go_on(after, name)
    return [(OK, after)]


def dispute(model: Model, name: str) -> Outcomes:
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    if model.escrows[name].state != "active":
        return [("EscrowNotOpen", model)]
    after = model.copy()
    after.escrows[name].state = "disputed"
    return [(OK, after)]


def withdraw(model: Model, name: str) -> Outcomes:
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    if model.escrows[name].state != "proposed":
        return [("EscrowNotOpen", model)]
    after = model.copy()
    after.escrows[name].state = "cancelled"
    _go_on(after, name)
    return [(OK, after)]


def decide(model: Model, name: str, share: int | None) -> Outcomes:
    """The bank: a share of the first milestone and the rest back, or (None) go on as before."""
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    after = model.copy()
    escrow = after.escrows[name]
    if escrow.state != "disputed":
        return [("EscrowNotOpen", model)]
    if share is None:
        escrow.state = "active"
    else:
        first = escrow.parts[0]
        if share > escrow.there or first.released + share > first.amount:
            return [("TooMuch", model)]
        for part in escrow.parts:
            part.payer = part.beneficiary = part.released
        first.payer = first.beneficiary = first.released + share
        escrow.state = "decided"
    _look(after, name)
    return [(OK, after)]


def look(model: Model, name: str) -> Outcomes:
    """The clock comes by an agreement."""
    if name not in model.escrows:
        return [("EscrowNotFound", model)]
    after = model.copy()
    _look(after, name)
    return [(OK, after)]


def _look(model: Model, name: str) -> None:
    escrow = model.escrows[name]
    if escrow.state == "active":
        for part in escrow.parts:
            _by_silence(escrow, part, model.now)
    if escrow.state in ("proposed", "active") and escrow.expires <= model.now:
        escrow.state = "expired"
    _go_on(model, name)


def _by_silence(escrow: Escrow, part: Part, now: int) -> None:
    if escrow.rule == "delivery" and part.claimed is not None:
        if part.claimed + OBJECTION_DAYS * DAY <= now:
            part.payer = max(part.payer, part.beneficiary)
    elif escrow.rule == "date" and part.due_day < now // DAY:
        part.payer = part.beneficiary = part.amount


def _go_on(model: Model, name: str) -> None:
    """Pay what both sides let go, as far as the money reaches; give the rest back at the end."""
    escrow = model.escrows[name]
    payee, payer = model.accounts[escrow.payee], model.accounts[escrow.payer]
    if escrow.state not in ("proposed", "disputed"):
        for part in escrow.parts:
            due = min(min(part.payer, part.beneficiary) - part.released, escrow.there)
            if due > 0 and payee.state not in STOPS_CREDIT:
                part.released += due
                escrow.released += due
                payee.balance += due
    if escrow.state == "active" and all(part.released == part.amount for part in escrow.parts):
        escrow.state = "completed"
    if escrow.state in ENDED:
        owed = 0
        for part in escrow.parts:
            agreed = min(part.payer, part.beneficiary) - part.released
            owed += max(0, min(agreed, escrow.there))
        rest = escrow.there - owed
        if rest > 0 and payer.state not in STOPS_CREDIT:
            escrow.returned += rest
            payer.balance += rest
