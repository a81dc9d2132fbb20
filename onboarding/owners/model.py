"""The nouns of ownership: who holds how much of whom, and a natural person behind the firm."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

HolderId = Annotated[str, Meta(min_length=2, max_length=40, examples=["11010519491231002X"])]
HolderName = Annotated[str, Meta(min_length=2, max_length=100, examples=["李小微"])]
Relation = Literal["equity", "revenue", "voting", "control", "in_charge"]
ControlKind = Literal["revenue", "voting", "control"]


class Holding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`holder` owns `ppm` of the firm `held`, upwards of our firm's own shareholders."""

    held: HolderId
    holder: HolderId
    holder_name: HolderName
    person: Annotated[bool, Meta(examples=[True])]
    ppm: Annotated[int, Meta(gt=0, le=1_000_000, examples=[600000])]


class Control(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A natural person with a share of revenue or votes apart from equity, or who decides in fact
    (受益所有人信息管理办法 Art. 6); `ppm` is left out where somebody decides in fact."""

    holder: HolderId
    holder_name: HolderName
    kind: Annotated[ControlKind, Meta(examples=["voting"])]
    ppm: Annotated[int, Meta(ge=0, le=1_000_000, examples=[510000])] = 0
    basis: Annotated[str, Meta(min_length=2, max_length=200, examples=["一致行动协议"])]


class Edge(Struct, frozen=True, kw_only=True):
    """`holder` owns `part` of the `whole` of `held`: subscribed fen, or parts per million."""

    held: str
    holder: str
    person: bool
    part: int
    whole: int


class Path(Struct, frozen=True, kw_only=True):
    """One way from a person down to the firm: ids from the person to the firm, the exact share of
    each step and of the whole way, and the latter in millionths, rounded down."""

    ids: list[str]
    steps: list[str]
    share: str
    share_ppm: int


class BeneficialOwner(Struct, frozen=True, kw_only=True):
    """A natural person behind the firm: by equity, by revenue, votes or in fact, or in charge when
    there is nobody else. The shares of all paths and of the rings they meet add up to `share`."""

    holder: str
    relation: Relation
    share: str
    share_ppm: int
    paths: list[Path] = []
    # What flows through rings and through ways not listed, beyond the paths above.
    rest_ppm: int = 0
    basis: str = ""


class OwnerPath(Struct, frozen=True, kw_only=True):
    """One way from a person down to the firm, in names."""

    names: list[str]
    steps: list[str]
    share: str
    share_ppm: int


class NamedOwner(Struct, frozen=True, kw_only=True):
    """A beneficial owner as shown: the name, the number masked, the exact share and in millionths
    rounded down, and the paths that explain it."""

    name: str
    id_number: str
    relation: Relation
    share: str
    share_ppm: int
    paths: list[OwnerPath]
    rest_ppm: int
    basis: str


class Kept(Struct, frozen=True, kw_only=True):
    """What lies sealed of a kept owner."""

    name: str
    id_number: str
    owner: BeneficialOwner
    names: dict[str, str]


class KeptRow(Struct, frozen=True, kw_only=True):
    """A kept owner as stored."""

    id: UUID
    private: bytes
