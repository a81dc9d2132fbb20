"""The decisions of mandates: which line fits a payment, who must agree, what loosens a rule."""

import hashlib
from collections.abc import Sequence

import msgspec

from accounts.mandates.model import (
    Line,
    Look,
    Mandate,
    MandateCannotBeMet,
    MandateNotOpen,
    Need,
    NewMandate,
    NewSecondPersonRule,
    Paying,
    RuleChanged,
    SecondPersonRule,
    Together,
)
from app.approvals.model import Places
from app.approvals.rules import seated
from app.identity.stepups.model import Facts

SECOND_PERSON = Places(steps=[["owner", "finance", "checker"]])
NOBODY = Places()


def needed(look: Look, paying: Paying) -> Need:
    """What this payment needs: by the first line of the mandate that fits, else by the firm's
    second-person rule, else by the bank's."""
    for no, line in enumerate(look.lines, 1):
        if fits(line, paying):
            places = Places(
                steps=[list(place) for place in line.agree],
                in_order=line.in_order,
                step_up=line.step_up,
            )
            return _need(look, places, line=no)
    levels = levels_needed(
        amount_fen=paying.amount_fen,
        in_bank=paying.in_bank,
        watched=paying.payee == "new",
        rule=look.own or look.usual,
    )
    places = SECOND_PERSON if levels else NOBODY
    return _need(look, places, line=0)


def needed_together(look: Look, payings: Sequence[Together]) -> tuple[Places, bool]:
    """What a batch needs: each kind of its payments by the sum of that kind and by its largest,
    on top of all of the batch in the maker's day; the places that ask for the most people."""
    fen = sum(one.sum_fen for one in payings) + (look.day.sum_fen if look.day else 0)
    count = sum(one.count for one in payings) + (look.day.count if look.day else 0)
    found = [
        needed(look, _as_paying(look, one, amount_fen, fen, count)).places
        for one in payings
        for amount_fen in {one.sum_fen, one.largest_fen}
    ]
    most = max(found, key=lambda places: len(places.steps), default=NOBODY)
    return most, any(places.step_up for places in found)


def _as_paying(look: Look, one: Together, amount_fen: int, day_fen: int, count: int) -> Paying:
    return Paying(
        amount_fen=amount_fen,
        in_bank=one.in_bank,
        maker=look.role or "",
        payee=one.payee,
        party_id=one.party_id,
        purpose=one.purpose,
        day_sum_fen=day_fen,
        day_count=count,
    )


def _need(look: Look, places: Places, *, line: int) -> Need:
    return Need(
        places=places,
        line=line,
        mandate_version=look.mandate_version,
        examined_from_fen=look.examined_from_fen,
    )


def fits(line: Line, paying: Paying) -> bool:
    """Whether everything that a line says is so of the payment."""
    above = (
        (line.above_fen, paying.amount_fen),
        (line.day_sum_above_fen, paying.day_sum_fen),
        (line.day_count_above, paying.day_count),
    )
    among = (
        (line.makers, paying.maker),
        (line.payees, paying.payee),
        (line.party_ids, paying.party_id),
        (line.purposes, paying.purpose),
    )
    return (
        all(bound is None or value > bound for bound, value in above)
        and all(not named or value in named for named, value in among)
        and line.in_bank in (None, paying.in_bank)
    )


def levels_needed(*, amount_fen: int, in_bank: bool, watched: bool, rule: SecondPersonRule) -> int:
    """How many other persons must agree: one above the firm's amount or to a watched payee."""
    above = rule.in_bank_above_fen if in_bank else rule.outside_above_fen
    if above is not None and amount_fen > above:
        return 1
    return 1 if watched and above is not None else 0


def loosens(new: NewSecondPersonRule, rule: SecondPersonRule) -> bool:
    """Whether any payment that needs a second person would need none any more."""
    pairs = (
        (new.outside_above_fen, rule.outside_above_fen),
        (new.in_bank_above_fen, rule.in_bank_above_fen),
    )
    return any(old is not None and (now is None or now > old) for now, old in pairs)


def rule_facts(new: NewSecondPersonRule) -> Facts:
    """What a step-up binds that loosens the second-person rule."""
    return {
        "outside_above_fen": new.outside_above_fen,
        "in_bank_above_fen": new.in_bank_above_fen,
        "version": new.version,
    }


def mandate_facts(new: NewMandate) -> Facts:
    """What a step-up binds that puts a mandate into force: every line of it."""
    lines = msgspec.json.encode(new.lines, order="deterministic")
    return {"version": new.version, "lines": hashlib.sha256(lines).hexdigest()}


def seen(new: NewMandate, in_force: Mandate | None) -> None:
    """Raise RuleChanged unless the version that stands was seen."""
    stands = in_force.version if in_force else 0
    if new.version != stands:
        raise RuleChanged(version=stands)


def can_be_met(lines: Sequence[Line], roles: Sequence[str]) -> None:
    """Raise MandateCannotBeMet where a line asks for people that the firm does not have, whoever
    of those it names makes the payment; `roles` are those of the firm's members."""
    for no, line in enumerate(lines, 1):
        makers: list[str] = [*line.makers] or ["owner", "finance", "maker"]
        if not any(_enough(line.agree, _others(roles, maker)) for maker in makers):
            raise MandateCannotBeMet(line=no)


def _others(roles: Sequence[str], maker: str) -> list[str]:
    """The members' roles without that of one maker."""
    others = list(roles)
    if maker in others:
        others.remove(maker)
    return others


def _enough(agree: Sequence[Sequence[str]], roles: Sequence[str]) -> bool:
    """Whether each place finds a person: the roles are the places here, and people sit down."""
    people = [[role] for role in roles]
    return _placed([list(place) for place in agree], people)


def _placed(places: list[list[str]], people: list[list[str]]) -> bool:
    if not places:
        return True
    first, rest = places[0], places[1:]
    return any(
        seated([first], person) and _placed(rest, [*people[:no], *people[no + 1 :]])
        for no, person in enumerate(people)
    )


def open_to_answers(mandate: Mandate, *, version: int) -> None:
    """Raise MandateNotOpen or RuleChanged unless this version waits for another owner."""
    if mandate.state != "proposed":
        raise MandateNotOpen(mandate_id=mandate.id, state=mandate.state)
    if mandate.version != version:
        raise RuleChanged(version=mandate.version)
