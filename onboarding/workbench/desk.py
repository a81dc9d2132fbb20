"""The reviewers' page: the queue and a case side by side; everything is also a key."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from app import problems
from app.clock import SHANGHAI
from app.errors import Malformed
from app.files.model import File
from app.http import allow, begin, services
from app.identity import cookies
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import Tokens, TooManyTries
from app.identity.staff import operations as staff
from app.identity.staff.model import StaffSignIn, WrongCredentials
from app.names import forbidden_character
from app.web import workplace
from app.work import Work
from onboarding.colleagues import operations as colleagues
from onboarding.colleagues.model import NewAbsence, NewInterest, NewRelative
from onboarding.inquiries import operations as inquiries
from onboarding.inquiries.model import NewInquiry
from onboarding.oversight import operations as oversight
from onboarding.oversight.model import NewAssignment
from onboarding.reviews import operations as reviews
from onboarding.reviews.model import NewDecision, NewReveal
from onboarding.workbench import model as words
from onboarding.workbench import operations
from onboarding.workbench.model import (
    AbsenceForm,
    AssignForm,
    DecisionForm,
    Filters,
    InquiryForm,
    InterestForm,
    RelativeForm,
    RevealForm,
    SignInForm,
)

Shape = TypeVar("Shape")
Http = Request[Any, Any, Any]
REVIEWERS = allow("reviewer", "supervisor")
SUPERVISORS = allow("supervisor")
PAGES = "onboarding/workbench/pages/"
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf"})
CHOICES = {"approve": "已同意", "refuse": "已拒绝", "return": "已退回"}


class FormUnreadable(Malformed):
    """Something in the form is missing or has the wrong form."""

    zh = "填写有误或不完整，请检查"


def local(moment: datetime) -> str:
    """A moment as the page writes it."""
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def dated(moment: datetime) -> str:
    """A moment with its year."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def say(known: dict[str, str], code: str) -> str:
    """A code in words; one that is not known yet stays as it is."""
    return known.get(code, code)


def _page(
    template: str, headers: dict[str, str] | None = None, *, code: int = 200, **data: object
) -> Response[str]:
    told = {"w": words, "local": local, "dated": dated, "say": say, "root": cookies.PAGES}
    return workplace.page(PAGES + template, told | data, status=code, headers=headers)


def _many(kind: Any) -> bool:
    """Whether a field of a form may stand in it several times."""
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(plain) is list


async def _form(request: Http, shape: type[Shape]) -> Shape:
    """A form as its shape; only of our own page."""
    cookies.check_origin(request)
    given = await request.form()
    taken: dict[str, Any] = {}
    for field in msgspec.structs.fields(shape):  # type: ignore[arg-type]
        values = [v for v in given.getall(field.name, []) if isinstance(v, str) and v != ""]
        if values:
            taken[field.name] = values if _many(field.type) else values[0]
        if any(forbidden_character(value) for value in values):
            raise FormUnreadable()
    try:
        return msgspec.convert(taken, shape, strict=False)
    except msgspec.ValidationError as error:
        raise FormUnreadable(problem=str(error)) from error


def _filters(request: Http) -> Filters:
    given = {name: value for name, value in request.query_params.items() if value != ""}
    try:
        return msgspec.convert(given, Filters, strict=False)
    except msgspec.ValidationError as error:
        raise FormUnreadable() from error


def trouble(request: Http, error: Exception) -> Response[Any]:
    """What a page says when something does not go: in words, and the sign-in where that lacks."""
    ours = problems.as_ours(error)
    if ours is None:
        return problems.answer(request, error)
    status = problems.status_of(type(ours))
    asked_by_script = request.headers.get("hx-request") == "true"
    if status == 401 and request.scope["path"] != f"{cookies.PAGES}/sign-in":
        target = f"{cookies.PAGES}/sign-in"
        if asked_by_script:
            return Response("", status_code=200, headers={"HX-Redirect": target})
        return Redirect(target)
    if asked_by_script:
        return Response(
            ours.zh, status_code=status, media_type="text/plain; charset=utf-8",
            headers=workplace.HEADERS,
        )  # fmt: skip
    return _page("trouble.html", code=status, title=ours.zh, status=status)


@get(["/", ""], guards=[REVIEWERS])
async def workbench(request: Http, work: NamedDependency[Work]) -> Response[str]:
    """The page: the queue, and the case that is asked for or the first."""
    filters = _filters(request)
    found = await operations.lines(work, filters=filters)
    first = next((one.row.id for one in found.items if not one.row.barred), None)
    wanted = filters.case or first
    shown = await operations.case(work, review_id=wanted) if wanted else None
    return _page(
        "workbench.html", own=await operations.own(work), lines=found, filters=filters,
        case=shown, tab="queue", supervisor=work.actor.role == "supervisor",
    )  # fmt: skip


