"""Signing by link, without an account here: for programs, and as a page on a phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect

from app import problems as problem
from app.clock import SHANGHAI
from app.errors import TooLarge, TooMany, XiaoweiError
from app.files import papers, uploads
from app.files.model import (
    LARGEST,
    BadForm,
    FileEmpty,
    FileKindRefused,
    FileTooLarge,
    FileUnreadable,
    FormNeeded,
)
from app.http import begin, problems
from app.identity import cookies
from app.identity.sessions.model import TooManyCodes, TooManyTries
from app.web import workplace
from app.work import Work
from onboarding.signatures import model as words
from onboarding.signatures import operations
from onboarding.signatures.model import (
    CodeComing,
    Link,
    NotAgreed,
    Offered,
    SigningCodeWrong,
    SigningForm,
    SigningFormUnreadable,
    SigningLinkOver,
    SigningLinkUnknown,
    SigningOver,
    SigningPage,
    TextChanged,
)

Http = Request[Any, Any, Any]
PAGES = "onboarding/signatures/pages/"
FORM_PARTS = 5
# Whoever sends a picture that is far too large is told so; more than this is not even thrown away.
MOST_READ = 3 * LARGEST
# Links have 256 bits; the limit keeps guessing from costing us anything.
LOOKS = RateLimitConfig(rate_limit=("minute", 120))
SENT = "验证码已发送，请查看手机短信，5 分钟内有效"
# What the page says where the API's title would not help a person with a phone.
SAYS: dict[type[XiaoweiError], str] = {
    FileEmpty: "请先拍摄一张本人照片",
    FileUnreadable: "照片无法读取，请重新拍摄一张",
    FileKindRefused: "照片格式不支持，请直接用手机相机拍摄，或选择 JPG、PNG 格式的照片",
    TooLarge: "照片太大（最多 20 MB），请用手机自带相机重新拍摄，或降低分辨率",
    words.SigningCodeWrong: "验证码错误或已过期，请核对最新一条短信，或重新获取验证码",
    TooManyCodes: "获取验证码太频繁，请约 {minutes} 分钟后再试",
    TooManyTries: "尝试次数过多，为了安全已暂停，请约 {minutes} 分钟后再试",
    TooMany: "操作太频繁，请约 {minutes} 分钟后再试",
}


def dated(moment: datetime) -> str:
    """A moment as the page writes it."""
    return moment.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M")


def said(error: XiaoweiError) -> str:
    """An error in the words of the page."""
    text = next((text for kind, text in SAYS.items() if isinstance(error, kind)), error.zh)
    seconds = int(str(error.facts.get("retry_after") or 60))
    return text.format(minutes=max(1, -(-seconds // 60)))


def wants_page(request: Http) -> bool:
    """Whether a browser asks; programs ask for JSON, or for nothing in particular."""
    accept = request.headers.get("accept", "")
    if request.headers.get("hx-request") == "true":
        return True
    return "text/html" in accept and "application/json" not in accept


def _html(template: str, *, status: int, **data: object) -> Response[str]:
    return workplace.page(PAGES + template, data, status=status, headers={"Vary": "Accept"})


def trouble(request: Http, error: Exception) -> Response[Any]:
    """A link that leads nowhere, or what else keeps the page from being shown, and what to do."""
    ours = problem.as_ours(error)
    if ours is None or not (wants_page(request) or request.method == "POST"):
        return problem.answer(request, error)
    status, link = problem.status_of(type(ours)), request.scope["path"]
    if status in (400, 404) and request.method == "GET":
        ours = SigningLinkUnknown()
    if isinstance(ours, SigningLinkUnknown):
        return _html(
            "trouble.html", status=404, title="签署链接不存在、已更换或已作废", link="",
            next="请打开最新一条短信中的链接，并确认链接完整。若文件内容有修改，发起企业会重新"
            "邀请您签署；没有收到新短信，请联系发起企业重新发送。",
        )  # fmt: skip
    return _html(
        "trouble.html", status=status, title=said(ours), link=link, next="请重新打开本页。"
    )


async def _page(
    request: Http, link: str, *, told: str = "", good: bool = False, status: int = 200
) -> Response[str]:
    """The page as it stands now, with what came of the last press."""
    async with begin(request) as work:
        page, stage, faces = await operations.shown(work, link=link)
    if stage == "open" and page.last_code and not told:
        told = words.FACE_WORDS.get(page.last_code, words.FACE_UNKNOWN)
        told = f"上次核验未通过：{told}。请重新获取验证码并拍照"
    return _html(
        "signing.html", status=status, page=page, stage=stage, told=told, good=good, w=words,
        dated=dated, link=f"/signing/{link}", faces=faces,
    )  # fmt: skip


async def shown(request: Http) -> Response[str] | None:
    """A browser is shown the page; a program goes on to its answer."""
    if not wants_page(request):
        return None
    sent = request.query_params.get("sent") == "1"
    told = SENT if sent else ""
    return await _page(request, request.path_params["link"], told=told, good=sent)


@get(
    "/{link:str}",
    opt={"public": True},
    middleware=[LOOKS.middleware],
    before_request=shown,
    exception_handlers={Exception: trouble},
    responses=problems(SigningLinkUnknown, TooMany),
)
async def read_signing(work: NamedDependency[Work], link: FromPath[Link]) -> SigningPage:
    """What is to be signed, word for word, and how far this signature is.

    A browser, which asks for text/html, is shown the page for whoever signs."""
    return await operations.read(work, link=link)


@post(
    "/{link:str}/codes",
    status_code=202,
    opt={"public": True},
    responses=problems(SigningLinkUnknown, SigningLinkOver, SigningOver, TooManyCodes),
)
async def ask_signing_code(work: NamedDependency[Work], link: FromPath[Link]) -> CodeComing:
    """Have the code sent to the phone of whoever is asked to sign."""
    return await operations.send_code(work, link=link)


@post(
    "/{link:str}/sign",
    status_code=202,
    opt={"public": True},
    responses=problems(
        SigningLinkUnknown,
        SigningLinkOver,
        SigningOver,
        SigningCodeWrong,
        TextChanged,
        NotAgreed,
        TooManyTries,
    ),
)
async def sign(
    request: Request[Any, Any, Any], data: JSONBody[Offered], link: FromPath[Link]
) -> SigningPage:
    """Sign by digest, code and face; the face is compared at once, the page says what came of it.

    The link is its own key: it signs once, a repeat is told that it has."""
    async with begin(request) as work:
        await operations.take_try(work, link=link)
    async with begin(request) as work:
        return await operations.offer(work, link=link, offered=data)


async def _form(request: Http) -> SigningForm:
    """The form of our own page. The link is the secret, no cookie is: where an old browser says
    nothing of who started this, the link is enough."""
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        cookies.check_origin(request)
    chunks = request.stream()
    try:
        parts = await uploads.form_parts(
            request.headers.get("content-type", ""), chunks, most=FORM_PARTS
        )
    except FileTooLarge:
        # A browser reads no answer before it has sent everything.
        async for _ in chunks:
            pass
        raise
    except (BadForm, FormNeeded) as error:
        raise SigningFormUnreadable() from error
    given: dict[str, Any] = {name: bytes(content) for name, (_, content) in parts.items()}
    picture = given.pop("picture", b"")
    try:
        fields = {name: value.decode() for name, value in given.items()}
        fields["agreed"] = fields.get("agreed") == "yes"
        fields["code"] = "".join(fields.get("code", "").split())
        return msgspec.convert(fields | {"picture": picture}, SigningForm)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise SigningFormUnreadable() from error


async def _sign(request: Http, link: str, form: SigningForm) -> None:
    """Look at the picture only for a link that may still sign, and before a try is counted."""
    async with begin(request) as work:
        await operations.check_open(work, link=link)
    if not form.agreed:
        raise NotAgreed()
    paper = await papers.clean("face", form.picture)
    async with begin(request) as work:
        await operations.take_try(work, link=link)
    given = {"sha256": form.sha256, "agreed": True, "code": form.code, "picture": paper.content}
    try:
        offered = msgspec.convert(given, Offered)
    except msgspec.ValidationError as error:
        raise SigningCodeWrong() from error
    async with begin(request) as work:
        await operations.offer(work, link=link, offered=offered)


@post(
    "/{link:str}",
    opt={"public": True},
    status_code=200,
    middleware=[LOOKS.middleware],
    request_max_body_size=MOST_READ,
    exception_handlers={Exception: trouble},
    include_in_schema=False,
)
async def press(request: Http, link: FromPath[Link]) -> Response[Any]:
    """A button of the page: have the code sent, or sign; the answer is told in place."""
    in_place = request.headers.get("hx-request") == "true"
    try:
        form = await _form(request)
        if form.do == "sign":
            await _sign(request, link, form)
            return _again(link, in_place=in_place)
        async with begin(request) as work:
            await operations.send_code(work, link=link)
    except (SigningOver, SigningLinkOver, SigningLinkUnknown, TextChanged):
        # The page itself is about something else now.
        return _again(link, in_place=in_place)
    except Exception as error:
        ours = problem.as_ours(error)
        if ours is None:
            raise
        status = problem.status_of(type(ours))
        if in_place:
            return _html("told.html", status=status, told=said(ours), good=False)
        return await _page(request, link, told=said(ours), status=status)
    if in_place:
        return _html("told.html", status=200, told=SENT, good=True)
    return Redirect(f"/signing/{link}?sent=1", status_code=303)


def _again(link: str, *, in_place: bool) -> Response[Any]:
    """Have the browser open the page anew."""
    if in_place:
        return Response("", status_code=200, headers={"HX-Refresh": "true"})
    return Redirect(f"/signing/{link}", status_code=303)


router = Router(
    "/signing",
    route_handlers=[read_signing, press, ask_signing_code, sign],
    tags=["signing"],
)
