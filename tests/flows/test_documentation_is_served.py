"""Whoever opens /docs sees every route, from this host alone."""

from __future__ import annotations

import re

from tests.city import City


async def test_the_page_and_all_it_names_are_served_from_here(city: City):
    page = await city.api.get("/docs")
    assert page.status_code == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 3
    for path in [*named, "/schema/openapi.json"]:
        answer = await city.api.get(path)
        assert answer.status_code == 200 and answer.content, path
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_no_other_file_is_served(city: City):
    for name in ("LICENSE-swagger-ui.txt", "..%2F__init__.py", "nothing.js"):
        assert (await city.api.get(f"/docs/{name}")).status_code == 404
