"""What all outside systems have in common: outcomes, call-backs and the ways a call can fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from app.errors import Forbidden, NotFound, Overloaded, Refusal
from app.events import Event

T = TypeVar("T")

SystemName = Literal["registry", "account_filing", "tax", "clearing_house", "bureau", "face", "sms"]
# Our own id of the request: the idempotent reference of everything that is asked outside.
Reference = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9._:-]{8,80}$", examples=["01990f3c-6a00-7c3e-8d11-5b1f0c2a9e77"]),
]
# accepted: taken, the outcome comes later; done, refused: final; returned: done, then undone;
# unknown: the other side cannot say now, ask again (never send again under another reference).
State = Literal["accepted", "done", "refused", "returned", "unknown"]


class Outcome(Struct, Generic[T], frozen=True, kw_only=True):
    """What became of one request: `result` when done, `code` and `reason` when refused."""

    reference: str
    state: State
    result: T | None = None
    code: str = ""
    reason: str = ""

    @property
    def is_final(self) -> bool:
        """Whether waiting longer cannot change it (a done credit may still be returned)."""
        return self.state in ("done", "refused", "returned")


class Callback(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A knock at our door: something happened to `reference`; the truth is asked for by us."""

    callback_id: Annotated[
        str, Meta(pattern=r"^[!-~]{8,80}$", examples=["0d70d26e7107443e86fcb5867ce0fdc0"])
    ]
    system: SystemName
    reference: Reference
    event: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$", examples=["done"])]
    at: Annotated[datetime, Meta(tz=True, examples=["2025-09-01T09:30:00+08:00"])]


class Received(Struct, frozen=True, kw_only=True):
    """Our answer to a call-back: whether it was the first of its id."""

    callback_id: str
    first: bool


class Answered(Event, frozen=True, kw_only=True):
    """An outside system says that it knows more about our reference."""

    system: SystemName
    reference: str


class OutsideDown(Overloaded):
    """The outside system cannot be reached; nothing has been sent."""

    zh = "外部系统暂时无法连接，尚未发送任何请求"


class OutcomeUnknown(Overloaded):
    """The request was sent but its outcome is not known; it must be asked by its reference."""

    zh = "请求已发送但结果未知，须按原参考号查询"


class OutsideRefused(Refusal):
    """The outside system does not take the request."""

    zh = "外部系统拒绝受理"

    @property
    def reason(self) -> str:
        """The other side's words."""
        return str(self.facts.get("reason", ""))


class UnknownSystem(NotFound):
    """There is no such outside system."""

    zh = "外部系统不存在"


class CallbackNotTrusted(Forbidden):
    """The call-back's signature is missing, wrong or too old."""

    zh = "回调签名缺失、有误或已过期"
