"""A firm hands in papers and gets back exactly those; on disk nobody can read them."""

import asyncio
import hashlib
import io
from collections import Counter
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pyotp
from PIL import Image

from app.files import operations as files
from app.files import papers
from app.identity.seed import seed_demo
from tests.city import City, Person
from tests.firms import founder
from tests.papers import bomb, pdf, photograph

PDF = pdf()


async def hand_in(
    person: Person,
    content: bytes = PDF,
    *,
    kind: str = "document",
    name: str = "执照.pdf",
    key: str | None = None,
) -> httpx.Response:
    return await person.city.api.post(
        "/v1/files",
        data={"kind": kind},
        files={"file": (name, content)},
        headers=person.headers(key or str(uuid4())),
    )


def on_disk(city: City) -> list[Path]:
    return [p for p in (city.settings.var_path / "files").rglob("*") if p.is_file()]


async def test_a_paper_comes_back_to_the_last_bit_as_an_attachment(
    city: City, db: asyncpg.Connection
):
    owner = await founder(city)
    before = set(on_disk(city))
    stored = (await hand_in(owner)).json()
    assert stored["sha256"] == stored["received_sha256"]
    assert (stored["media_type"], stored["name"]) == ("application/pdf", "执照.pdf")
    assert stored["keep_until"] == "2035-12-31"
    back = await owner.get(f"/v1/files/{stored['id']}")
    assert back.content == PDF
    assert back.headers["content-disposition"].startswith("attachment;")
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["content-type"] == "application/octet-stream"
    about = await owner.get(f"/v1/files/{stored['id']}/about")
    assert about.json() == stored
    (path,) = set(on_disk(city)) - before
    assert b"endobj" not in path.read_bytes() and path.stat().st_mode & 0o077 == 0
    assert "执照".encode() not in await db.fetchval("select name_sealed from files.files")


async def test_a_photograph_is_kept_upright_and_tells_no_more_than_it_shows(city: City):
    owner = await founder(city)
    taken = photograph((640, 480))
    stored = (await hand_in(owner, taken, name="执照.jpg")).json()
    assert stored["received_sha256"] == hashlib.sha256(taken).hexdigest() != stored["sha256"]
    kept = (await owner.get(f"/v1/files/{stored['id']}")).content
    assert hashlib.sha256(kept).hexdigest() == stored["sha256"]
    for told in (b"SpyPhone", b"Exif", b"taken at home", b"<script>"):
        assert told in taken and told not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (480, 640) and not image.getexif()
        # What lay at the top left of the sensor is at the top right of the sheet.
        assert image.getpixel((470, 10))[1] < 80 and image.getpixel((10, 630))[1] > 200


async def test_whoever_breaks_the_reading_process_has_broken_nothing_else(city: City):
    owner = await founder(city)
    assert (await hand_in(owner)).status_code == 201
    papers._reader.process.kill()
    answers = await asyncio.gather(*(hand_in(owner, PDF + b"\n" * n) for n in range(6)))
    # The one that was under way says so; the next one has a new process.
    assert [answer.status_code for answer in answers].count(201) >= 5
    refused = [answer.json()["type"] for answer in answers if answer.status_code != 201]
    assert all(kind.endswith("file-unreadable") for kind in refused)


async def test_a_file_changed_on_disk_does_not_open(city: City):
    owner = await founder(city)
    before = set(on_disk(city))
    one = (await hand_in(owner)).json()
    two = (await hand_in(owner, PDF + b"%%EOF\n")).json()
    paths = {p.name: p for p in set(on_disk(city)) - before}
    first, second = (paths[UUID(f["id"]).hex] for f in (one, two))
    swapped = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(swapped[:-1] + bytes([swapped[-1] ^ 1]))
    for stored in (one, two):
        assert (await owner.get(f"/v1/files/{stored['id']}")).status_code == 500


