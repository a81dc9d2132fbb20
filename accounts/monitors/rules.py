"""What the rules say of a payment, what a replay adds up, and how a rule goes live."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from accounts.monitors.model import (
    Action,
    ActiveRule,
    Clause,
    Comparison,
    Example,
    Features,
    Fired,
    Op,
    Past,
    ReplayNeeded,
    Rule,
    RuleNotThere,
    RuleState,
    SecondPersonNeeded,
    Tally,
    Terms,
    Verdict,
)

OPS: dict[Op, Callable[[int, int], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
}
MOVES: dict[RuleState, tuple[RuleState, ...]] = {
    "draft": ("shadow", "retired"),
    "shadow": ("live", "retired"),
    "live": ("retired",),
    "retired": (),
}
# What stands in a replay to be looked at; the counts go on.
MOST_EXAMPLES = 50


def holds(test: Comparison, features: Features) -> bool:
    """Whether one comparison is true of a payment."""
    known: int = getattr(features, test.feature)
    return OPS[test.op](known, test.value)


def fires(conditions: Sequence[Clause], features: Features) -> bool:
    """Whether all clauses hold, each by any of its tests."""
    return all(any(holds(test, features) for test in clause.any) for clause in conditions)


def action(score: int, terms: Terms) -> Action:
    """What a sum of scores leads to: the higher it is, never the milder."""
    if score >= terms.refuse_at:
        return "refuse"
    return "hold" if score >= terms.hold_at else "pass"


def decide(features: Features, rules: Sequence[ActiveRule], *, terms: Terms) -> Verdict:
    """The verdict of all rules that fire. A rule in shadow never changes the action."""
    fired = [rule for rule in rules if fires(rule.conditions, features)]
    reasons = sorted((rule for rule in fired if rule.live), key=lambda rule: -rule.score)
    score = sum(rule.score for rule in reasons)
    shadow_score = sum(rule.score for rule in fired)
    return Verdict(
        action=action(score, terms),
        score=score,
        reasons=[_fired(rule) for rule in reasons],
        shadow_action=action(shadow_score, terms),
        shadow_score=shadow_score,
        fired=[_fired(rule) for rule in fired],
        owner_zh=reasons[0].owner_zh if reasons else "",
        owner_en=reasons[0].owner_en if reasons else "",
    )


def _fired(rule: ActiveRule) -> Fired:
    return Fired(
        rule_id=rule.id, code=rule.code, version=rule.version, score=rule.score, live=rule.live
    )


NOTHING = Verdict(
    action="pass", score=0, reasons=[], shadow_action="pass", shadow_score=0, fired=[],
    owner_zh="", owner_en="",
)  # fmt: skip


def levels(amount_fen: int, terms: Terms) -> int:
    """How many of the bank's people must agree to release a held payment."""
    return 2 if amount_fen > terms.four_eyes_above_fen else 1


def beside_the_live_ones(rule: ActiveRule, active: Sequence[ActiveRule]) -> list[ActiveRule]:
    """The live rules as they would be with this version live: it takes the place of its code's."""
    others = [one for one in active if one.live and one.code != rule.code]
    return [*others, replace(rule, live=True)]


def tally(
    past: Sequence[Past], rule: ActiveRule, active: Sequence[ActiveRule], *, terms: Terms
) -> Tally:
    """What a rule would have done to a slice of past payments, beside what was done."""
    now_live = [one for one in active if one.live]
    with_it = beside_the_live_ones(rule, active)
    total = Tally(looked_at=len(past))
    for one in past:
        fired = fires(rule.conditions, one.features)
        after = decide(one.features, with_it, terms=terms).action
        before = decide(one.features, now_live, terms=terms).action
        stopped = fired and after != "pass"
        total = replace(
            total,
            fired=total.fired + fired,
            would_hold=total.would_hold + (fired and after == "hold"),
            would_refuse=total.would_refuse + (fired and after == "refuse"),
            newly_stopped=total.newly_stopped + (stopped and before == "pass"),
            good_stopped=total.good_stopped + (stopped and one.label == "good"),
            bad_stopped=total.bad_stopped + (stopped and one.label == "bad"),
            bad_missed=total.bad_missed + (not stopped and one.label == "bad"),
            examples=[*total.examples, _example(one, after)] if stopped else total.examples,
        )
    return total


def _example(one: Past, after: Action) -> Example:
    return Example(
        business_id=one.business_id, payment_id=one.payment_id, action=after, label=one.label
    )


def examples(known: Sequence[Example], new: Sequence[Example]) -> list[Example]:
    """What a person looks at: payments that somebody has spoken about come first."""
    found = sorted([*known, *new], key=lambda one: one.label is None)
    return found[:MOST_EXAMPLES]


def move(rule: Rule, to: RuleState) -> None:
    """Raise RuleNotThere where the rule cannot go to that state from its own."""
    if to not in MOVES[rule.state]:
        raise RuleNotThere(rule_id=rule.id, state=rule.state, wanted=to)


def may_propose(rule: Rule, *, replayed: bool) -> None:
    """Raise RuleNotThere or ReplayNeeded unless this version can be proposed to go live."""
    move(rule, "live")
    if not replayed:
        raise ReplayNeeded(rule_id=rule.id)


def may_go_live(rule: Rule, *, principal: str) -> None:
    """Raise unless this version was proposed, by somebody else than who agrees now."""
    move(rule, "live")
    if rule.proposed_by is None:
        raise RuleNotThere(rule_id=rule.id, state=rule.state, wanted="live")
    if rule.proposed_by == principal:
        raise SecondPersonNeeded(rule_id=rule.id)


def may_retire(rule: Rule, *, principal: str) -> bool:
    """Whether the version is out now: a live one only by the second person who says so.

    Raises SecondPersonNeeded where the first one says it again.
    """
    if rule.state != "live":
        return True
    if rule.retire_wanted_by == principal:
        raise SecondPersonNeeded(rule_id=rule.id)
    return rule.retire_wanted_by is not None