@get("/queue", guards=[REVIEWERS])
async def queue(request: Http, work: NamedDependency[Work]) -> Response[str]:
    """The lines of the queue as filtered, or the next page of them."""
    filters = _filters(request)
    found = await operations.lines(work, filters=filters)
    return _page(
        "lines.html", lines=found, filters=filters, supervisor=work.actor.role == "supervisor"
    )


async def _case(
    work: Work, review_id: UUID, told: str = "", *, gone: bool = False
) -> Response[str]:
    """A case after something was done with it; the page says what, and goes on when it is gone."""
    headers = {}
    if told:
        event = {"happened": {"message": told, "id": str(review_id), "gone": gone}}
        # Headers are ASCII: what is not is escaped, as JSON allows.
        headers["HX-Trigger-After-Settle"] = (
            msgspec.json.encode(event).decode().encode("ascii", "backslashreplace").decode()
        )
    return _page(
        "case.html", headers, case=await operations.case(work, review_id=review_id),
        supervisor=work.actor.role == "supervisor", people=await colleagues.reviewers(work),
    )  # fmt: skip


@get("/cases/{review_id:uuid}", guards=[REVIEWERS])
async def case(work: NamedDependency[Work], review_id: FromPath[UUID]) -> Response[str]:
    """One case."""
    return await _case(work, review_id)


@post("/cases/{review_id:uuid}/claim", guards=[REVIEWERS], status_code=200)
async def claim(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID]
) -> Response[str]:
    """Take it."""
    cookies.check_origin(request)
    await reviews.claim(work, review_id=review_id)
    return await _case(work, review_id, "已领取，15分钟内有效")


@post("/cases/{review_id:uuid}/release", guards=[REVIEWERS], status_code=200)
async def release(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID]
) -> Response[str]:
    """Let go of it."""
    cookies.check_origin(request)
    await reviews.release(work, review_id=review_id)
    return await _case(work, review_id, "已释放")


@post("/cases/{review_id:uuid}/decide/{choice:str}", guards=[REVIEWERS], status_code=200)
async def decide(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID], choice: FromPath[str]
) -> Response[str]:
    """Approve, refuse or return the version that was seen."""
    given = await _form(request, DecisionForm)
    if choice not in CHOICES:
        raise FormUnreadable()
    new = msgspec.convert(msgspec.structs.asdict(given) | {"decision": choice}, NewDecision)
    row = await reviews.decide(work, review_id=review_id, new=new)
    told = CHOICES[choice] + ("，等待第二名审核员" if row.state == "open" else "")
    return await _case(work, review_id, told, gone=True)


@post("/cases/{review_id:uuid}/ask", guards=[REVIEWERS], status_code=200)
async def ask(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID]
) -> Response[str]:
    """Ask for one more document."""
    given = await _form(request, InquiryForm)
    new = NewInquiry(kind=given.kind, reason=given.reason)
    await inquiries.ask(work, review_id=review_id, new=new)
    return await _case(work, review_id, "已通知申请人补件，计时暂停", gone=True)


@post("/cases/{review_id:uuid}/withdraw", guards=[REVIEWERS], status_code=200)
async def withdraw(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID]
) -> Response[str]:
    """Go on without the document."""
    cookies.check_origin(request)
    await inquiries.withdraw(work, review_id=review_id)
    return await _case(work, review_id, "已撤回补件要求，继续计时")


@post("/cases/{review_id:uuid}/reveal", guards=[REVIEWERS], status_code=200)
async def reveal(
    request: Http, work: NamedDependency[Work], review_id: FromPath[UUID]
) -> Response[str]:
    """One number in full."""
    given = await _form(request, RevealForm)
    found = await reviews.reveal(
        work, review_id=review_id, new=NewReveal(field=given.field, why=given.why)
    )
    return _page("revealed.html", found=found)


@get("/cases/{review_id:uuid}/documents/{kind:str}", guards=[REVIEWERS])
async def document(
    work: NamedDependency[Work], review_id: FromPath[UUID], kind: FromPath[str]
) -> Response[bytes]:
    """A document to look at."""
    return _inline(await operations.document(work, review_id=review_id, kind=kind))


def _sandbox(media_type: str) -> str:
    """A browser's own reader of PDFs does not run in a sandbox; nothing else is let in either."""
    return (
        "default-src 'none'" if media_type == "application/pdf" else "sandbox; default-src 'none'"
    )


def _inline(file: File) -> Response[bytes]:
    """Pictures and PDFs are shown, sandboxed; anything else is saved."""
    shown = file.media_type in SHOWN_INLINE
    how, name = "inline" if shown else "attachment", quote(file.name, safe="")
    return Response(
        file.content,
        media_type=file.media_type if shown else "application/octet-stream",
        headers=workplace.HEADERS
        | {
            "Content-Disposition": f"{how}; filename*=UTF-8''{name}",
            "Content-Security-Policy": _sandbox(file.media_type),
        },
    )


