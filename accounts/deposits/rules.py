"""Which restriction an account may take, who may set it, and what all of it lets through."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.deposits.model import (
    AccountChanged,
    CannotPayOnline,
    CurrenciesDiffer,
    DebtLeft,
    Deposit,
    Leftovers,
    MomentInvalid,
    MoneyLeft,
    NewMove,
    NoSubAccountHere,
    NotOneFamily,
    NotYoursToSet,
    Ordered,
    OtherAccountsOpen,
    Range,
    RangeInvalid,
    Setter,
    State,
    StateNotAllowed,
    TermWrong,
    VerifyAgain,
)
from accounts.ledger.model import LedgerState, Leg, NewEntry

# Who may put an account into a state. Freezes and stops of authorities are orders, not states to
# set (accounts/freezes); closing is a matter of its own (accounts/closings).
SETTERS: dict[State, frozenset[Setter]] = {
    "active": frozenset({"bank", "owner"}),
    "suspended_noncounter": frozenset({"bank", "owner"}),
    "stop_payment": frozenset({"bank", "owner"}),
    "receive_only": frozenset({"bank"}),
    "no_in_no_out": frozenset({"bank"}),
    "dormant": frozenset({"system"}),
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
TIGHTNESS: dict[LedgerState, int] = {
    "open": 0,
    "no_debit": 1,
    "no_credit": 1,
    "blocked": 2,
    "closed": 3,
}
YEARS = range(1900, 2200)
MOST_SUB_ACCOUNTS = 99
PAYING_CURRENCY = "CNY"
CLOSABLE: frozenset[State] = frozenset({"active", "suspended_noncounter"})


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


def seen(deposit: Deposit, *, version: int) -> None:
    """Raise AccountChanged unless the version seen is the one that stands."""
    if deposit.version != version:
        raise AccountChanged(account_id=deposit.id, version=deposit.version)


def may_pay_online(deposit: Deposit) -> None:
    """Raise CannotPayOnline unless active and in yuan: all else pays at the counter or not."""
    if deposit.state != "active":
        raise CannotPayOnline(account_id=deposit.id, state=deposit.state)
    if deposit.currency != PAYING_CURRENCY:
        raise CannotPayOnline(account_id=deposit.id, state=deposit.state, currency=deposit.currency)


def effective(restriction: State, ordered: Ordered) -> State:
    """The state that is shown: the stronger of what the bank set and what was ordered."""
    return restriction if STRENGTH[restriction] >= STRENGTH[ordered] else ordered


def ledger_state(deposit: Deposit) -> LedgerState:
    """What the ledger lets through: the tighter of the two, never the looser."""
    return max(
        LEDGER_STATE[deposit.restriction],
        LEDGER_STATE[deposit.ordered],
        key=lambda state: TIGHTNESS[state],
    )


def under_order(deposit: Deposit, ordered: Ordered) -> Deposit:
    """The account with what authorities order now, one version on."""
    return replace(
        deposit,
        ordered=ordered,
        state=effective(deposit.restriction, ordered),
        version=deposit.version + 1,
    )


def change(
    deposit: Deposit,
    to: State,
    *,
    by: Setter,
    reason: str,
    until: datetime | None,
    now: datetime,
    verified: bool = False,
) -> Deposit:
    """The account under its new restriction, one version on.

    Raises StateNotAllowed, NotYoursToSet, VerifyAgain or TermWrong (china domain rules 3.3).
    """
    if deposit.restriction == "closed" or to == deposit.restriction or to not in SETTERS:
        raise StateNotAllowed(state=deposit.state, wanted=to)
    if by not in SETTERS[to]:
        raise NotYoursToSet(wanted=to, by=by)
    if to == "active":
        _may_lift(deposit, by=by, now=now)
        if deposit.restriction == "dormant" and not verified:
            raise VerifyAgain()
    elif STRENGTH[to] < STRENGTH[deposit.restriction]:
        raise StateNotAllowed(state=deposit.state, wanted=to)
    if until is not None and (until.tzinfo is None or until <= now):
        raise TermWrong(wanted=to)
    return replace(
        deposit,
        restriction=to,
        state=effective(to, deposit.ordered),
        state_reason=None if to == "active" else reason,
        state_set_by=None if to == "active" else by,
        state_until=until,
        version=deposit.version + 1,
    )


def _may_lift(deposit: Deposit, *, by: Setter, now: datetime) -> None:
    """A restriction is lifted by who set it; by the bank also for the owner and the clock."""
    expired = deposit.state_until is not None and deposit.state_until <= now
    stands_in = by == "bank" and (expired or deposit.state_set_by in ("owner", "system"))
    if by != deposit.state_set_by and not stands_in:
        raise NotYoursToSet(wanted="active", by=by)


def close(deposit: Deposit, facts: Leftovers, *, reason: str, on: date) -> Deposit:
    """The account closed: nothing on it or on its way from it, which might come back to nowhere,
    no debt, no order, and the basic one after all others (人民币银行结算账户管理办法 Art. 52).

    Raises MoneyLeft, OtherAccountsOpen, DebtLeft or StateNotAllowed.
    """
    if deposit.state not in CLOSABLE:
        raise StateNotAllowed(state=deposit.state, wanted="closed")
    if facts.balance_fen or facts.held_fen or facts.away_fen:
        raise MoneyLeft(
            balance_fen=facts.balance_fen, held_fen=facts.held_fen, away_fen=facts.away_fen
        )
    if facts.others_open:
        raise OtherAccountsOpen(open_accounts=facts.others_open)
    if deposit.account_class == "basic" and facts.owed_fen:
        raise DebtLeft(owed_fen=facts.owed_fen)
    return replace(
        deposit,
        restriction="closed",
        state="closed",
        state_reason=reason,
        state_set_by="bank",
        state_until=None,
        closed_on=on,
        version=deposit.version + 1,
    )


def sub_number(parent: Deposit, *, present: int) -> str:
    """The number of the next sub-account: its parent's with a suffix; NoSubAccountHere."""
    if parent.account_class == "sub" or parent.state != "active" or present >= MOST_SUB_ACCOUNTS:
        raise NoSubAccountHere(sub_accounts=present)
    return f"{parent.number}{present + 1:03d}"


def move_entry(move_id: UUID, new: NewMove, *, from_: Deposit, to: Deposit) -> NewEntry:
    """One posting between an account and its sub-account, or two sub-accounts of one account.

    Raises CannotPayOnline, NotOneFamily or CurrenciesDiffer.
    """
    if from_.state != "active":
        raise CannotPayOnline(account_id=from_.id, state=from_.state)
    family = {from_.parent_id or from_.id, to.parent_id or to.id}
    if from_.id == to.id or len(family) != 1:
        raise NotOneFamily()
    if from_.currency != to.currency:
        raise CurrenciesDiffer(paid=from_.currency, received=to.currency)
    return NewEntry(
        kind="move",
        business_key=str(move_id),
        currency=from_.currency,
        memo=new.memo,
        legs=[
            Leg(account_id=from_.id, amount_fen=-new.amount_fen),
            Leg(account_id=to.id, amount_fen=new.amount_fen),
        ],
    )
