"""Every router and middleware of the application, on one screen."""

from __future__ import annotations

from typing import Any

from app.settings import Settings

ROUTERS: list[Any] = []


def middlewares(settings: Settings) -> list[Any]:
    """Outermost first."""
    return []
