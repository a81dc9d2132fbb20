"""The nouns of call-backs: where a portal wants to be told, what it was told, each attempt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event

Kind = Literal[
    "application.submitted",
    "application.reviewing",
    "application.returned",
    "application.approved",
    "application.active",
    "application.refused",
    "application.referred",
    "application.cancelled",
    "batch.finished",
    "endpoint.test",
]
EndpointState = Literal["active", "disabled", "removed"]
CallbackState = Literal["waiting", "delivered", "dead"]
AskedBy = Literal["event", "portal", "desk"]
# What became of an attempt: taken (2xx), refused (any other status), or why no answer came.
Outcome = Literal[
    "taken", "refused", "timeout", "no_connection", "tls", "broken_answer", "unknown_name",
    "private_address", "https_only", "host_and_path_only", "port", "not_a_url", "disabled",
]  # fmt: skip

Url = Annotated[
    str,
    Meta(
        min_length=10,
        max_length=500,
        pattern=r"^https?://[!-~]+$",
        examples=["https://portal.example.gov.cn/xiaowei/call-backs"],
    ),
]
Kinds = Annotated[
    list[Kind], Meta(max_length=20, examples=[["application.active", "application.refused"]])
]


class NewEndpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a portal wants to be told, and of what; of everything when no kind is named."""

    url: Url
    kinds: Kinds = []


class EndpointChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the endpoint is told from now on; `disabled` rests, `removed` is gone for good."""

    state: Annotated[EndpointState, Meta(examples=["active"])]
    kinds: Kinds = []


class CallbackEndpoint(Struct, frozen=True, kw_only=True):
    """Where a portal is told. `quiet_until`: it has failed so often that we wait till then."""

    id: UUID
    url: str
    kinds: list[Kind]
    state: EndpointState
    failures: int
    quiet_until: datetime | None
    made_at: datetime


class EndpointWithSecret(Struct, frozen=True, kw_only=True):
    """An endpoint and its secret, which is shown this once (Standard Webhooks, `whsec_…`)."""

    endpoint: CallbackEndpoint
    secret: str
    old_secret_until: datetime | None


class EndpointRow(Struct, frozen=True, kw_only=True):
    """An endpoint as stored."""

    id: UUID
    url: str
    kinds: list[Kind]
    state: EndpointState
    secret_sealed: bytes
    old_secret_sealed: bytes | None
    old_until: datetime | None
    failures: int
    quiet_until: datetime | None
    made_at: datetime


class CallbackRow(Struct, frozen=True, kw_only=True):
    """A call-back in a list."""

    id: UUID
    endpoint_id: UUID
    kind: Kind
    application_id: UUID | None
    state: CallbackState
    attempts: int
    asked_by: AskedBy
    made_at: datetime
    next_at: datetime | None
    ended_at: datetime | None


class DeadRow(Struct, frozen=True, kw_only=True):
    """A call-back that was given up, as the desk sees it."""

    client_id: UUID
    id: UUID
    endpoint_id: UUID
    kind: Kind
    attempts: int
    made_at: datetime
    ended_at: datetime


class Waiting(Struct, frozen=True, kw_only=True):
    """A call-back as a job takes it in hand."""

    id: UUID
    endpoint_id: UUID
    state: CallbackState
    charge: int
    tries: int
    attempts: int
    asked_by: AskedBy
    body: str


class CallbackDelivery(Struct, frozen=True, kw_only=True):
    """One attempt; `answer` is the beginning of what the endpoint said."""

    no: int
    asked_by: AskedBy
    outcome: Outcome
    status: int | None
    ms: int | None
    answer: str | None
    at: datetime


class PortalCallback(Struct, frozen=True, kw_only=True):
    """A call-back with its body and every attempt."""

    callback: CallbackRow
    body: str
    deliveries: list[CallbackDelivery]


class Recovery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when on what was given up is to be sent again."""

    since: Annotated[datetime, Meta(tz=True, examples=["2025-09-01T00:00:00+08:00"])]


class Recovered(Struct, frozen=True, kw_only=True):
    """How many call-backs are sent again; ask once more while it is as many as one call takes."""

    count: int


class CallbackDue(Event, frozen=True, kw_only=True):
    """A call-back waits to be sent; `charge` counts how often somebody asked for it."""

    client_id: UUID
    callback_id: UUID
    charge: int


class EndpointNotFound(NotFound):
    """There is no such endpoint."""

    zh = "回调地址不存在"


class EndpointRefused(Refusal):
    """This address is not called: https at a public name or address, port 443 or 8443."""

    zh = "回调地址不被接受：须为公网 https 地址，端口 443 或 8443"


class TooManyEndpoints(Refusal):
    """A portal has at most five endpoints; remove one first."""

    zh = "回调地址最多五个，请先删除"


class CallbackNotFound(NotFound):
    """There is no such call-back, or it is older than we keep them."""

    zh = "回调记录不存在或已超过保存期限"


class CallbackStillWaiting(Conflict):
    """It has not been given up: the next attempt is on its way already."""

    zh = "该回调仍在自动重试中"


class EndpointNotActive(Conflict):
    """The endpoint is disabled or removed; activate it or register it again first."""

    zh = "回调地址已停用或删除，请先启用或重新登记"
