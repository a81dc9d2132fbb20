"""Whether an incoming credit may be booked, the entry that books it, what it moved outside."""

from uuid import UUID

from msgspec.structs import replace

from accounts.deposits.model import Holder
from accounts.incoming.model import Arrival, Decision
from accounts.ledger.model import Leg, NewEntry
from accounts.movements.model import Movement
from accounts.parties.rules import same_name

UNKNOWN_ACCOUNT = "收款账号不存在"
NAME_DIFFERS = "收款人户名不符"
ACCOUNT_REFUSES = "收款账户状态异常"


def objection(arrival: Arrival, holder: Holder | None) -> str:
    """Why the credit must go back, or nothing."""
    if holder is None:
        return UNKNOWN_ACCOUNT
    return "" if same_name(arrival.payee_name, holder.name) else NAME_DIFFERS


def movements(arrival: Arrival, decision: Decision) -> list[Movement]:
    """What a decided credit moved at the clearing house: in, and out again where it is refused."""
    came = Movement(
        direction="incoming",
        reference=arrival.reference,
        moved_on=arrival.sent_on or decision.decided_on,
        amount_fen=arrival.amount_fen,
    )
    if decision.accepted:
        return [came]
    return [came, replace(came, direction="incoming_returned", moved_on=decision.decided_on)]


def entry(arrival: Arrival, *, account_id: UUID, transit_id: UUID) -> NewEntry:
    """A credit from another bank: the account grows by what the clearing house owes us."""
    return NewEntry(
        kind="credit",
        business_key=arrival.reference,
        memo=arrival.remark,
        legs=[
            Leg(account_id=account_id, amount_fen=arrival.amount_fen),
            Leg(account_id=transit_id, amount_fen=-arrival.amount_fen),
        ],
    )
