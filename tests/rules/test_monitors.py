"""Monitors' rules: a small language without surprises, scores that only add up, and a shadow that
changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.monitors import rules
from accounts.monitors.model import (
    ActiveRule,
    Clause,
    Comparison,
    Feature,
    Features,
    NewRule,
    Op,
    Past,
    ReplayNeeded,
    Rule,
    RuleNotThere,
    SecondPersonNeeded,
    Terms,
)

TERMS = Terms(
    examined_from_fen=1_000_000, hold_at=60, refuse_at=200, four_eyes_above_fen=20_000_000,
    review_minutes=120,
)  # fmt: skip
ORDER = {"pass": 0, "hold": 1, "refuse": 2}
FEATURES = tuple(get_args(Feature))
QUIET = Features(**dict.fromkeys(FEATURES, 0))

features = st.builds(Features, **dict.fromkeys(FEATURES, st.integers(min_value=0, max_value=200)))
comparisons = st.builds(
    Comparison, feature=st.sampled_from(FEATURES), op=st.sampled_from(get_args(Op)),
    value=st.integers(min_value=0, max_value=200),
)  # fmt: skip
clauses = st.lists(st.builds(Clause, any=st.lists(comparisons, min_size=1, max_size=3)), min_size=1,
                   max_size=3)  # fmt: skip


@st.composite
def active(draw: st.DrawFn) -> list[ActiveRule]:
    found = []
    for no in range(draw(st.integers(min_value=0, max_value=5))):
        found.append(
            ActiveRule(
                id=UUID(int=no + 1), code=f"theft.{'abcdef'[no]}", version=1,
                conditions=draw(clauses), score=draw(st.integers(min_value=1, max_value=1000)),
                owner_zh=f"核实{no}", owner_en=f"check {no}", live=draw(st.booleans()),
            )
        )  # fmt: skip
    return found


def rule(conditions: list[tuple[str, str, int]], *, score: int = 60, live: bool = True):
    return ActiveRule(
        id=UUID(int=9), code="theft.example", version=1, score=score, live=live,
        conditions=[Clause(any=[Comparison(feature=f, op=o, value=v)]) for f, o, v in conditions],
        owner_zh="核实", owner_en="check",
    )  # fmt: skip


def stored(**changes) -> Rule:
    new = Rule(
        id=UUID(int=1), code="theft.a", version=1, family="theft", conditions=[], score=60,
        staff_zh="a", staff_en="a", owner_zh="a", owner_en="a", state="shadow", made_by="staff:1",
        made_at=datetime(2025, 9, 1, tzinfo=UTC), proposed_by=None, approved_by=None,
        replay_id=None, live_at=None, ended_at=None, ended_because=None,
        retire_wanted_by=None, retire_wanted_because=None,
    )  # fmt: skip
    return replace(new, **changes)


def test_a_new_device_a_first_payee_and_much_money_is_held():
    new_device = rule([("device_age_hours", "lt", 24), ("paid_before", "eq", 0),
                       ("amount_fen", "ge", 5_000_000)])  # fmt: skip
    thief = replace(QUIET, device_age_hours=2, amount_fen=9_000_000)
    assert rules.decide(thief, [new_device], terms=TERMS).action == "hold"
    for known in ({"device_age_hours": 24}, {"paid_before": 1}, {"amount_fen": 4_999_999}):
        calm = rules.decide(replace(thief, **known), [new_device], terms=TERMS)
        assert (calm.action, calm.fired) == ("pass", [])


def test_the_owner_is_told_the_text_of_the_heaviest_live_rule_only():
    light = replace(rule([("goods", "eq", 0)], score=70), id=UUID(int=1), owner_zh="轻")
    heavy = replace(rule([("goods", "eq", 0)], score=90), id=UUID(int=2), owner_zh="重")
    hidden = replace(rule([("goods", "eq", 0)], score=999, live=False), owner_zh="影")
    verdict = rules.decide(QUIET, [light, hidden, heavy], terms=TERMS)
    assert (verdict.owner_zh, verdict.score, verdict.action) == ("重", 160, "hold")
    assert (verdict.shadow_score, verdict.shadow_action) == (1159, "refuse")


@pytest.mark.parametrize(("score", "action"), [(59, "pass"), (60, "hold"), (199, "hold"),
                                               (200, "refuse")])  # fmt: skip
def test_thresholds_are_included(score: int, action: str):
    assert rules.action(score, TERMS) == action


@pytest.mark.parametrize(("amount", "levels"), [(20_000_000, 1), (20_000_001, 2)])
def test_two_people_release_above_the_amount(amount: int, levels: int):
    assert rules.levels(amount, TERMS) == levels


@given(features, active())
def test_a_rule_in_shadow_never_changes_the_outcome(seen: Features, every: list[ActiveRule]):
    verdict = rules.decide(seen, every, terms=TERMS)
    alone = rules.decide(seen, [one for one in every if one.live], terms=TERMS)
    shown = ("action", "score", "reasons", "owner_zh", "owner_en")
    assert [getattr(verdict, f) for f in shown] == [getattr(alone, f) for f in shown]
    assert ORDER[verdict.shadow_action] >= ORDER[verdict.action]


@given(features, active(), st.integers(min_value=1, max_value=1000), st.data())
def test_a_higher_score_is_never_milder(seen, every, more, data):
    if not every:
        return
    at = data.draw(st.integers(min_value=0, max_value=len(every) - 1))
    raised = [replace(one, score=one.score + more) if no == at else one
              for no, one in enumerate(every)]  # fmt: skip
    before, after = (rules.decide(seen, some, terms=TERMS) for some in (every, raised))
    assert ORDER[after.action] >= ORDER[before.action]
    assert after.score >= before.score


@given(features, active(), clauses)
def test_one_more_rule_is_never_milder(seen, every, conditions):
    extra = replace(rule([]), conditions=conditions)
    before = rules.decide(seen, every, terms=TERMS)
    after = rules.decide(seen, [*every, extra], terms=TERMS)
    assert ORDER[after.action] >= ORDER[before.action]


@given(features, active())
def test_the_order_of_rules_does_not_matter(seen, every):
    there = rules.decide(seen, every, terms=TERMS)
    back = rules.decide(seen, every[::-1], terms=TERMS)
    assert (there.action, there.score, there.shadow_score) == (
        back.action, back.score, back.shadow_score,
    )  # fmt: skip


@given(st.lists(st.tuples(features, st.sampled_from(["good", "bad", None])), max_size=20),
       active(), clauses)  # fmt: skip
def test_a_replay_counts_every_payment_once_however_it_is_sliced(seen, every, conditions):
    past = [Past(business_id=UUID(int=1), payment_id=UUID(int=no + 1), label=label, features=one)
            for no, (one, label) in enumerate(seen)]  # fmt: skip
    candidate = replace(rule([]), conditions=conditions, live=False)
    whole = rules.tally(past, candidate, every, terms=TERMS)
    parts = [rules.tally(past[at:at + 7], candidate, every, terms=TERMS)
             for at in range(0, len(past), 7)]  # fmt: skip
    for name in whole.__struct_fields__[:-1]:
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
    assert whole.looked_at == len(past)
    assert whole.would_hold + whole.would_refuse <= whole.fired
    assert whole.bad_stopped + whole.bad_missed == sum(one.label == "bad" for one in past)
    assert whole.newly_stopped <= whole.would_hold + whole.would_refuse


def test_a_new_version_takes_the_place_of_the_live_one_in_a_replay():
    old = replace(rule([("goods", "eq", 0)]), id=UUID(int=1))
    new = replace(rule([("goods", "eq", 1)]), id=UUID(int=2), version=2, live=False)
    past = [Past(business_id=UUID(int=1), payment_id=UUID(int=1), label="good", features=QUIET)]
    found = rules.tally(past, new, [old], terms=TERMS)
    assert (found.fired, found.would_hold, found.good_stopped) == (0, 0, 0)


def test_a_rule_goes_live_by_a_replay_and_a_second_person():
    with pytest.raises(ReplayNeeded):
        rules.may_propose(stored(), replayed=False)
    rules.may_propose(stored(), replayed=True)
    with pytest.raises(RuleNotThere):
        rules.may_go_live(stored(), principal="staff:2")
    proposed = stored(proposed_by="staff:1")
    with pytest.raises(SecondPersonNeeded):
        rules.may_go_live(proposed, principal="staff:1")
    rules.may_go_live(proposed, principal="staff:2")
    for state in ("draft", "live", "retired"):
        with pytest.raises(RuleNotThere):
            rules.may_go_live(replace(proposed, state=state), principal="staff:2")


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": []},
        {"conditions": [{"any": []}]},
        {"conditions": [{"any": [{"feature": "__class__", "op": "eq", "value": 1}]}]},
        {"conditions": [{"any": [{"feature": "hour", "op": "exec", "value": 1}]}]},
        {"conditions": [{"any": [{"feature": "hour", "op": "lt", "value": 1.5}]}]},
        {"conditions": [{"any": [{"feature": "hour", "op": "lt", "value": -1}]}]},
        {"score": 0},
        {"code": "Theft.New Device"},
    ],
)
def test_what_is_no_rule_is_not_taken(change: dict):
    good = {
        "code": "theft.new_device", "family": "theft", "score": 60,
        "conditions": [{"any": [{"feature": "hour", "op": "lt", "value": 6}]}],
        "staff_zh": "a", "staff_en": "a", "owner_zh": "a", "owner_en": "a",
    }  # fmt: skip
    msgspec.convert(good, NewRule)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(good | change, NewRule)