async def test_what_is_not_taken_leaves_nothing(city: City, db: asyncpg.Connection):
    owner = await founder(city)
    before = set(on_disk(city))
    for content, kind, status in (
        (b"", "document", 422),
        (b"MZ\x90\x00 program", "document", 422),
        (b"<html></html>", "document", 422),
        (PDF, "poem", 400),
        (b'<?xml version="1.0"?><!DOCTYPE a><a/>', "invoice", 422),
        (b"%PDF-" + b"0" * 20_000_100, "document", 413),
        (PDF[:-20], "document", 422),
        (bomb(), "document", 422),
        (pdf(b"<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"), "document", 422),
    ):
        answer = await hand_in(owner, content, kind=kind)
        assert answer.status_code == status, answer.text
    assert set(on_disk(city)) == before
    assert await db.fetchval("select count(*) from files.files") == 0


async def test_a_form_that_is_none_is_refused(city: City):
    owner = await founder(city)
    headers = owner.headers("k" * 12)
    json_body = await city.api.post("/v1/files", json={}, headers=headers)
    assert json_body.status_code == 415
    for content_type, body in (
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nrubbish"),
        ("multipart/form-data; boundary=" + "x" * 3000, b""),
        ("multipart/form-data; boundary=x", b""),
    ):
        answer = await city.api.post(
            "/v1/files", content=body, headers=headers | {"Content-Type": content_type}
        )
        assert answer.status_code == 400, content_type
    unkeyed = await city.api.post(
        "/v1/files",
        data={"kind": "document"},
        files={"file": ("a.pdf", PDF)},
        headers=owner.headers(),
    )
    assert unkeyed.status_code == 400


async def test_one_key_stores_one_file(city: City, db: asyncpg.Connection):
    owner = await founder(city)
    answers = await asyncio.gather(*(hand_in(owner, key="same-key-1") for _ in range(8)))
    assert Counter(a.status_code for a in answers).keys() <= {201, 409}
    again = await hand_in(owner, key="same-key-1")
    assert again.status_code == 201 and again.headers["idempotency-replayed"] == "true"
    assert await db.fetchval("select count(*) from files.files") == 1
    assert (await hand_in(owner, PDF + b"\n", key="same-key-1")).status_code == 422


async def test_another_firms_file_is_like_one_that_does_not_exist(city: City):
    mine, theirs = await founder(city), await founder(city, "13700000001")
    stored = (await hand_in(theirs)).json()
    for path in ("/v1/files/{}", "/v1/files/{}/about"):
        answers = []
        for file_id in (stored["id"], str(uuid4())):
            answer = await mine.get(path.format(file_id))
            answers.append((answer.status_code, answer.text.replace(file_id, "ID")))
        assert answers[0] == answers[1] and answers[0][0] == 404


async def test_a_reviewer_sees_a_customers_paper_and_that_is_recorded(
    city: City, db: asyncpg.Connection
):
    owner = await founder(city)
    stored = (await hand_in(owner)).json()
    person = (await seed_demo(city.settings))["staff"][0]
    body = {
        "username": person["username"],
        "password": person["password"],
        "otp": pyotp.TOTP(person["totp_secret"]).now(),
    }
    token = (await city.api.post("/desk/v1/auth/tokens", json=body)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/desk/v1/files/{owner.business_id}/{stored['id']}"
    assert (await city.api.get(path, headers=headers)).content == PDF
    assert (await city.api.get(path + "/about", headers=headers)).json() == stored
    missing = f"/desk/v1/files/{uuid4()}/{stored['id']}"
    assert (await city.api.get(missing, headers=headers)).status_code == 404
    assert (await city.api.get(path, headers=owner.headers())).status_code == 401
    read = await db.fetchval("select count(*) from core.audit where action = 'file_read_at_desk'")
    assert read == 1


async def test_what_the_system_makes_is_kept_the_same_way(city: City):
    owner = await founder(city)
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    async with city.ctx.begin(UUID(owner.business_id)) as work:
        file_id = await files.store(
            work, kind="payslip", name="工资条.png", content=out.getvalue(), media_type="image/png"
        )
    async with city.ctx.begin(UUID(owner.business_id)) as work:
        file = await files.fetch(work, file_id=file_id)
    assert (file.content, file.name) == (out.getvalue(), "工资条.png")
    assert (await owner.get(f"/v1/files/{file_id}")).content == out.getvalue()
