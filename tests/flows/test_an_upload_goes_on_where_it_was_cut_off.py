"""A phone that loses its line goes on with the part it lost; the file is whole and kept once."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from app.files.parts import jobs
from tests.city import City, Person
from tests.firms import founder
from tests.papers import pdf, photograph


async def announce(person: Person, content: bytes, **more: Any) -> httpx.Response:
    body = {
        "kind": "document", "name": "执照.jpg", "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    } | more  # fmt: skip
    return await person.post("/v1/uploads", body)


async def send(person: Person, upload: dict[str, Any], content: bytes, number: int):
    size = upload["part_bytes"]
    return await person.city.api.put(
        f"/v1/uploads/{upload['id']}/parts/{number}",
        content=content[number * size : (number + 1) * size],
        headers=person.headers() | {"Content-Type": "application/octet-stream"},
    )


def parts_on_disk(city: City, upload: dict[str, Any]) -> list[bytes]:
    folder = city.settings.var_path / "files" / "parts"
    name = upload["id"].replace("-", "")
    return [path.read_bytes() for path in folder.rglob(f"{name}.*")]


def long_pdf() -> bytes:
    return pdf(b"<</Length 700000>>stream\n" + b"0123456789" * 70_000 + b"\nendstream")


async def test_a_lost_line_costs_one_part(city: City):
    owner = await founder(city)
    content = long_pdf()
    upload = (await announce(owner, content)).json()
    assert (upload["parts"], upload["next_part"]) == (3, 0)
    assert (await send(owner, upload, content, 0)).json()["next_part"] == 1
    # The answer to part 1 never reached the phone: it asks, goes on, and repeats one to be sure.
    await send(owner, upload, content, 1)
    asked = (await owner.get(f"/v1/uploads/{upload['id']}")).json()
    assert asked["next_part"] == 2 and asked["state"] == "open"
    assert (await send(owner, upload, content, 1)).json() == asked
    early = await owner.put(f"/v1/uploads/{upload['id']}/file", None)
    assert early.status_code == 409 and early.json()["next_part"] == 2
    assert all(b"0123456789" not in part for part in parts_on_disk(city, upload))
    assert (await send(owner, upload, content, 2)).json()["next_part"] is None
    both = await asyncio.gather(
        *(owner.put(f"/v1/uploads/{upload['id']}/file", None) for _ in range(4))
    )
    kept = {answer.json().get("id") for answer in both if answer.status_code == 200}
    assert len(kept) == 1, [answer.text for answer in both]
    file_id = kept.pop()
    assert (await owner.get(f"/v1/files/{file_id}")).content == content
    done = (await owner.get(f"/v1/uploads/{upload['id']}")).json()
    assert done["state"] == "done" and done["file_id"] == file_id
    assert parts_on_disk(city, upload) == []


async def test_parts_come_in_order_and_in_size_and_to_what_was_announced(city: City):
    owner, other = await founder(city), await founder(city, "13700000001")
    content = long_pdf()
    upload = (await announce(owner, content)).json()
    skipped = await send(owner, upload, content, 1)
    assert skipped.status_code == 409 and skipped.json()["next_part"] == 0
    short = await send(owner, upload | {"part_bytes": 1000}, content, 0)
    assert short.status_code == 422 and short.json()["expected_bytes"] == 262_144
    assert (await send(owner, upload | {"part_bytes": 300_000}, content, 0)).status_code == 413
    as_json = await owner.put(f"/v1/uploads/{upload['id']}/parts/0", {})
    assert as_json.status_code == 415
    # Another firm's upload is like none.
    assert (await send(other, upload, content, 0)).status_code == 404
    assert (await other.get(f"/v1/uploads/{upload['id']}")).status_code == 404
    assert (await owner.get(f"/v1/uploads/{uuid4()}")).status_code == 404
    for number in range(3):
        await send(owner, upload, content[::-1], number)
    refused = await owner.put(f"/v1/uploads/{upload['id']}/file", None)
    assert refused.status_code == 422 and refused.json()["type"].endswith("content-differs")
    ended = (await owner.get(f"/v1/uploads/{upload['id']}")).json()
    assert (ended["state"], ended["refused_with"]) == ("refused", "ContentDiffers")
    assert parts_on_disk(city, upload) == []
    assert (await send(owner, upload, content, 2)).status_code == 409


async def test_what_comes_in_parts_is_cleaned_like_everything_else(city: City):
    owner = await founder(city)
    for content, status in ((photograph(), 200), (pdf(b"<</S/JavaScript>>"), 422)):
        upload = (await announce(owner, content)).json()
        await send(owner, upload, content, 0)
        done = await owner.put(f"/v1/uploads/{upload['id']}/file", None)
        assert done.status_code == status, done.text
        if status == 200:
            kept = await owner.get(f"/v1/files/{done.json()['id']}")
            assert b"SpyPhone" not in kept.content


async def test_what_nobody_goes_on_with_is_let_go(city: City, db: asyncpg.Connection):
    owner = await founder(city)
    content = long_pdf()
    begun = [(await announce(owner, content)).json() for _ in range(20)]
    assert (await announce(owner, content)).status_code == 409
    await send(owner, begun[0], content, 0)
    await db.execute("update files.uploads set expires_at = now() - interval '1 second'")
    await jobs.expire(city.ctx)
    assert parts_on_disk(city, begun[0]) == []
    assert (await owner.get(f"/v1/uploads/{begun[0]['id']}")).json()["state"] == "expired"
    assert (await send(owner, begun[0], content, 1)).status_code == 409
    assert (await announce(owner, content)).status_code == 201
