"""What should happen, in plain Python without a database: written from the promises, not from the
code it judges."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

FIRMS = 3
# Accounts by number: each firm's own, one with a line of credit, then the bank's side of each firm.
LINE = FIRMS
CAPITAL = FIRMS + 1
LINE_FEN = 5_000
DAY = 24 * 60
OBJECTION_DAYS = 2
FAR = 40 * DAY
STOPS_DEBIT = ("no_debit", "blocked")
STOPS_CREDIT = ("no_credit", "blocked")
OK = "ok"


@dataclass
class Account:
    firm: int
    floor: int | None
    balance: int = 0
    state: str = "open"


@dataclass
class Hold:
    account: int
    left: int
    taken: int = 0
    state: str = "open"
    expires: int | None = None


@dataclass
class Reservation:
    account: int
    payee: int
    hold: str
    expires: int
    ended: str | None = None


@dataclass
class Part:
    amount: int
    due_day: int
    payer: int = 0
    beneficiary: int = 0
    claimed: int | None = None
    released: int = 0


@dataclass
class Escrow:
    payer: int
    payee: int
    guaranteed: bool
    rule: str
    expires: int
    parts: list[Part]
    state: str = "proposed"
    funded: int = 0
    released: int = 0
    returned: int = 0

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)

    @property
    def there(self) -> int:
        return self.funded - self.released - self.returned


ENDED = ("completed", "cancelled", "expired", "decided")


@dataclass
class Model:
    """The world: minutes since the run began, accounts, and what stands open."""

    now: int = 0
    accounts: list[Account] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    escrows: dict[str, Escrow] = field(default_factory=dict)
    keys: set[tuple[int, str | None]] = field(default_factory=set)

    def held(self, account: int) -> int:
        return sum(
            h.left for h in self.holds.values() if h.account == account and h.state == "open"
        )

    def copy(self) -> Model:
        return deepcopy(self)


Outcomes = list[tuple[str, Model]]
# A change of a hold: what, which, on which account, how much, until when.
Change = tuple[str, str, int, int, int | None]


def begin(balances: list[int]) -> Model:
    """Three firms with money that the bank's side of each has given them."""
    accounts = [Account(firm=no, floor=0, balance=fen) for no, fen in enumerate(balances)]
    accounts.append(Account(firm=0, floor=-LINE_FEN))
    accounts += [Account(firm=no, floor=None, balance=-fen) for no, fen in enumerate(balances)]
    return Model(accounts=accounts)


# --- the ledger ----------------------------------------------------------------------------------


def post(
    model: Model, legs: list[tuple[int, int]], changes: list[Change], key: str | None
) -> Outcomes:
    """All legs and changes of holds, or none; every refusal that may be named."""
    keys = {(model.accounts[no].firm, key) for no, _ in legs if key is not None}
    if keys & model.keys:
        return [("AlreadyPosted", model)]
    for what, name, account, amount, _ in changes:
        hold = model.holds.get(name)
        if what == "place":
            if hold is not None:
                return [("HoldNotOpen", model)]
            continue
        if hold is None or hold.account != account or hold.state != "open":
            return [("HoldNotOpen", model)]
        if what != "release" and hold.expires is not None and hold.expires <= model.now:
            return [("HoldNotOpen", model)]
        if what == "capture_part" and amount > hold.left:
            return [("HoldTooSmall", model)]
    refusals = _refusals(model, legs, changes)
    if refusals:
        return [(refusal, model) for refusal in sorted(refusals)]
    after = model.copy()
    for account, amount in legs:
        after.accounts[account].balance += amount
    for what, name, account, amount, expires in changes:
        _change(after, what, name, account, amount, expires)
    after.keys |= keys
    return [(OK, after)]


def move(model: Model, payer: int, payee: int, amount: int, key: str) -> Outcomes:
    """Money from one account to another, of the same firm or of two."""
    return plain(post(model, [(payer, -amount), (payee, amount)], [], key))


def place(model: Model, name: str, account: int, amount: int, days: int | None) -> Outcomes:
    expires = None if days is None else model.now + days * DAY
    return plain(post(model, [], [("place", name, account, amount, expires)], None))


def release(model: Model, name: str) -> Outcomes:
    account = model.holds[name].account if name in model.holds else 0
    return plain(post(model, [], [("release", name, account, 0, None)], None))


def capture(model: Model, name: str, amount: int, key: str) -> Outcomes:
    """The hold ends with a payment of any size: a smaller one frees the rest."""
    return _use(model, "capture", name, amount, key)


def part(model: Model, name: str, amount: int, key: str) -> Outcomes:
    """A part of the hold is paid, the rest stays held."""
    return _use(model, "capture_part", name, amount, key)


def _use(model: Model, what: str, name: str, amount: int, key: str) -> Outcomes:
    account = model.holds[name].account if name in model.holds else 0
    bank = CAPITAL + model.accounts[account].firm
    legs = [(account, -amount), (bank, amount)]
    return plain(post(model, legs, [(what, name, account, amount, None)], key))


