"""The nouns of signing: who is asked, what they are shown, what they prove, how it can fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Malformed, NotFound, Refusal
from app.events import Event
from app.identity.sessions.model import Code

SignatureState = Literal["asked", "proving", "signed", "refused", "void"]
# In which capacity somebody signs.
Capacity = Literal[
    "legal_representative",
    "operator",
    "investor",
    "shareholder",
    "partner",
    "member",
    "director",
    "manager",
    "supervisor",
]
Link = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        examples=["q3Jk0Wm8vYb1s5dR7uXe2ZtHn4LcPa6GfTiOyQwErTy"],
    ),
]
# Base64 of a picture of up to 180 kB, small enough for the body of a request.
Picture = Annotated[
    bytes,
    Meta(
        min_length=16,
        max_length=180_000,
        examples=[
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQ=="
        ],
    ),
]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", examples=["5f" * 32])]


class Signatory(Struct, frozen=True, kw_only=True):
    """Who is asked: a natural person, and in which capacities they sign."""

    name: str
    id_number: str
    phone: str
    capacities: list[Capacity]


class Offered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign: the digest of the text that was read, the code sent to the phone, and a picture of the
    face, which is compared and then forgotten."""

    sha256: Digest
    agreed: Annotated[bool, Meta(examples=[True])]
    code: Code
    picture: Picture


class SignatureRow(Struct, frozen=True, kw_only=True):
    """A signature as stored, without its secrets."""

    id: UUID
    subject_id: UUID
    version: int
    no: int
    capacities: list[Capacity]
    private: bytes
    state: SignatureState
    link_no: int
    expires_at: datetime
    code_no: int
    code_check: bytes | None
    code_expires_at: datetime | None
    tries: int
    last_code: str | None
    sha256: bytes
    signed_at: datetime | None


class TextRow(Struct, frozen=True, kw_only=True):
    """A text as stored."""

    title: str
    firm: str
    body: bytes
    sha256: bytes


class LinkRow(Struct, frozen=True, kw_only=True):
    """Whose signature a link is for."""

    business_id: UUID
    signature_id: UUID
    link_no: int


class Signature(Struct, frozen=True, kw_only=True):
    """A signature as the firm follows it: the name masked, since when it waits or is made."""

    id: UUID
    version: int
    name: str
    phone: str
    capacities: list[Capacity]
    state: SignatureState
    expires_at: datetime
    signed_at: datetime | None
    last_code: str | None


class SigningPage(Struct, frozen=True, kw_only=True):
    """What whoever holds a link is shown: the text word for word and the digest that is signed."""

    title: str
    version: int
    firm: str
    signer: str
    phone: str
    capacities: list[Capacity]
    text: str
    sha256: str
    state: SignatureState
    expires_at: datetime
    signed_at: datetime | None
    last_code: str | None


class CodeComing(Struct, frozen=True, kw_only=True):
    """The code comes by text message; it is valid for so many seconds."""

    valid_seconds: int


class SigningForm(Struct, frozen=True, kw_only=True):
    """What the page of a link sends: a wish for the code, or a signature with its picture."""

    do: Literal["code", "sign"]
    sha256: Digest | None = None
    code: Annotated[str, Meta(max_length=20)] = ""
    agreed: bool = False
    picture: bytes = b""


class SignatureAsked(Event, frozen=True, kw_only=True):
    """Somebody is asked to sign; the link is to be sent."""

    signature_id: UUID
    link_no: int


class SigningCodeAsked(Event, frozen=True, kw_only=True):
    """Whoever holds the link wants the code that proves the phone."""

    signature_id: UUID
    code_no: int


class SignatureOffered(Event, frozen=True, kw_only=True):
    """Code and digest are right; the face is to be compared."""

    signature_id: UUID


class TextSigned(Event, frozen=True, kw_only=True):
    """Everyone asked has signed this version."""

    subject_id: UUID
    version: int


class SigningFormUnreadable(Malformed):
    """The page was not sent as a whole; open the link again."""

    zh = "页面提交不完整，请重新打开短信中的链接"


class SigningLinkUnknown(NotFound):
    """This link is unknown, used up or replaced; ask the firm for a new one."""

    zh = "签署链接不存在、已失效或已更换，请联系邀请您的企业重新发送"


class SigningLinkOver(Conflict):
    """This link has expired; ask the firm for a new one."""

    zh = "签署链接已过期，请联系邀请您的企业重新发送"


class SigningOver(Conflict):
    """There is nothing to sign here any more."""

    zh = "该文件已签署、已作废或正在核验"


class TextChanged(Conflict):
    """The text is another one than you have read; read it again before you sign."""

    zh = "文件内容与您阅读的版本不一致，请重新阅读后签署"


class NotAgreed(Refusal):
    """Only who agrees signs."""

    zh = "请确认已阅读并同意后再签署"


class SigningCodeWrong(Refusal):
    """The code is wrong, used or expired; ask for a new one."""

    zh = "验证码错误、已使用或已过期，请重新获取"


class SignatureNotFound(NotFound):
    """There is no such signature."""

    zh = "签署记录不存在"


CAPACITIES: dict[str, str] = {
    "legal_representative": "法定代表人", "operator": "经营者", "investor": "投资人",
    "shareholder": "股东", "partner": "合伙人", "member": "成员", "director": "董事",
    "manager": "经理", "supervisor": "监事",
}  # fmt: skip
# Why a face was not taken, and what to do about it.
FACE_WORDS: dict[str, str] = {
    "face": "照片与证件照片不一致。请正对镜头、摘下口罩和帽子，在光线充足处重拍",
    "picture": "照片中没有看清人脸。请正对镜头，在光线充足处重拍",
    "name": "姓名与证件号码不一致。请联系发起企业核对您的姓名和证件号码",
    "id_number": "证件号码有误。请联系发起企业更正",
}
FACE_UNKNOWN = "身份核验未能完成，请稍后再试"
