"""The nouns of mandates: when others must agree to a payment, and what goes wrong."""

from typing import Annotated

from msgspec import Meta, Struct

from app.errors import Conflict
from app.money import MAX_FEN

AboveFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[5_000_000])]


class SecondPersonRule(Struct, frozen=True, kw_only=True):
    """Above which amounts a firm's payments need another person; null = never."""

    outside_above_fen: AboveFen | None
    in_bank_above_fen: AboveFen | None
    version: int


class NewSecondPersonRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set the amounts above which payments need another person; `version` is the one seen."""

    outside_above_fen: AboveFen | None
    in_bank_above_fen: AboveFen | None
    version: Annotated[int, Meta(ge=0, le=1_000_000, examples=[0])]


class RuleChanged(Conflict):
    """The rule was changed since it was read; read it again."""

    zh = "审批规则已被修改，请刷新后重试"
