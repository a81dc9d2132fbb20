"""Who may propose and agree to what, and the entries, movements and message that follow."""

from datetime import date, datetime
from uuid import UUID

from accounts.deposits.model import Holder
from accounts.incoming import rules as incoming_rules
from accounts.incoming.model import Arrival
from accounts.ledger.model import Leg, NewEntry
from accounts.movements.model import Movement
from accounts.unapplied.model import (
    Details,
    NotAnUnknownCredit,
    NothingProposed,
    Origin,
    StepDoesNotFit,
    Unapplied,
    UnappliedChanged,
    UnappliedDone,
    UnappliedUnderWay,
    Wanted,
    Why,
)
from app.approvals.model import SelfApproval
from app.clock import business_date
from app.outside.clearing_house import return_letter
from app.outside.iso.returns import Return

OPEN = ("found", "suspended")
# ISO 20022 return reasons: unknown account, another name, blocked account, in words.
CODES: dict[Why, str] = {
    "unknown": "NARR",
    "no_account": "AC01",
    "name_differs": "BE01",
    "account_refuses": "AC06",
}
# Seconds until the clearing house is asked about a return again.
ASK_AGAIN_SECONDS = 30


def why(arrival: Arrival, holder: Holder | None) -> Why:
    """Why a credit that was settled for good could not be booked."""
    objection = incoming_rules.objection(arrival, holder)
    if objection == incoming_rules.UNKNOWN_ACCOUNT:
        return "no_account"
    return "name_differs" if objection else "account_refuses"


def may_be_suspended(origin: Origin) -> int:
    """The fen that only the clearing house knows to have come in; NotAnUnknownCredit."""
    unknown = origin.direction == "incoming" and origin.our_fen is None
    if not unknown or origin.their_fen is None or origin.state == "resolved":
        raise NotAnUnknownCredit(direction=origin.direction, state=origin.state)
    return origin.their_fen


def may_propose(item: Unapplied, step: Wanted, *, version: int) -> None:
    """Raise UnappliedChanged, UnappliedDone, UnappliedUnderWay or StepDoesNotFit."""
    _open(item, version=version)
    if (step == "suspend") != (item.state == "found"):
        raise StepDoesNotFit(state=item.state)


def may_agree(item: Unapplied, *, version: int, staff_id: UUID) -> None:
    """As `_open`; NothingProposed, and SelfApproval for who proposed it."""
    _proposed(item, version=version)
    if item.proposed_by == staff_id:
        raise SelfApproval()


def may_turn_down(item: Unapplied, *, version: int) -> None:
    """A proposal nobody has agreed to; raises as `may_agree` but for who proposed it."""
    _proposed(item, version=version)


def _proposed(item: Unapplied, *, version: int) -> None:
    _open(item, version=version)
    if item.wanted is None:
        raise NothingProposed(item_id=item.id)


def _open(item: Unapplied, *, version: int) -> None:
    if item.state not in OPEN:
        raise UnappliedDone(state=item.state)
    if item.agreed_by is not None:
        raise UnappliedUnderWay(item_id=item.id)
    if item.version != version:
        raise UnappliedChanged(version=item.version)


# --- what follows --------------------------------------------------------------------------------


def suspended(item: Unapplied, *, house_id: UUID, suspense_id: UUID) -> NewEntry:
    """The clearing house owes us the money, we owe it to somebody unknown; once a reference."""
    return NewEntry(
        kind="unapplied_credit",
        business_key=item.reference,
        memo="待查来账挂账",
        legs=[
            Leg(account_id=house_id, amount_fen=-item.amount_fen),
            Leg(account_id=suspense_id, amount_fen=item.amount_fen),
        ],
    )


def returned(item: Unapplied, *, house_id: UUID, suspense_id: UUID) -> NewEntry:
    """The money went back to its sender; once an item."""
    return NewEntry(
        kind="unapplied_returned",
        business_key=str(item.id),
        memo="退汇",
        legs=[
            Leg(account_id=suspense_id, amount_fen=-item.amount_fen),
            Leg(account_id=house_id, amount_fen=item.amount_fen),
        ],
    )


def assigned(
    item: Unapplied, *, suspense_id: UUID, transfer_id: UUID, remark: str
) -> list[NewEntry]:
    """One transfer: out of the bank's suspense, onto the rightful account of a firm.

    There it is a credit like every other, once for ever under the reference it came with.
    """
    assert item.to_business_id is not None and item.to_account_id is not None
    ours = NewEntry(
        kind="unapplied_assigned",
        business_key=str(item.id),
        transfer_id=transfer_id,
        clearing_fen=item.amount_fen,
        legs=[Leg(account_id=suspense_id, amount_fen=-item.amount_fen)],
    )
    theirs = NewEntry(
        kind="credit",
        business_key=item.reference,
        business_id=item.to_business_id,
        transfer_id=transfer_id,
        clearing_fen=-item.amount_fen,
        memo=remark,
        legs=[Leg(account_id=item.to_account_id, amount_fen=item.amount_fen)],
    )
    return [ours, theirs]


def came(item: Unapplied) -> Movement:
    """What moved at the clearing house when the money came."""
    return Movement(
        direction="incoming",
        reference=item.reference,
        moved_on=item.moved_on,
        amount_fen=item.amount_fen,
    )


def went_back(item: Unapplied, *, on: date) -> Movement:
    """What moved at the clearing house when the money went back."""
    return Movement(
        direction="incoming_returned",
        reference=item.reference,
        moved_on=on,
        amount_fen=item.amount_fen,
    )


def message(item: Unapplied, *, our_bank: str, now: datetime) -> str:
    """The return as a pacs.004 that is sent on this business date."""
    assert item.return_id is not None
    written = Return(
        reference=str(item.return_id),
        about=item.reference,
        our_bank=our_bank,
        amount_fen=item.amount_fen,
        came_on=item.moved_on,
        why=CODES[item.why],
        words=item.wanted_why or "",
        returned_on=business_date(now),
    )
    return return_letter(written, at=now).document


def details(arrival: Arrival) -> Details:
    """What the sender wrote."""
    return Details(
        payer_name=arrival.payer_name,
        payer_account=arrival.payer_account,
        payer_bank_code=arrival.payer_bank_code,
        payee_name=arrival.payee_name,
        payee_account=arrival.payee_account,
        remark=arrival.remark,
    )


def arrival(item: Unapplied, said: Details, *, bank_code: str) -> Arrival:
    """The credit as its rightful firm gets to know it; where nothing is known, from the bank."""
    return Arrival(
        source="outside",
        reference=item.reference,
        amount_fen=item.amount_fen,
        payer_name=said.payer_name or "待查来账",
        payer_account=said.payer_account,
        payer_bank_code=said.payer_bank_code or bank_code,
        payee_account=said.payee_account,
        payee_name=said.payee_name,
        remark=said.remark,
    )
