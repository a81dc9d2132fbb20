"""`verify` finds what is wrong with people, firms and sessions, each fault by its name."""

from uuid import uuid4

import asyncpg
import pytest

from app import verify
from app.settings import Settings

FIRM, PERSON = uuid4(), uuid4()
SOUND = (
    f"insert into identity.business_directory values ('{FIRM}', null, 'x', 'forming', now(), 1)",
    (
        f"insert into identity.memberships values"
        f" ('{FIRM}', '{PERSON}', 'owner', 'active', '', '{PERSON}', now(), 1)"
    ),
    f"insert into identity.membership_directory values ('{PERSON}', '{FIRM}')",
    f"insert into identity.people values ('{PERSON}', '', null, null, now())",
    f"insert into identity.phone_directory values ('1', '{PERSON}')",
    (
        f"insert into identity.sessions (person_id, id, door, device, salt, started_at, rotated_at,"
        f" ends_at) values ('{PERSON}', gen_random_uuid(), 'person', 'x', '', now(), now(), now())"
    ),
)
FAULTS = {
    "business_without_owner": "update identity.memberships set state = 'removed'",
    "membership_nobody_finds": "delete from identity.membership_directory",
    "pointer_to_no_membership": "delete from identity.memberships",
    "person_without_phone": "delete from identity.phone_directory",
    "session_of_a_person_nobody_knows": "delete from identity.people",
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found_by_its_name(db: asyncpg.Connection, settings: Settings, name: str):
    for statement in SOUND:
        await db.execute(statement)
    assert await verify.check(settings) == []
    await db.execute(FAULTS[name])
    found = await verify.check(settings)
    assert any(line.startswith(f"{name}:") for line in found), found
