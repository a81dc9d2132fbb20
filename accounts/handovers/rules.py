"""Who may propose and agree, and the entries, the movement and the message of a hand-over."""

from datetime import date, datetime
from uuid import UUID

from accounts.clearing.rules import CHANNELS
from accounts.deposits.model import Holder
from accounts.handovers.model import Handover, HandoverChanged, NotADeduction
from accounts.incoming.model import Arrival
from accounts.ledger.model import Leg, NewEntry
from accounts.movements.model import Movement
from accounts.rails.model import Rail
from accounts.suspense.model import Item
from app.approvals.model import SelfApproval
from app.clock import business_date
from app.outside.clearing_house import NewCredit, credit_letter

ASK_AGAIN_SECONDS = 30


def may_be_proposed(item: Item, present: Handover | None) -> None:
    """Raise NotADeduction, or HandoverChanged while two people's word is being carried out."""
    if item.source != "deduction" or item.state != "open":
        raise NotADeduction(source=item.source, state=item.state)
    if present is not None and present.state == "agreed":
        raise HandoverChanged(state=present.state)


def may_agree(found: Handover, *, version: int, staff_id: UUID) -> None:
    """Raise HandoverChanged, and SelfApproval for who proposed it."""
    if found.state != "proposed" or found.version != version:
        raise HandoverChanged(state=found.state, version=found.version)
    if found.proposed_by == staff_id:
        raise SelfApproval()


def handed_over(
    found: Handover, *, suspense_id: UUID, home: UUID, house_id: UUID, transfer_id: UUID
) -> list[NewEntry]:
    """Out of the firm's suspense; the clearing house has taken it from the bank's own account."""
    return [
        _out(found, suspense_id=suspense_id, transfer_id=transfer_id),
        NewEntry(
            kind="deduction_paid",
            business_key=str(found.item_id),
            business_id=home,
            transfer_id=transfer_id,
            clearing_fen=-found.amount_fen,
            memo=found.memo,
            legs=[Leg(account_id=house_id, amount_fen=found.amount_fen)],
        ),
    ]


def handed_over_here(
    found: Handover, *, suspense_id: UUID, holder: Holder, transfer_id: UUID
) -> list[NewEntry]:
    """The authority banks here: onto its account, as a credit under the hand-over's id."""
    return [
        _out(found, suspense_id=suspense_id, transfer_id=transfer_id),
        NewEntry(
            kind="credit",
            business_key=str(found.item_id),
            business_id=holder.business_id,
            transfer_id=transfer_id,
            clearing_fen=-found.amount_fen,
            memo=found.memo,
            legs=[Leg(account_id=holder.account_id, amount_fen=found.amount_fen)],
        ),
    ]


def _out(found: Handover, *, suspense_id: UUID, transfer_id: UUID) -> NewEntry:
    return NewEntry(
        kind="deduction_paid",
        business_key=str(found.item_id),
        transfer_id=transfer_id,
        clearing_fen=found.amount_fen,
        memo=found.memo,
        legs=[Leg(account_id=suspense_id, amount_fen=-found.amount_fen)],
    )


def moved(found: Handover, *, on: date) -> Movement:
    """What moved at the clearing house."""
    return Movement(
        direction="outgoing",
        reference=str(found.reference),
        moved_on=on,
        amount_fen=found.amount_fen,
    )


def arrival(found: Handover, *, payer_name: str, bank_code: str) -> Arrival:
    """The money as an authority that banks here gets to know it."""
    return Arrival(
        source="outside",
        reference=str(found.item_id),
        amount_fen=found.amount_fen,
        payer_name=payer_name,
        payer_account="",
        payer_bank_code=bank_code,
        payee_account="",
        payee_name=found.payee_name,
        remark=found.memo,
    )


def message(
    found: Handover, *, rail: Rail, our_bank: str, payer: Holder, payee_account: str, now: datetime
) -> str:
    """The hand-over as a pacs.008 that names the account from which it was taken."""
    credit = NewCredit(
        reference=str(found.reference),
        payer_bank=our_bank,
        payer_account=payer.number,
        payer_name=payer.name,
        payee_bank=found.payee_bank_code,
        payee_account=payee_account,
        payee_name=found.payee_name,
        amount_fen=found.amount_fen,
        channel=CHANNELS[rail],
        purpose=found.memo,
        sent_on=business_date(now),
    )
    return credit_letter(credit, at=now).document
