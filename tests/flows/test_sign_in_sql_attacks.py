"""Direct SQL on identity and files is refused, and passes once the walls named are gone."""

from __future__ import annotations

import asyncpg
import pytest

from tests.attacks.walls import CHECKER, MAKER, NOTHING, A, Attack, B, grant, policy, trigger
from tests.flows.test_sql_attacks import ROLES, attempt

MEMBERS, SESSIONS, PEOPLE = "identity.memberships", "identity.sessions", "identity.people"
FIRMS, POINTERS = "identity.business_directory", "identity.membership_directory"
CLIENTS, FILES = "identity.clients", "files.files"
SECOND_OWNER = (
    f"insert into {MEMBERS} values ('{B}', '{MAKER}', 'owner', 'active', '', '{MAKER}', now(), 1)"
)
NEW_SESSION = f"""
insert into {SESSIONS} (person_id, id, door, device, salt, started_at, rotated_at, ends_at)
values ('{CHECKER}', gen_random_uuid(), '{{door}}', 'x', '', now(), now(), now())"""

ATTACKS = (
    Attack("reading another firm's members", "app",
           f"select 1 from {MEMBERS} where business_id = '{B}'", (policy(MEMBERS, "app"),)),
    Attack("becoming owner of another firm", "app", SECOND_OWNER,
           (policy(MEMBERS, "app", "42501"),)),
    Attack("a role at another firm", "worker",
           f"update {MEMBERS} set role = 'maker' where business_id = '{B}'",
           (policy(MEMBERS, "worker"),)),
    Attack("forgetting a member", "app", f"delete from {MEMBERS}",
           (grant("delete", MEMBERS, "app"),)),
    Attack("members changed at the desk", "desk", f"update {MEMBERS} set role = 'owner'",
           (grant("update", MEMBERS, "desk"), policy(MEMBERS, "desk"))),
    Attack("pointing a person to another firm", "app",
           f"insert into {POINTERS} values ('{MAKER}', '{B}')",
           (policy(POINTERS, "app", "42501"),)),
    Attack("bending a pointer", "worker", f"update {POINTERS} set person_id = '{MAKER}'",
           (grant("update", POINTERS, "worker"), policy(POINTERS, "worker"))),
    Attack("another firm's state", "app",
           f"update {FIRMS} set state = 'closed' where business_id = '{B}'",
           (policy(FIRMS, "app"),)),
    Attack("a firm of nobody", "worker",
           f"insert into {FIRMS} values (gen_random_uuid(), null, 'x', 'forming', now(), 1)",
           (policy(FIRMS, "worker", "42501"),)),
    Attack("a firm made by a portal", "portal",
           f"insert into {FIRMS} values (gen_random_uuid(), null, 'x', 'forming', now(), 1)",
           (grant("insert", FIRMS, "portal"), policy(FIRMS, "portal", "42501"))),
    Attack("another person's phone and name", "app",
           f"select 1 from {PEOPLE} where person_id = '{CHECKER}'", (policy(PEOPLE, "app"),)),
    Attack("people read at the desk", "desk", f"select 1 from {PEOPLE}",
           (grant("select", PEOPLE, "desk"), policy(PEOPLE, "desk"))),
    Attack("people read by a portal", "portal", f"select 1 from {PEOPLE}",
           (grant("select", PEOPLE, "portal"), policy(PEOPLE, "portal"))),
    Attack("a session in another's name", "app", NEW_SESSION.replace("{door}", "person"),
           (policy(SESSIONS, "app", "42501"),)),
    Attack("ending another's session", "app",
           f"update {SESSIONS} set state = 'ended', ended_at = now(), ended_because = 'x'"
           f" where person_id = '{CHECKER}' and state = 'active'", (policy(SESSIONS, "app"),)),
    Attack("an owner's session from the desk", "desk", NEW_SESSION.replace("{door}", "person"),
           (policy(SESSIONS, "desk", "42501"),)),
    Attack("waking an ended session", "app",
           f"update {SESSIONS} set state = 'active', ended_at = null, ended_because = null"
           f" where person_id = '{MAKER}' and state = 'ended'",
           (trigger(SESSIONS, "an_ended_session_stays_ended", "XW010"),)),
    Attack("a phone moved to another person", "app",
           "update identity.phone_directory set person_id = gen_random_uuid()",
           (grant("update", "identity.phone_directory", "app"),)),
    Attack("a data key exchanged", "worker", "update identity.data_keys set wrapped = ''",
           (grant("update", "identity.data_keys", "worker"),)),
    Attack("taking back a revocation", "app", "delete from identity.revocations",
           (grant("delete", "identity.revocations", "app"),)),
    Attack("using a nonce again", "portal", "delete from identity.used_once",
           (grant("delete", "identity.used_once", "portal"),)),
    Attack("password hashes read by the owners' door", "app",
           "select password_hash from identity.staff",
           (grant("select", "identity.staff", "app"),)),
    Attack("password hashes read by a job", "worker", "select password_hash from identity.staff",
           (grant("select (password_hash)", "identity.staff", "worker"),)),
    Attack("staff made by a portal", "portal", "update identity.staff set role = 'supervisor'",
           (grant("update", "identity.staff", "portal"),)),
    Attack("a program registers itself", "portal",
           f"insert into {CLIENTS} select gen_random_uuid(), name, jwks, scopes, state, made_at"
           f" from {CLIENTS}", (grant("insert", CLIENTS, "portal"),
                                policy(CLIENTS, "portal", "42501"))),
    Attack("a program widens its scopes", "portal", f"update {CLIENTS} set scopes = '{{a}}'",
           (grant("update", CLIENTS, "portal"), policy(CLIENTS, "portal"))),
    Attack("a program takes another's keys", "portal", f"update {CLIENTS} set jwks = jwks",
           (policy(CLIENTS, "portal"),)),
    Attack("reading another firm's file", "app", f"select 1 from {FILES} where business_id = '{B}'",
           (policy(FILES, "app"),)),
    Attack("a file in another firm", "worker",
           f"insert into {FILES} select '{B}', gen_random_uuid(), 'x', '', 'x', 1,"
           " sha256('x'), now(), 'x', now()", (policy(FILES, "worker", "42501"),)),
    Attack("shortening how long a file is kept", "app",
           f"update {FILES} set keep_until = '2000-01-01' where business_id = '{A}'",
           (trigger(FILES, "files_do_not_change", "XW002"),)),
)  # fmt: skip


