"""The nouns of mandates: a firm's rules on who must agree to a payment, and what goes wrong."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.approvals.model import Places
from app.errors import Conflict, NotFound, Refusal
from app.money import MAX_FEN

Purpose = Literal[
    "goods", "services", "rent", "wages", "tax", "refund", "loan", "own_account", "other"
]
# How well the firm knows a payee: not in the book or still cooling, in the book, trusted.
Standing = Literal["new", "known", "trusted"]
MakerRole = Literal["owner", "finance", "maker"]
CheckerRole = Literal["owner", "finance", "checker"]
MandateState = Literal["proposed", "in_force", "replaced", "rejected"]
AboveFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[5_000_000])]
AboveCount = Annotated[int, Meta(ge=0, le=100_000, examples=[20])]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
SeenVersion = Annotated[int, Meta(ge=0, le=1_000_000, examples=[0])]
Place = Annotated[list[CheckerRole], Meta(min_length=1, max_length=3, examples=[["finance"]])]


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a mandate: a payment that fits everything said here needs `agree`, one person
    for each place, in the order of the places or in any; whoever releases it confirms by a
    step-up where that is said. What is left out fits every payment."""

    above_fen: AboveFen | None = None
    day_sum_above_fen: AboveFen | None = None
    day_count_above: AboveCount | None = None
    in_bank: bool | None = None
    makers: Annotated[list[MakerRole], Meta(max_length=3, examples=[["maker"]])] = []
    payees: Annotated[list[Standing], Meta(max_length=3, examples=[["new"]])] = []
    party_ids: Annotated[list[UUID], Meta(max_length=50, examples=[[]])] = []
    purposes: Annotated[list[Purpose], Meta(max_length=9, examples=[["rent"]])] = []
    agree: Annotated[list[Place], Meta(max_length=5, examples=[[["finance"], ["owner"]]])] = []
    in_order: bool = False
    step_up: bool = False


Lines = Annotated[
    list[Line], Meta(max_length=50, examples=[[{"above_fen": 5_000_000, "agree": [["owner"]]}]])
]


class NewMandate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replace the firm's mandate; `version` is the one in force that was seen, 0 for none. The
    first line that fits a payment decides; no line = the second-person rule decides alone."""

    lines: Lines
    version: SeenVersion
    step_up_id: UUID | None = None


class Mandate(Struct, frozen=True, kw_only=True):
    """One version of the firm's mandate."""

    id: UUID
    version: int
    lines: list[Line]
    state: MandateState
    made_by: UUID
    made_at: datetime
    in_force_at: datetime | None


class Verdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree to a proposed mandate, or refuse it, in the version seen."""

    version: Version
    approve: bool
    reason: Annotated[str, Meta(max_length=200, examples=["同意"])] = ""


class Paying(Struct, frozen=True, kw_only=True):
    """A payment as a mandate looks at it; the day's figures are the maker's and include it."""

    amount_fen: int
    in_bank: bool
    maker: str
    payee: Standing
    party_id: UUID | None
    purpose: Purpose
    day_sum_fen: int
    day_count: int


class Together(Struct, frozen=True, kw_only=True):
    """Payments of one kind within a batch, by their largest and their sum."""

    in_bank: bool
    payee: Standing
    party_id: UUID | None
    purpose: Purpose
    largest_fen: int
    sum_fen: int
    count: int


class Need(Struct, frozen=True, kw_only=True):
    """What a payment needs; `line` counts from 1 in the mandate of that version, 0 = the
    second-person rule has decided. Monitors look at payments from `examined_from_fen` on."""

    places: Places
    line: int
    mandate_version: int
    examined_from_fen: int


class Day(Struct, frozen=True, kw_only=True):
    """What a maker has ordered on a business date so far."""

    sum_fen: int
    count: int


class SecondPersonRule(Struct, frozen=True, kw_only=True):
    """Above which amounts a firm's payments need another person; null = never."""

    outside_above_fen: AboveFen | None
    in_bank_above_fen: AboveFen | None
    version: int


class Look(Struct, frozen=True, kw_only=True):
    """All that decides who must agree, as it stands in the tables."""

    own: SecondPersonRule | None
    usual: SecondPersonRule
    mandate_version: int
    lines: list[Line]
    role: str | None
    day: Day | None
    examined_from_fen: int


class Waiting(Struct, frozen=True, kw_only=True):
    """The bank's policy: after how many hours a question is rung for, and when it ends."""

    remind_hours: int
    expire_hours: int


class NewSecondPersonRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set the amounts above which payments need another person; `version` is the one seen. To
    loosen the rule takes a step-up."""

    outside_above_fen: AboveFen | None
    in_bank_above_fen: AboveFen | None
    version: SeenVersion
    step_up_id: UUID | None = None


class RuleChanged(Conflict):
    """The rule was changed since it was read; read it again."""

    zh = "审批规则已被修改，请刷新后重试"


class MandateNotFound(NotFound):
    """There is no such mandate."""

    zh = "付款授权规则不存在"


class MandateNotOpen(Conflict):
    """This mandate does not wait for an answer."""

    zh = "该付款授权规则不在待审批状态"


class MandateCannotBeMet(Refusal):
    """A line asks for more people than the firm has in those roles."""

    zh = "规则要求的审批人多于企业现有的相应人员"


class MandateNamesNoParty(Refusal):
    """A line names a counterparty that is not in the book."""

    zh = "规则中的往来单位不存在"
