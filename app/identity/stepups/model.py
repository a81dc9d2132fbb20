"""The nouns of confirmations: what is confirmed, by which factor, and how it can fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound, Refusal
from app.events import Event
from app.identity.sessions.model import Code, Device

Algorithm = Literal["p256", "ed25519"]
# Facts that a confirmation binds: plain values, so that their bytes are always the same.
Facts = dict[str, str | int | None]
PublicKey = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{58,124}$",
        examples=["MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"],
        description="SubjectPublicKeyInfo in DER, base64url without padding; P-256 or Ed25519",
    ),
]
Signature = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{86}$",
        examples=["A" * 86],
        description="64 bytes, base64url without padding; for P-256 r and s side by side",
    ),
]


class Confirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Confirm by the code of the text message, or by a registered device's signature."""

    code: Code | None = None
    key_id: UUID | None = None
    signature: Signature | None = None


class NewDeviceKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Register the public key of this device, confirmed by a step-up for the very same key."""

    name: Device
    public_key: PublicKey
    step_up_id: UUID | None = None


class DeviceKey(Struct, frozen=True, kw_only=True):
    """A key that confirms in its person's stead of a text message."""

    id: UUID
    name: str
    algorithm: Algorithm
    state: Literal["active", "revoked"]
    made_at: datetime


class StoredKey(Struct, frozen=True, kw_only=True):
    """A key as a signature is checked against it."""

    id: UUID
    algorithm: Algorithm
    public_key: bytes


class StepUpRow(Struct, frozen=True, kw_only=True):
    """A confirmation as stored."""

    id: UUID
    action: str
    bound: bytes
    nonce: bytes
    text_sealed: bytes
    code_check: bytes
    expires_at: datetime
    confirmed_at: datetime | None
    used_at: datetime | None


class SealedMessage(Struct, frozen=True, kw_only=True):
    """What the text message of a confirmation needs, still sealed."""

    text_sealed: bytes
    code_sealed: bytes
    phone_sealed: bytes
    expires_at: datetime


class StepUp(Struct, frozen=True, kw_only=True):
    """What is to be confirmed. A device signs `to_sign` (bytes in base64url) after it has shown
    `text`; the text message says the same."""

    id: UUID
    action: str
    text: str
    to_sign: str
    state: Literal["asked", "confirmed", "used", "expired"]
    expires_at: datetime


class StepUpAsked(Event, frozen=True, kw_only=True):
    """A confirmation waits for its text message."""

    step_up_id: UUID
    person_id: UUID


class StepUpNotFound(NotFound):
    """There is no such confirmation of yours."""

    zh = "验证请求不存在"


class StepUpNeeded(Forbidden):
    """This must be confirmed by a second factor for exactly these details; ask for it first."""

    zh = "该操作须先完成二次验证，且验证内容须与提交内容一致"


class StepUpRefused(Forbidden):
    """The code or signature is wrong, or the confirmation is over."""

    zh = "验证码或设备签名有误，或验证已失效"


class KeyUnreadable(Refusal):
    """This is no public key of a kind that is taken (P-256, Ed25519)."""

    zh = "设备公钥格式有误"


class KeyKnown(Conflict):
    """This key is registered already."""

    zh = "该设备公钥已登记"


class KeyNotFound(NotFound):
    """There is no such device key."""

    zh = "设备密钥不存在"
