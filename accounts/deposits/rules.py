"""Which state an account may take, who may set it, and how long it may last."""

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from accounts.deposits.model import (
    CannotPayOnline,
    Deposit,
    MomentInvalid,
    MoneyLeft,
    NotYoursToSet,
    OtherAccountsOpen,
    Range,
    RangeInvalid,
    Setter,
    State,
    StateNotAllowed,
    TermWrong,
)
from accounts.ledger.model import LedgerState

# Who may put an account into a state; the same one (or the bank after its term) takes it out.
SETTERS: dict[State, frozenset[Setter]] = {
    "active": frozenset({"bank", "court", "police"}),
    "suspended_noncounter": frozenset({"bank", "owner"}),
    "stop_payment": frozenset({"bank", "police", "owner"}),
    "frozen_full": frozenset({"court"}),
    "receive_only": frozenset({"bank"}),
    "no_in_no_out": frozenset({"bank"}),
    "dormant": frozenset({"system"}),
    "closed": frozenset({"bank"}),
}
# Restrictions rank by what they forbid; a weaker one never replaces a stronger one.
STRENGTH: dict[State, int] = {
    "active": 0,
    "suspended_noncounter": 1,
    "stop_payment": 2,
    "receive_only": 2,
    "dormant": 3,
    "frozen_full": 5,
    "no_in_no_out": 5,
    "closed": 9,
}
# Longest terms: emergency stop by the police 48 hours, judicial freeze one year (renewable).
LONGEST: dict[tuple[State, Setter], timedelta] = {
    ("stop_payment", "police"): timedelta(hours=48),
    ("frozen_full", "court"): timedelta(days=365),
}
# What the ledger lets through in each state.
LEDGER_STATE: dict[State, LedgerState] = {
    "active": "open",
    "suspended_noncounter": "open",
    "stop_payment": "no_debit",
    "frozen_full": "no_debit",
    "receive_only": "no_debit",
    "dormant": "blocked",
    "no_in_no_out": "blocked",
    "closed": "closed",
}
YEARS = range(1900, 2200)


def days_of(deposit: Deposit, *, from_on: date | None, until_on: date | None, today: date) -> Range:
    """The days asked for, by default from the opening to today; RangeInvalid."""
    first = from_on or deposit.opened_on
    end = until_on or max(today, first) + timedelta(days=1)
    if first.year not in YEARS or end.year not in YEARS or first >= end:
        raise RangeInvalid(from_on=first, until_on=end)
    return Range(from_on=first, until_on=end)


def sound_moment(at: datetime) -> None:
    """Raise MomentInvalid for a moment without offset or outside 1900-2200."""
    if at.tzinfo is None or at.year not in YEARS:
        raise MomentInvalid()


def may_pay_online(deposit: Deposit) -> None:
    """Raise CannotPayOnline unless active: other states pay at the counter or not at all."""
    if deposit.state != "active":
        raise CannotPayOnline(account_id=deposit.id, state=deposit.state)


def change(
    deposit: Deposit, to: State, *, by: Setter, reason: str, until: datetime | None, now: datetime
) -> Deposit:
    """The account in its new state, one version on.

    Raises StateNotAllowed, NotYoursToSet or TermWrong (china domain rules 3.3).
    """
    if deposit.state == "closed" or to == deposit.state:
        raise StateNotAllowed(state=deposit.state, wanted=to)
    if by not in SETTERS[to]:
        raise NotYoursToSet(wanted=to, by=by)
    if to == "active":
        _may_lift(deposit, by=by, now=now)
    elif STRENGTH[to] < STRENGTH[deposit.state]:
        raise StateNotAllowed(state=deposit.state, wanted=to)
    _term_fits(to, by=by, until=until, now=now)
    return replace(
        deposit,
        state=to,
        state_reason=None if to == "active" else reason,
        state_set_by=None if to == "active" else by,
        state_until=until,
        version=deposit.version + 1,
    )


def _may_lift(deposit: Deposit, *, by: Setter, now: datetime) -> None:
    """An order is lifted by its giver; by the bank once its term is over or for the system."""
    expired = deposit.state_until is not None and deposit.state_until <= now
    stands_in = by == "bank" and (expired or deposit.state_set_by in ("owner", "system"))
    if by != deposit.state_set_by and not stands_in:
        raise NotYoursToSet(wanted="active", by=by)


def _term_fits(to: State, *, by: Setter, until: datetime | None, now: datetime) -> None:
    longest = LONGEST.get((to, by))
    if until is not None and until <= now:
        raise TermWrong(wanted=to)
    if longest is not None and (until is None or until > now + longest):
        raise TermWrong(wanted=to, longest_hours=longest // timedelta(hours=1))


def close(
    deposit: Deposit,
    *,
    balance_fen: int,
    held_fen: int,
    away_fen: int,
    others_open: int,
    now: datetime,
    reason: str,
    on: date,
) -> Deposit:
    """The account closed: nothing on it or on its way from it, which might come back to nowhere,
    and the basic one after all others.

    Raises MoneyLeft, OtherAccountsOpen, or what `change` raises.
    """
    if balance_fen or held_fen or away_fen:
        raise MoneyLeft(balance_fen=balance_fen, held_fen=held_fen, away_fen=away_fen)
    if deposit.account_class == "basic" and others_open:
        raise OtherAccountsOpen(open_accounts=others_open)
    if deposit.state != "active":
        raise StateNotAllowed(state=deposit.state, wanted="closed")
    closed = change(deposit, "closed", by="bank", reason=reason, until=None, now=now)
    return replace(closed, closed_on=on)
