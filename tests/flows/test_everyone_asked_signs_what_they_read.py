"""Everyone asked signs, by a link of their own, exactly what they read, and proves who they are."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from tests.city import City, Person
from tests.flows import founding


async def drafted(city: City, **more: Any) -> tuple[Person, str, dict[str, Any]]:
    """An owner with a form that is ready to be signed."""
    owner, draft = await city.sign_in(founding.PHONE), founding.form(**more)
    begun = await owner.post("/v1/registrations", draft)
    assert begun.status_code == 201, begun.text
    owner.business_id = begun.json()["business_id"]
    return owner, f"/v1/registrations/{begun.json()['id']}", draft


async def asked(city: City, owner: Person, path: str) -> dict[str, Any]:
    answer = await owner.post(f"{path}/signatures")
    assert answer.status_code == 200, answer.text
    await city.idle()
    return answer.json()


async def ready(city: City, phone: str) -> str:
    """The link on a phone, its code asked for."""
    link = await founding.link_of(city, phone)
    await founding.ask_code(city, link)
    await city.idle()
    return link


async def states(owner: Person, path: str) -> list[str]:
    return [one["state"] for one in (await owner.get(path)).json()["signatures"]]


async def test_nothing_is_sent_before_everyone_has_signed(city: City):
    owner, path, draft = await drafted(city)
    early = await owner.post(f"{path}/submit")
    assert early.status_code == 409 and early.json()["next_step"] == "signatures"
    found = await asked(city, owner, path)
    assert [one["capacities"] for one in found["signatures"]] == [
        ["legal_representative", "shareholder"], ["shareholder"],
    ]  # fmt: skip
    assert [one["name"] for one in found["signatures"]] == ["王**", "李**"]
    link = await ready(city, founding.PHONE)
    page = (await city.api.get(f"/signing/{link}")).json()
    assert "不设董事会和监事" in page["text"] and founding.resident_id(1) not in page["text"]
    assert (await founding.sign(city, founding.PHONE, link)).status_code == 202
    await city.idle()
    assert await states(owner, path) == ["signed", "asked"]
    assert (await owner.post(f"{path}/submit")).status_code == 409
    second = await ready(city, founding.SECOND_PHONE)
    assert (await founding.sign(city, founding.SECOND_PHONE, second)).status_code == 202
    await city.idle()
    assert await states(owner, path) == ["signed", "signed"]
    sent = await owner.post(f"{path}/submit")
    assert sent.status_code == 200 and sent.json()["signed_version"] == 1
    witness = (await city.world.get("/witness/registry")).json()
    await city.idle()
    witness = (await city.world.get("/witness/registry")).json()
    (request,) = [one for one in witness["requests"] if one["kind"] == "registration"]
    assert request["body"]["signed_sha256"] == page["sha256"]
    assert len(phones := founding.phones(draft)) == 2 and phones[0] == founding.PHONE


async def test_a_changed_form_needs_new_signatures_and_old_links_lead_nowhere(city: City):
    owner, path, draft = await drafted(city)
    await asked(city, owner, path)
    signed = await ready(city, founding.PHONE)
    assert (await founding.sign(city, founding.PHONE, signed)).status_code == 202
    await city.idle()
    old = await ready(city, founding.SECOND_PHONE)
    stale = await founding.signature(city, founding.SECOND_PHONE, old)
    changed = await owner.put(path, {"version": 1, "draft": draft | {"staff_count": 13}})
    assert changed.status_code == 200 and changed.json()["signatures"] == []
    assert (await city.api.get(f"/signing/{old}")).status_code == 404
    assert (await city.api.post(f"/signing/{old}/sign", json=stale)).status_code == 404
    assert (await owner.post(f"{path}/submit")).status_code == 409
    await asked(city, owner, path)
    link = await ready(city, founding.SECOND_PHONE)
    other = await founding.sign(city, founding.SECOND_PHONE, link, sha256=stale["sha256"])
    assert other.status_code == 409 and other.json()["type"].endswith("text-changed")
    await founding.sign_all(city, owner, path, draft)
    assert await states(owner, path) == ["signed", "signed"]
    assert (await owner.post(f"{path}/submit")).status_code == 200


async def test_a_link_signs_once_expires_and_is_replaced(city: City, db):
    owner, path, _ = await drafted(city)
    found = await asked(city, owner, path)
    link = await ready(city, founding.PHONE)
    body = await founding.signature(city, founding.PHONE, link)
    answers = await asyncio.gather(
        *(city.api.post(f"/signing/{link}/sign", json=body) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    await city.idle()
    again = await city.api.post(f"/signing/{link}/sign", json=body)
    assert again.status_code == 409 and again.json()["type"].endswith("signing-over")

    second = await ready(city, founding.SECOND_PHONE)
    await db.execute(
        "update onboarding.signatures set expires_at = now() - interval '1 second'"
        " where state = 'asked'"
    )
    late = await founding.sign(city, founding.SECOND_PHONE, second)
    assert late.status_code == 409 and late.json()["type"].endswith("signing-link-over")
    remind = f"{path}/signatures/{found['signatures'][1]['id']}/remind"
    assert (await owner.post(remind)).status_code == 200
    await city.idle()
    newer = await ready(city, founding.SECOND_PHONE)
    assert newer != second
    assert (await city.api.get(f"/signing/{second}")).status_code == 404
    assert (await founding.sign(city, founding.SECOND_PHONE, newer)).status_code == 202
    await city.idle()
    assert await states(owner, path) == ["signed", "signed"]
    done = f"{path}/signatures/{found['signatures'][0]['id']}/remind"
    assert (await owner.post(done)).status_code == 404


async def test_whoever_has_the_link_alone_signs_nothing(city: City):
    owner, path, _ = await drafted(city)
    await asked(city, owner, path)
    link = await ready(city, founding.PHONE)
    right = await founding.signature(city, founding.PHONE, link)
    wrong = {"code": "000000" if right["code"] != "000000" else "111111"}
    for _ in range(5):
        answer = await city.api.post(f"/signing/{link}/sign", json=right | wrong)
        assert answer.status_code == 422 and answer.json()["type"].endswith("signing-code-wrong")
    locked = await city.api.post(f"/signing/{link}/sign", json=right)
    assert locked.status_code == 429 and int(locked.headers["retry-after"]) > 0
    unknown = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert (await city.api.get(f"/signing/{unknown}")).status_code == 404
    assert await states(owner, path) == ["asked", "asked"]


async def test_another_face_signs_nothing_and_the_picture_is_forgotten(city: City, db):
    owner, path, _ = await drafted(city)
    found = await asked(city, owner, path)
    person = {"id_number": founding.resident_id(1), "name": "王小微", "looks_different": True}
    assert (await city.world.post("/face/simulate/person", json=person)).status_code == 200
    for state in ("asked", "asked", "refused"):
        link = await ready(city, founding.PHONE)
        assert (await founding.sign(city, founding.PHONE, link)).status_code == 202
        await city.idle()
        assert (await states(owner, path))[0] == state
    page = (await city.api.get(f"/signing/{link}")).json()
    assert (page["state"], page["last_code"]) == ("refused", "face")
    assert await db.fetchval("select count(picture) from onboarding.signatures") == 0
    # The firm asks anew: a better picture by a new link.
    again = f"{path}/signatures/{found['signatures'][0]['id']}/remind"
    assert (await owner.post(again)).status_code == 200
    await city.idle()
    await city.world.post("/face/simulate/person", json=person | {"looks_different": False})
    link = await ready(city, founding.PHONE)
    assert (await founding.sign(city, founding.PHONE, link)).status_code == 202
    await city.idle()
    assert (await states(owner, path))[0] == "signed"


async def test_one_signs_only_what_was_read_and_agreed_to(city: City):
    owner, path, _ = await drafted(city)
    await asked(city, owner, path)
    link = await ready(city, founding.PHONE)
    for changes, kind in (
        ({"agreed": False}, "not-agreed"),
        ({"sha256": "0" * 64}, "text-changed"),
    ):
        answer = await founding.sign(city, founding.PHONE, link, **changes)
        assert answer.json()["type"].endswith(kind), answer.text
    small = base64.b64encode(b"x").decode()
    assert (await founding.sign(city, founding.PHONE, link, picture=small)).status_code == 400


async def test_a_signature_that_was_changed_afterwards_is_found(city: City, db):
    owner, path, draft = await drafted(city)
    await founding.sign_all(city, owner, path, draft)
    assert await city.findings() == []
    await db.execute("set session_replication_role = replica")
    await db.execute("update onboarding.signatures set face_score_ppm = 1 where no = 1")
    assert any("broken_chain_of_signatures" in line for line in await city.findings())
    await db.execute("delete from onboarding.signatures where chained_no = 1")
    assert any("broken_chain_of_signatures" in line for line in await city.findings())
    await db.execute("delete from onboarding.signatures")


async def test_no_link_and_no_face_lies_in_the_database_in_clear(city: City, db):
    owner, path, _ = await drafted(city)
    await asked(city, owner, path)
    link = await ready(city, founding.PHONE)
    assert (await founding.sign(city, founding.PHONE, link)).status_code == 202
    canaries = [link, link.encode().hex(), founding.picture().hex(), founding.SECOND_PHONE]
    for table in ("signatures", "signing_links", "signed_texts"):
        for row in await db.fetch(f"select t::text as line from onboarding.{table} t"):
            assert not [canary for canary in canaries if canary in row["line"]], table
    await city.idle()
