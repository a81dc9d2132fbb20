"""After the master key is rotated everyone is still signed in, found and readable."""

import secrets

import httpx
import msgspec

from app import database
from app.actor import ANONYMOUS
from app.identity.sessions import operations as sessions
from app.main import create_app
from app.vault import Vault, parse_masters
from app.work import begin
from tests.city import City


async def test_a_new_master_key_before_the_old_one_changes_nothing_for_anyone(city: City):
    person = await city.sign_in("13812345678")
    before = (await person.get("/v1/me")).json()
    rotated = msgspec.structs.replace(
        city.settings, master_key=f"{secrets.token_hex(32)},{city.settings.master_key}"
    )
    # the roles' passwords follow from the key: the deploy's migrate step sets them
    await database.make_roles(rotated)
    app = create_app(rotated)
    try:
        async with (
            app.lifespan(),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://t",
            ) as api,
        ):
            after = await api.get("/v1/me", headers=person.headers())
            assert after.status_code == 200 and after.json() == before
            vault, pool = Vault(parse_masters(rotated.master_key)), app.state["services"].pools
            async with begin(
                pool["app"], ANONYMOUS, settings=rotated, vault=vault, ring=lambda: None
            ) as work:
                person_id = await sessions.person_of_phone(work, phone="13812345678")
            assert str(person_id) == before["person_id"]
    finally:
        await database.make_roles(city.settings)
    assert (await person.get("/v1/me")).json() == before
