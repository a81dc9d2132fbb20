"""A guard for programs: only those that were given the scope may call."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.http import door_of
from app.identity.clients.model import Scope, ScopeMissing


def scoped(*scopes: Scope) -> Any:
    """A guard: only programs with one of these scopes; ScopeMissing names the first."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        actor, _role = door_of(connection)
        if not set(scopes) & set(actor.scopes):
            raise ScopeMissing(scope=scopes[0])

    return guard
