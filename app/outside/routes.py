"""The door at which outside systems knock, signed by their key."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.actor import SYSTEM
from app.http import problems
from app.outside import operations
from app.outside.model import Callback, CallbackNotTrusted, Received, UnknownSystem
from app.outside.signing import BadSignature, Keys, keys_folder, load_keys, target
from app.work import Work


@cache
def _keys(folder: Path, make: bool) -> Keys:
    return load_keys(folder, "bank", make=make)


@post(
    "/{system:str}/callbacks",
    status_code=200,
    opt={"public": True},
    responses=problems(UnknownSystem, CallbackNotTrusted),
)
async def receive_callback(
    work: NamedDependency[Work],
    request: Request[Any, Any, Any],
    system: FromPath[str],
    data: JSONBody[Callback],
) -> Received:
    """An outside system says that something happened to a reference. Signed by RFC 9421 with
    `@method`, `@path`, `@query` and `content-digest`, at most five minutes old."""
    keys = _keys(keys_folder(work.settings), work.settings.development)
    try:
        keys.verify("POST", target(request.scope), dict(request.headers), await request.body())
    except BadSignature as bad:
        raise CallbackNotTrusted() from bad
    if data.system != system:
        raise UnknownSystem(system=system)
    # The signature is this caller's sign-in: no person acts here.
    work.actor = SYSTEM
    return await operations.receive(work, callback=data)


router = Router("/outside/v1", route_handlers=[receive_callback], tags=["outside"])
