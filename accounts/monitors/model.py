"""The nouns of monitors: a rule and its versions, what it reads, verdicts, replays, and errors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound, Refusal
from app.events import Event
from app.names import Text

Family = Literal["theft", "fake_trade", "blacklist"]
RuleState = Literal["draft", "shadow", "live", "retired"]
Action = Literal["pass", "hold", "refuse"]
Op = Literal["lt", "le", "eq", "ne", "ge", "gt"]
Label = Literal["good", "bad"]
# What a rule may read of a payment; accounts.payment_features counts them, all whole numbers.
Feature = Literal[
    "amount_fen",
    "hour",
    "paid_before",
    "payees_last_hour",
    "payments_last_hour",
    "payments_90d",
    "night_payments_90d",
    "amount_pct_of_max",
    "device_age_hours",
    "phone_age_hours",
    "back_pct",
    "in_24h_fen",
    "out_pct_of_in",
    "left_pct_of_in",
    "goods",
    "invoice_named",
    "payee_listed",
]
RuleCode = Annotated[
    str, Meta(pattern=r"^[a-z]+\.[a-z_]+$", max_length=60, examples=["theft.new_device"])
]
Value = Annotated[int, Meta(ge=0, le=10**15, examples=[24])]
Score = Annotated[int, Meta(ge=1, le=1000, examples=[60])]
Days = Annotated[int, Meta(ge=1, le=400, examples=[90])]


class Features(Struct, frozen=True, kw_only=True):
    """What is known of one payment at the moment it is made."""

    amount_fen: int
    hour: int
    paid_before: int
    payees_last_hour: int
    payments_last_hour: int
    payments_90d: int
    night_payments_90d: int
    amount_pct_of_max: int
    device_age_hours: int
    phone_age_hours: int
    back_pct: int
    in_24h_fen: int
    out_pct_of_in: int
    left_pct_of_in: int
    goods: int
    invoice_named: int
    payee_listed: int


class Comparison(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One comparison: feature, operator, number."""

    feature: Feature
    op: Op
    value: Value


class Clause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds where any of its tests does; a rule fires where all of its clauses hold."""

    any: Annotated[
        list[Comparison],
        Meta(
            min_length=1,
            max_length=10,
            examples=[[{"feature": "paid_before", "op": "eq", "value": 0}]],
        ),
    ]


class NewRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new version of a rule. `staff_*` is what the desk reads, `owner_*` what the firm is told:
    plain, and of no help to a thief."""

    code: RuleCode
    family: Family
    conditions: Annotated[list[Clause], Meta(min_length=1, max_length=10)]
    score: Score
    staff_zh: Text
    staff_en: Text
    owner_zh: Text
    owner_en: Text


class Rule(Struct, frozen=True, kw_only=True):
    """One version of a rule as it stands."""

    id: UUID
    code: str
    version: int
    family: Family
    conditions: list[Clause]
    score: int
    staff_zh: str
    staff_en: str
    owner_zh: str
    owner_en: str
    state: RuleState
    made_by: str
    made_at: datetime
    proposed_by: str | None
    approved_by: str | None
    replay_id: UUID | None
    live_at: datetime | None
    ended_at: datetime | None
    ended_because: str | None
    # who wants a live version out, and why, until another person agrees
    retire_wanted_by: str | None
    retire_wanted_because: str | None


class ActiveRule(Struct, frozen=True, kw_only=True):
    """What the payment path needs of a rule that is live or in shadow."""

    id: UUID
    code: str
    version: int
    conditions: list[Clause]
    score: int
    owner_zh: str
    owner_en: str
    live: bool


class Terms(Struct, frozen=True, kw_only=True):
    """The bank's policy: which payments are examined, what a score leads to, who decides."""

    examined_from_fen: int
    hold_at: int
    refuse_at: int
    four_eyes_above_fen: int
    review_minutes: int


class Fired(Struct, frozen=True, kw_only=True):
    """A rule that fired."""

    rule_id: UUID
    code: str
    version: int
    score: int
    live: bool


