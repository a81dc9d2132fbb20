"""The OpenAPI document: every route with real examples and every error answer it can give."""

from __future__ import annotations

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin


def config() -> OpenAPIConfig:
    """OpenAPI 3.1 at /schema/openapi.json."""
    return OpenAPIConfig(
        title="Xiaowei (小微)", version="0.1.0", path="/schema",
        description="One backend for a small firm's whole life at its bank.",
        render_plugins=[JsonRenderPlugin()],
    )