@post("/assign", guards=[SUPERVISORS], status_code=200)
async def assign(request: Http, work: NamedDependency[Work]) -> Response[str]:
    """Lay the chosen cases on one desk."""
    given = await _form(request, AssignForm)
    new = NewAssignment(review_ids=given.ids, staff_id=given.staff_id)
    done = await oversight.assign(work, new=new)
    laid = [one for one in done.items if one.outcome == "assigned"]
    return _page(
        "told.html", text=f"已分派 {len(laid)} 件，未分派 {len(done.items) - len(laid)} 件"
    )


@get("/statistics", guards=[REVIEWERS])
async def statistics(work: NamedDependency[Work]) -> Response[str]:
    """The figures."""
    return _page(
        "statistics.html", own=await operations.own(work), tab="statistics",
        counted=await oversight.statistics(work, from_on=None, until_on=None),
        late=await oversight.escalations(work, after=None, limit=50),
    )  # fmt: skip


@get("/own", guards=[REVIEWERS])
async def own(work: NamedDependency[Work]) -> Response[str]:
    """My absences, relatives and firms."""
    return _page("own.html", own=await operations.own(work), tab="own")


@post("/own/{what:str}", guards=[REVIEWERS], status_code=200)
async def declare(request: Http, work: NamedDependency[Work], what: FromPath[str]) -> Response[Any]:
    """Declare an absence, a relative or a firm; then the page again."""
    if what == "relative":
        one = await _form(request, RelativeForm)
        new = NewRelative(id_number=one.id_number, relation=one.relation)
        await colleagues.declare_relative(work, new=new)
    elif what == "interest":
        firm = await _form(request, InterestForm)
        await colleagues.declare_interest(work, new=NewInterest(uscc=firm.uscc, reason=firm.reason))
    elif what == "absence":
        away = await _form(request, AbsenceForm)
        await colleagues.declare_absence(work, new=_absence(away, work.now))
    else:
        raise FormUnreadable()
    return Redirect(f"{cookies.PAGES}/own", status_code=303)


def _absence(given: AbsenceForm, now: datetime) -> NewAbsence:
    try:
        first, last = date.fromisoformat(given.from_on), date.fromisoformat(given.until_on)
    except ValueError as error:
        raise FormUnreadable() from error
    return NewAbsence(
        from_at=max(datetime.combine(first, time(), SHANGHAI), now),
        until_at=datetime.combine(last, time(), SHANGHAI) + timedelta(days=1),
        stand_in=given.stand_in,
    )


@post("/own/absences/{absence_id:uuid}/end", guards=[REVIEWERS], status_code=200)
async def come_back(
    request: Http, work: NamedDependency[Work], absence_id: FromPath[UUID]
) -> Response[Any]:
    """I am back."""
    cookies.check_origin(request)
    await colleagues.end_absence(work, absence_id=absence_id)
    return Redirect(f"{cookies.PAGES}/own", status_code=303)


@get("/sign-in", opt={"public": True})
async def ask_to_sign_in() -> Response[str]:
    """User name, password, one-time code."""
    return _page("sign_in.html", trouble="")


def _kept(request: Http, tokens: Tokens | None, target: str) -> Response[Any]:
    """Go on to a page with a session begun, or ended."""
    secure = services(request.app.state).settings.public_url.startswith("https://")
    answer = Redirect(target, status_code=303)
    for cookie in cookies.given(tokens, secure=secure):
        answer.set_cookie(cookie)
    return answer


@post("/sign-in", opt={"public": True}, status_code=200)
async def sign_in(request: Http) -> Response[Any]:
    """Begin a session in this browser; five wrong tries lock the name for a while."""
    try:
        form = await _form(request, SignInForm)
        given = msgspec.convert(msgspec.structs.asdict(form), StaffSignIn)
        async with begin(request) as work:
            row = await staff.take_try(work, username=given.username)
        known = await staff.check_password(row, given.password)
        async with begin(request) as work:
            tokens = await staff.sign_in(work, row=known, given=given)
    except msgspec.ValidationError:
        return _page("sign_in.html", trouble=WrongCredentials.zh)
    except (WrongCredentials, TooManyTries, FormUnreadable) as error:
        return _page("sign_in.html", trouble=error.zh)
    return _kept(request, tokens, f"{cookies.PAGES}/")


@post("/sign-out", opt={"revokes": True}, status_code=200)
async def sign_out(request: Http, work: NamedDependency[Work]) -> Response[Any]:
    """End the session, here and for whoever copied it."""
    cookies.check_origin(request)
    await sessions.sign_out(work)
    return _kept(request, None, f"{cookies.PAGES}/sign-in")


router = Router(
    cookies.PAGES,
    route_handlers=[
        workbench, queue, case, claim, release, decide, ask, withdraw, reveal, document, assign,
        statistics, own, declare, come_back, ask_to_sign_in, sign_in, sign_out,
    ],
    include_in_schema=False,
    exception_handlers={Exception: trouble},
)  # fmt: skip