def set_state(model: Model, account: int, state: str) -> Outcomes:
    after = model.copy()
    after.accounts[account].state = state
    return [(OK, after)]


def wait(model: Model, minutes: int) -> Outcomes:
    after = model.copy()
    after.now += minutes
    return [(OK, after)]


def _refusals(model: Model, legs: list[tuple[int, int]], changes: list[Change]) -> set[str]:
    found = set()
    for no in {account for account, _ in legs} | {change[2] for change in changes}:
        account = model.accounts[no]
        mine = [amount for at, amount in legs if at == no]
        takes = any(amount < 0 for amount in mine)
        gets = any(amount > 0 for amount in mine)
        places = any(what == "place" and at == no for what, _, at, _, _ in changes)
        stopped = (takes or places) and account.state in STOPS_DEBIT
        if stopped or (gets and account.state in STOPS_CREDIT):
            found.add(f"AccountRefusesPosting:{no}")
            continue
        left = account.balance + sum(mine) - model.held(no) - _held_more(model, no, changes)
        if (takes or places) and account.floor is not None and left < account.floor:
            found.add("InsufficientFunds")
    return found


def _held_more(model: Model, no: int, changes: list[Change]) -> int:
    more = 0
    for what, name, account, amount, _ in changes:
        if account == no:
            whole = model.holds[name].left if name in model.holds else 0
            more += {"place": amount, "capture_part": -amount}.get(what, -whole)
    return more


def _change(
    model: Model, what: str, name: str, account: int, amount: int, expires: int | None
) -> None:
    if what == "place":
        model.holds[name] = Hold(account=account, left=amount, expires=expires)
        return
    hold = model.holds[name]
    if what == "capture_part" and amount < hold.left:
        hold.left -= amount
        hold.taken += amount
    else:
        hold.state = "released" if what == "release" else "captured"


# --- reservations --------------------------------------------------------------------------------


def reserve(model: Model, name: str, account: int, payee: int, amount: int, days: int) -> Outcomes:
    expires = model.now + days * DAY
    found = post(model, [], [("place", name, account, amount, expires)], None)
    for outcome, after in found:
        if outcome == OK:
            after.reservations[name] = Reservation(account, payee, name, expires)
    return plain(found)


def confirm(model: Model, name: str, amount: int | None) -> Outcomes:
    made = model.reservations.get(name)
    if made is None:
        return [("ReservationNotFound", model)]
    hold = model.holds[name]
    if hold.state != "open" or made.expires <= model.now:
        return [("ReservationEnded", model)]
    if amount is not None and amount > hold.left:
        return [("ReservationTooSmall", model)]
    fen = amount or hold.left
    legs = [(made.account, -fen), (made.payee, fen)]
    found = post(model, legs, [("capture_part", name, made.account, fen, None)], None)
    return [(as_payment(outcome, made.account), after) for outcome, after in found]


def cancel(model: Model, name: str) -> Outcomes:
    made = model.reservations.get(name)
    if made is None:
        return [("ReservationNotFound", model)]
    if model.holds[name].state != "open":
        return [("ReservationEnded", model)]
    after = model.copy()
    _let_go(after, name, "finished" if model.holds[name].taken else "cancelled")
    return [(OK, after)]


def expire(model: Model, firm: int, but: str = "") -> Outcomes:
    """The clock comes by in a firm; it leaves `but` what somebody else holds just then."""
    after = model.copy()
    for name, made in after.reservations.items():
        late = made.ended is None and made.expires <= model.now and name != but
        if late and model.accounts[made.account].firm == firm:
            if after.holds[name].state == "open":
                _let_go(after, name, "expired")
            else:
                made.ended = "confirmed"
    return [(OK, after)]


def _let_go(model: Model, name: str, why: str) -> None:
    model.holds[name].state = "released"
    model.reservations[name].ended = why


# --- what is compared ----------------------------------------------------------------------------


def view(model: Model) -> dict[str, object]:
    """Everything that the database must say in the same words."""
    return {
        "accounts": [(a.balance, model.held(no), a.state) for no, a in enumerate(model.accounts)],
        "holds": {name: (h.left, h.taken, h.state) for name, h in model.holds.items()},
        "reservations": {name: made.ended for name, made in model.reservations.items()},
        "escrows": {
            name: (e.state, e.there, [(p.payer, p.beneficiary, p.released) for p in e.parts])
            for name, e in model.escrows.items()
        },
    }


# --- how refusals are named ----------------------------------------------------------------------


def plain(found: Outcomes) -> Outcomes:
    """Without the account that a refusal is about."""
    return [(outcome.partition(":")[0], after) for outcome, after in found]


def as_payment(outcome: str, payer: int) -> str:
    """A payer is not told why the payee takes nothing."""
    name, _, account = outcome.partition(":")
    if name == "AccountRefusesPosting" and int(account) != payer:
        return "PayeeCannotReceive"
    return name
