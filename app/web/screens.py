"""Pages for a browser without sign-in: a template of the tree, its style inside, nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from litestar import Response

from app import money

ROOT = Path(__file__).resolve().parents[2]
STYLE = Path(__file__).parent / "screen.css"


@cache
def environment() -> jinja2.Environment:
    """Templates of the tree, escaped, complaining about a value that is missing."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(yuan=money.yuan)
    return found


@cache
def style() -> tuple[str, str]:
    """The one style sheet and the policy that lets in this one and nothing else."""
    text = STYLE.read_text(encoding="utf-8")
    mark = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{mark}'; img-src data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return text, policy


def screen(template: str, data: dict[str, Any], *, status: int = 200) -> Response[str]:
    """A page: no script, no address but its own, kept by nobody on the way."""
    text, policy = style()
    content = environment().get_template(template).render(data | {"style": text})
    return Response(
        content,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
        },
    )