class Verdict(Struct, frozen=True, kw_only=True):
    """What the monitors say. `action` follows the live rules alone; `shadow_action` is what it
    would be with those in shadow, too."""

    action: Action
    score: int
    reasons: list[Fired]
    shadow_action: Action
    shadow_score: int
    fired: list[Fired]
    owner_zh: str
    owner_en: str


class Looked(Struct, frozen=True, kw_only=True):
    """One trip's worth: what is known of the payment, the rules in force, the bank's terms."""

    features: Features
    terms: Terms
    rules: list[ActiveRule]


class Figures(Struct, frozen=True, kw_only=True):
    """What a version of a rule did in ninety days: how often it fired, and of the payments it
    stopped how many turned out good (false alarms) or bad."""

    fired: int
    held: int
    refused: int
    good: int
    bad: int


class RuleCard(Struct, frozen=True, kw_only=True):
    """A rule with its figures and its newest replay."""

    rule: Rule
    figures: Figures
    replay: Replay | None


class NewReplay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Run this version over the payments of the last days."""

    days: Days


class Example(Struct, frozen=True, kw_only=True):
    """A payment that the rule would have stopped."""

    business_id: UUID
    payment_id: UUID
    action: Action
    label: Label | None


class Replay(Struct, frozen=True, kw_only=True):
    """A version of a rule over past payments, together with the live rules: how many it would have
    held and refused, how many of those nothing stopped before, and which known good and bad ones.
    `looked_at` of `payments` is its progress."""

    id: UUID
    rule_id: UUID
    from_at: datetime
    until_at: datetime
    asked_at: datetime
    state: Literal["running", "done"]
    payments: int
    looked_at: int
    fired: int
    would_hold: int
    would_refuse: int
    newly_stopped: int
    good_stopped: int
    bad_stopped: int
    bad_missed: int
    examples: list[Example]
    finished_at: datetime | None


class Past(Struct, frozen=True, kw_only=True):
    """A past payment with what was known of it, and what it turned out to be, if anybody said."""

    business_id: UUID
    payment_id: UUID
    label: Label | None
    features: Features


class Slice(Struct, frozen=True, kw_only=True):
    """Where a replay stands, and for whom it runs."""

    id: UUID
    rule_id: UUID
    from_at: datetime
    until_at: datetime
    state: Literal["running", "done"]
    after_business: UUID
    after_payment: UUID
    examples: list[Example]


class Tally(Struct, frozen=True, kw_only=True):
    """What one slice of past payments adds to a replay."""

    looked_at: int = 0
    fired: int = 0
    would_hold: int = 0
    would_refuse: int = 0
    newly_stopped: int = 0
    good_stopped: int = 0
    bad_stopped: int = 0
    bad_missed: int = 0
    examples: list[Example] = []


class Retirement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a rule out, and say why."""

    reason: Text


class PaymentHeld(Event, frozen=True, kw_only=True):
    """A payment is being checked; its owner is asked whether it is theirs."""

    payment_id: UUID
    amount_fen: int


class ReplayAsked(Event, frozen=True, kw_only=True):
    """A version of a rule is to be run over past payments."""

    replay_id: UUID


class StoppedByMonitor(Refusal):
    """The bank cannot carry out this payment; please ask your branch."""

    zh = "银行暂不能办理该笔付款，请联系开户网点"


class RuleNotFound(NotFound):
    """There is no such rule."""

    zh = "监测规则不存在"


class ReplayNotFound(NotFound):
    """This version has not been run over past payments yet."""

    zh = "该规则版本尚未回放"


class RuleNotThere(Conflict):
    """The rule is not in a state that allows this."""

    zh = "规则当前状态不允许该操作"


class ReplayNeeded(Refusal):
    """A version goes live only after it has been run over past payments."""

    zh = "规则版本须先完成历史交易回放方可上线"


class SecondPersonNeeded(Forbidden):
    """Whoever proposed that the rule go live, or out, may not agree to it; another person must."""

    zh = "提议人不得批准规则上线或下线，须由他人批准"


class ReplayRuns(Conflict):
    """A replay of this version is under way."""

    zh = "该规则版本正在回放"
