"""Signing by link, without an account here: read, ask for the code, sign."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, JSONBody

from app.errors import TooMany
from app.http import begin, problems
from app.identity.sessions.model import TooManyCodes, TooManyTries
from app.work import Work
from onboarding.signatures import operations
from onboarding.signatures.model import (
    CodeComing,
    Link,
    NotAgreed,
    Offered,
    SigningCodeWrong,
    SigningLinkOver,
    SigningLinkUnknown,
    SigningOver,
    SigningPage,
    TextChanged,
)

# Links have 256 bits; the limit keeps guessing from costing us anything.
LOOKS = RateLimitConfig(rate_limit=("minute", 120))


@get(
    "/{link:str}",
    opt={"public": True},
    middleware=[LOOKS.middleware],
    responses=problems(SigningLinkUnknown, TooMany),
)
async def read_signing(work: NamedDependency[Work], link: FromPath[Link]) -> SigningPage:
    """What is to be signed, word for word, and how far this signature is."""
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


router = Router(
    "/signing",
    route_handlers=[read_signing, ask_signing_code, sign],
    tags=["signing"],
)
