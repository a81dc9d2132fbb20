"""What stands in the way of closing an account, and the entry of what is left on it."""

from uuid import UUID

from accounts.closings.model import ClosingChanged, ClosingRequest, Obstacle, RestCannotGoThere
from accounts.deposits.model import Deposit, Leftovers
from accounts.deposits.rules import CLOSABLE
from accounts.ledger.model import Leg, NewEntry

OPEN = ("requested", "settled")


def obstacles(request: ClosingRequest, deposit: Deposit, facts: Leftovers) -> list[Obstacle]:
    """What is to be done before the account can be closed, nothing once the request is done."""
    if request.state not in OPEN:
        return []
    found: list[tuple[Obstacle, bool]] = [
        ("state", deposit.state not in CLOSABLE),
        ("money_held", facts.held_fen > 0),
        ("money_away", facts.away_fen > 0),
        ("money_left", facts.balance_fen > 0 and request.rest_to_account_id is None),
        ("other_accounts", facts.others_open > 0),
        ("debt", deposit.account_class == "basic" and facts.owed_fen > 0),
    ]
    return [name for name, stands in found if stands]


def seen(request: ClosingRequest, *, version: int) -> None:
    """Raise ClosingChanged unless it is open in the version seen."""
    if request.state not in OPEN or request.version != version:
        raise ClosingChanged(state=request.state, version=request.version)


def may_take_the_rest(deposit: Deposit, other: Deposit) -> None:
    """Raise RestCannotGoThere."""
    fits = other.id != deposit.id and other.currency == deposit.currency
    if not fits or other.state != "active":
        raise RestCannotGoThere()


def rest_entry(request: ClosingRequest, *, amount_fen: int, to: UUID, currency: str) -> NewEntry:
    """What is left moves to another account of the firm, once per request."""
    return NewEntry(
        kind="closing_rest",
        business_key=str(request.id),
        currency=currency,
        memo="销户转出",
        legs=[
            Leg(account_id=request.account_id, amount_fen=-amount_fen),
            Leg(account_id=to, amount_fen=amount_fen),
        ],
    )