@pytest.fixture
async def rows(db: asyncpg.Connection) -> None:
    """Two firms with an owner each, their sessions, one of the bank's people, one program."""
    for firm, owner, no in ((A, MAKER, 1), (B, CHECKER, 2)):
        await db.execute(
            f"insert into {FIRMS} values ('{firm}', null, 'x', 'forming', now(), 1);"
            f"insert into {MEMBERS} values"
            f" ('{firm}', '{owner}', 'owner', 'active', '', '{owner}', now(), 1);"
            f"insert into {POINTERS} values ('{owner}', '{firm}');"
            f"insert into {PEOPLE} values ('{owner}', '', null, null, now());"
            f"insert into identity.phone_directory values ('{no}', '{owner}');"
            f"insert into {FILES} values ('{firm}', gen_random_uuid(), 'x', '', 'x', 1,"
            " sha256('x'), now(), 'x', now())"
        )
        for state in ("active", "ended"):
            await db.execute(
                f"insert into {SESSIONS} (person_id, id, door, device, salt, state, started_at,"
                " rotated_at, ends_at, ended_at, ended_because) values ($1, gen_random_uuid(),"
                " 'person', 'x', '', $2, now(), now(), now(),"
                " case when $2 = 'ended' then now() end, case when $2 = 'ended' then 'x' end)",
                owner, state,
            )  # fmt: skip
    await db.execute(
        "insert into identity.data_keys (key_id, scope, wrapped)"
        " values (gen_random_uuid(), gen_random_uuid(), 'x');"
        "insert into identity.revocations values (gen_random_uuid(), 'session', gen_random_uuid());"
        "insert into identity.used_once values ('nonce', gen_random_uuid(), 'x', now());"
        "insert into identity.staff values"
        " (gen_random_uuid(), 'x', '', 'x', '', 'teller', '0001', 'active', now())"
    )
    await db.execute(
        f"insert into {CLIENTS} values (gen_random_uuid(), 'x', $1, '{{x}}', 'active', now())",
        {"keys": [{}]},
    )


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_on_identity_is_refused_by_the_walls_named(
    db: asyncpg.Connection, rows: None, attack: Attack
):
    await db.execute("begin")
    for state, drop in attack.walls:
        assert await attempt(db, attack, attack.role, attack.sql) == state
        assert isinstance(drop, str)
        await db.execute(drop)
    assert await attempt(db, attack, attack.role, attack.sql) is None, "a wall was not named"
    await db.execute("rollback")


async def test_the_verifier_changes_nothing(db: asyncpg.Connection, rows: None):
    await db.execute("begin")
    for attack in ATTACKS:
        if not attack.sql.startswith("select"):
            assert await attempt(db, attack, "verify", attack.sql) in ("42501", NOTHING)
    await db.execute("rollback")


async def test_only_the_desk_reads_password_hashes(db: asyncpg.Connection, rows: None):
    attack = next(a for a in ATTACKS if a.sql.startswith("select password_hash"))
    await db.execute("begin")
    readers = [role for role in ROLES if await attempt(db, attack, role, attack.sql) is None]
    assert readers == ["desk"]
    await db.execute("rollback")
