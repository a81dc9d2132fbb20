"""The nouns of sign-in: codes, sessions, tokens, and how a sign-in can fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import NotFound, NotSignedIn, TooMany
from app.events import Event
from app.names import Phone

# Whose door a token opens: owners' app, bank staff, partners' programs.
Door = Literal["person", "staff", "client"]

Device = Annotated[
    str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["小王的手机"])
]
Code = Annotated[str, Meta(pattern=r"^[0-9]{6}$", examples=["482913"])]
RefreshToken = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{91}$", examples=["AZrQx3mSf0yRKDp4" + "R" * 75])
]


class WantedCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for a sign-in code by text message."""

    phone: Phone


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign in with the code that was sent to the phone."""

    phone: Phone
    code: Code
    device: Device


class Renewal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exchange a refresh token for new tokens; it is used up by this."""

    refresh_token: RefreshToken


class Tokens(Struct, frozen=True, kw_only=True):
    """What a sign-in gives: `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Session(Struct, frozen=True, kw_only=True):
    """One sign-in on one device. `generation` counts the rotations of its refresh token."""

    id: UUID
    generation: int
    state: Literal["active", "ended"]
    salt: bytes
    rotated_at: datetime
    ends_at: datetime


class SignedInDevice(Struct, frozen=True, kw_only=True):
    """A device on which the person is signed in."""

    id: UUID
    device: str
    started_at: datetime
    last_used_at: datetime
    current: bool


class PhoneCode(Struct, frozen=True, kw_only=True):
    """The newest code of a phone, without the code."""

    id: UUID
    code_check: bytes


class SealedCode(Struct, frozen=True, kw_only=True):
    """What the text message needs, sealed; both are gone once it has been sent."""

    phone_sealed: bytes
    code_sealed: bytes
    expires_at: datetime


class Claims(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole content of an access token."""

    iss: str
    aud: Door
    sub: UUID
    sid: UUID
    jti: str
    iat: Annotated[int, Meta(ge=0, le=10**11)]
    exp: Annotated[int, Meta(ge=0, le=10**11)]
    scope: str = ""


class RefreshParts(Struct, frozen=True, kw_only=True):
    """What a refresh token says, before it is believed."""

    holder_id: UUID
    session_id: UUID
    generation: int
    proof: bytes


class Window(Struct, frozen=True, kw_only=True):
    """At most `limit` attempts of a kind within `seconds`."""

    kind: str
    limit: int
    seconds: int


class CodeRequested(Event, frozen=True, kw_only=True):
    """A sign-in code waits, sealed, for its text message."""

    code_id: UUID


class BadToken(NotSignedIn):
    """The sign-in is not valid or not valid any more."""

    zh = "未登录或登录已失效"


class WrongCode(NotSignedIn):
    """The code is wrong, used or expired."""

    zh = "验证码错误、已使用或已过期"


class RefreshRefused(NotSignedIn):
    """The refresh token is not valid; sign in again."""

    zh = "刷新令牌无效，请重新登录"


class TooManyTries(TooMany):
    """Too many wrong tries; wait before the next one."""

    zh = "尝试次数过多，请稍后再试"


class TooManyCodes(TooMany):
    """Too many codes have been asked for; wait."""

    zh = "获取验证码过于频繁，请稍后再试"


class SessionNotFound(NotFound):
    """There is no such signed-in device."""

    zh = "登录设备不存在"
