"""Which order is in force, which waits behind it, how long each lasts, and what it covers."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.deposits.model import Ordered
from accounts.freezes.model import (
    Authority,
    Freeze,
    FreezeChanged,
    FreezeNotOpen,
    MoreThanFrozen,
    NewFreeze,
    NoMoreRenewals,
    Term,
    TermTooLong,
)
from accounts.ledger.model import Leg, NewEntry
from app.clock import SHANGHAI

Terms = Mapping[Authority, Term]
OPEN = ("queued", "active")


def legal_end(term: Term, *, from_: datetime) -> datetime:
    """The last moment a term may reach; months by the calendar of Shanghai, the day clamped."""
    local = from_.astimezone(SHANGHAI)
    years, month = divmod(local.month - 1 + term.months, 12)
    year, month = local.year + years, month + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day) + timedelta(hours=term.hours)


def term_fits(term: Term, *, until: datetime | None, now: datetime) -> datetime:
    """When it ends: as ordered, or by the law; TermTooLong."""
    longest = legal_end(term, from_=now)
    if until is None:
        return longest
    if until.tzinfo is None or not now < until <= longest:
        raise TermTooLong(longest_until=longest)
    return until


def arrange(freezes: Sequence[Freeze], *, terms: Terms, now: datetime) -> list[Freeze]:
    """Every open order as it stands at a moment, in place: those whose term is over lapse; the
    rest is in force up to and with the first that freezes the whole, and queues behind that.

    A queued order's term begins when it comes into force.
    """
    arranged, whole = [], False
    for freeze in sorted(freezes, key=lambda one: one.place):
        if freeze.state not in OPEN:
            continue
        if freeze.ends_at is not None and freeze.ends_at <= now:
            arranged.append(replace(freeze, state="lapsed", ended_at=now))
            continue
        if not whole and freeze.state == "queued":
            ends_at = freeze.ends_at or legal_end(terms[freeze.authority], from_=now)
            freeze = replace(freeze, state="active", in_force_at=now, ends_at=ends_at)
        arranged.append(freeze)
        whole = whole or freeze.amount_fen is None
    return arranged


def waits(freezes: Sequence[Freeze]) -> bool:
    """Whether a new order would queue: behind one of the whole account."""
    return any(one.state in OPEN and one.amount_fen is None for one in freezes)


def placed_end(
    new: NewFreeze, freezes: Sequence[Freeze], *, terms: Terms, now: datetime
) -> datetime | None:
    """When a new order ends: by the law at the latest; null while it queues without a date."""
    if waits(freezes) and new.until is None:
        return None
    return term_fits(terms[new.authority], until=new.until, now=now)


def left(freeze: Freeze) -> int:
    """What an order of an amount still freezes."""
    assert freeze.amount_fen is not None
    return freeze.amount_fen - freeze.taken_fen


def frozen_fen(freezes: Sequence[Freeze]) -> int:
    """The sum of amounts in force; one order's money is not another's."""
    return sum(left(f) for f in freezes if f.state == "active" and f.amount_fen is not None)


def ordered(freezes: Sequence[Freeze]) -> Ordered:
    """What the orders in force make of the whole account: the police only stop it for a time."""
    whole = [f for f in freezes if f.state == "active" and f.amount_fen is None]
    if not whole:
        return "active"
    return "stop_payment" if all(f.authority == "police" for f in whole) else "frozen_full"


def seen(freeze: Freeze, *, version: int) -> None:
    """Raise FreezeChanged unless the version seen is the one that stands."""
    if freeze.version != version:
        raise FreezeChanged(freeze_id=freeze.id, version=freeze.version)


def renew(freeze: Freeze, *, until: datetime | None, terms: Terms, now: datetime) -> Freeze:
    """Its term begun anew before it is over. Raises FreezeNotOpen, NoMoreRenewals, TermTooLong."""
    if freeze.state != "active" or freeze.ends_at is None or freeze.ends_at <= now:
        raise FreezeNotOpen(state=freeze.state)
    term = terms[freeze.authority]
    if term.renewals is not None and freeze.renewals >= term.renewals:
        raise NoMoreRenewals(renewals=freeze.renewals)
    return replace(
        freeze,
        renewals=freeze.renewals + 1,
        ends_at=term_fits(term, until=until, now=now),
    )


def lift(freeze: Freeze, *, now: datetime) -> Freeze:
    """Ended by its authority; FreezeNotOpen once it has ended."""
    if freeze.state not in OPEN:
        raise FreezeNotOpen(state=freeze.state)
    return replace(freeze, state="lifted", ended_at=now)


def covered_fen(freezes: Sequence[Freeze], freeze: Freeze, *, money_fen: int) -> int:
    """What an order reaches of the money on the account: what those before it leave, up to its
    own amount. `money_fen` is the balance less what is promised to payees already."""
    before = sum(
        left(f)
        for f in freezes
        if f.state == "active" and f.place < freeze.place and f.amount_fen is not None
    )
    reached = max(money_fen - before, 0)
    return reached if freeze.amount_fen is None else min(reached, left(freeze))


def take(
    freezes: Sequence[Freeze], freeze: Freeze, *, amount_fen: int, money_fen: int, now: datetime
) -> Freeze:
    """The order after a deduction; used up once its amount is taken. Raises FreezeNotOpen or
    MoreThanFrozen."""
    if freeze.state != "active":
        raise FreezeNotOpen(state=freeze.state)
    covered = covered_fen(freezes, freeze, money_fen=money_fen)
    if amount_fen > covered:
        raise MoreThanFrozen(covered_fen=covered)
    taken = replace(freeze, taken_fen=freeze.taken_fen + amount_fen)
    if taken.amount_fen is not None and left(taken) == 0:
        return replace(taken, state="used", ended_at=now)
    return taken


def deduction(
    freeze: Freeze, item_id: UUID, *, amount_fen: int, suspense_id: UUID, order_number: str
) -> NewEntry:
    """The money leaves the account and waits on the bank's side to be handed over."""
    return NewEntry(
        kind="deduction",
        business_key=str(item_id),
        memo=order_number,
        legs=[
            Leg(account_id=freeze.account_id, amount_fen=-amount_fen),
            Leg(account_id=suspense_id, amount_fen=amount_fen),
        ],
    )
