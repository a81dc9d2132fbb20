"""Direct SQL as each application role is refused, wall behind wall, and by the walls named.

Each attack names its walls in order: what refuses it first, and what would have to be dropped to
get past. The test drops them one by one; behind the last the attack succeeds, so none of these
refusals is an accident.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from app.ids import new_id
from tests.attacks import ATTACKS
from tests.attacks.walls import CHECKER, MAKER, NOTHING, A, Attack, B

ROLES = ("app", "portal", "desk", "worker", "nightly", "verify", "lane")


@pytest.fixture
async def names(db: asyncpg.Connection) -> dict[str, str]:
    """Two firms with money, an open question of each kind, an audit row under a seal."""
    ids = {
        name: str(new_id()) for name in ("deposit", "capital", "theirs", "blocked", "own", "banks")
    }
    await db.execute("alter table ledger.postings disable trigger every_entry_balances")
    entry = uuid4()
    for firm, name, owner, state, amount, floor in (
        (A, "deposit", "firm", "open", 1000, 0),
        (A, "capital", "bank", "open", -1000, None),
        (B, "theirs", "firm", "open", 0, 0),
        (A, "blocked", "firm", "blocked", 0, -9),
    ):
        await db.execute(
            "insert into ledger.accounts (business_id, id, kind, owner, state, floor_fen,"
            " balance_fen, version, last_at, opened_on, month) values ($1, $2, $3, $4, $5, $6, $7,"
            " 1, '2025-09-01', '2025-09-01', '2025-09-01')",
            firm,
            UUID(ids[name]),
            "capital" if owner == "bank" else "deposit",
            owner,
            state,
            floor,
            amount,
        )
        await db.execute(
            "insert into ledger.postings values ($1, $2, '2025-09-01', 1, $3, 1, $4, 'CNY', $4, $5,"
            " now())",
            firm,
            UUID(ids[name]),
            entry,
            amount or 1,
            owner,
        )
    await db.execute("alter table ledger.postings enable trigger every_entry_balances")
    await db.execute(
        "insert into ledger.entries (business_id, booked_on, id, kind, business_key, currency,"
        " clearing_fen, legs, value_on, at) values ($1, '2025-09-01', $2, 'payment', 'seed', 'CNY',"
        " 0, 2, '2025-09-01', now())",
        A,
        entry,
    )
    await db.execute(
        "insert into ledger.entry_keys values ($1, 'payment', 'seed', $2, '2025-09-01')", A, entry
    )
    for name, scope in (("own", "firm"), ("banks", "bank")):
        await db.execute(
            "insert into core.approvals (business_id, id, kind, object_id, version, scope, levels,"
            " requested_by, requested_at) values ($1, $2, $3, $2, 1, $3, 1, $4, now())",
            A,
            UUID(ids[name]),
            scope,
            f"person:{MAKER}",
        )
    await db.execute("set local app.person = ''")
    await db.execute(
        "alter table core.approval_decisions disable trigger all;"
        f" insert into core.approval_decisions values ('{A}', '{ids['own']}',"
        " 'person:0', true, '', now());"
        " alter table core.approval_decisions enable trigger all"
    )
    await db.execute("insert into core.progress values ($1, $2, 1, 'x', $3, now())", A, uuid4(), {})
    await db.execute(
        "insert into core.audit (id, business_id, actor, action, at, body)"
        " values ($1, $2, 'x', 'x', now(), '')",
        entry,
        A,
    )
    await db.execute("insert into core.audit_seals values (1, $1, '', '')", entry)
    await db.execute(
        "insert into core.outbox (id, name, actor, payload, at)"
        " values ($1, 'x', 'x', '{}'::jsonb, now())".replace("'{}'::jsonb", "$2"),
        entry,
        {},
    )
    await db.execute(
        "insert into core.idempotency (business_id, principal, route, key, fingerprint,"
        " status, body, media_type) values ($1, 'person:else', 'r', 'k', '', 200, '',"
        " '')",
        A,
    )
    return {
        "A": str(A),
        "B": str(B),
        "MAKER": str(MAKER),
        "CHECKER": str(CHECKER),
        "deposit_q": f"'{ids['deposit']}'",
        **ids,
    }


def fill(sql: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        sql = sql.replace("{" + name + "}", value)
    return sql


async def attempt(db: asyncpg.Connection, attack: Attack, role: str, sql: str) -> str | None:
    """The SQLSTATE that refused it, NOTHING, or None when it had its effect."""
    await db.execute("savepoint attempt")
    try:
        await db.execute(f"set local session authorization {role}")
        for setting, value in (("business", attack.business), ("person", attack.person)):
            await db.execute(f"set local app.{setting} = '{value or ''}'")
        if role == "desk":
            await db.execute(f"set local app.staff = '{CHECKER}'")
        status = await db.execute(sql)
        count = status.rpartition(" ")[2]
        outcome = NOTHING if count == "0" and not sql.startswith("copy") else None
    except asyncpg.PostgresError as error:
        outcome = error.sqlstate
    await db.execute("rollback to savepoint attempt")
    return outcome


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused_by_the_walls_named_and_by_nothing_else(
    db: asyncpg.Connection, names: dict[str, str], attack: Attack
):
    sql = fill(attack.sql, names)
    await db.execute("begin")
    for state, drop in attack.walls:
        assert await attempt(db, attack, attack.role, sql) == state
        if isinstance(drop, str):
            await db.execute(drop)
        else:
            await drop(db)
    assert await attempt(db, attack, attack.role, sql) is None, "a wall was not named"
    await db.execute("rollback")


# What a role is there for: the same statement is its daily work.
ALLOWED = {
    "reading the bank's side of the firm": ("worker", "desk"),
    "thawing one's own account": ("worker", "desk"),
    "reading everyone's events": ("worker",),
    "reading someone else's first answer": ("worker",),
    "a portal moving the clock": ("app",),
    "no firm at all": ("nightly",),
    # Signed in for this firm, its own money is theirs to read.
    "a portal reading a firm's money": ("app", "worker", "desk"),
    "the lane reading accounts": ("app", "worker", "desk"),
}


async def test_no_application_role_gets_through_with_any_of_them(
    db: asyncpg.Connection, names: dict[str, str]
):
    assert len(ATTACKS) >= 40
    await db.execute("begin")
    passed = [
        (attack.name, role)
        for attack in ATTACKS
        for role in ROLES
        if await attempt(db, attack, role, fill(attack.sql, names)) is None
        and role not in ALLOWED.get(attack.name, ())
        and role != "verify"  # reads everything, by its nature; its writes are tried below
    ]
    assert not passed, passed
    writes = [a for a in ATTACKS if not a.sql.lstrip().startswith("select 1 from")]
    for attack in writes:
        assert await attempt(db, attack, "verify", fill(attack.sql, names)) is not None
    await db.execute("rollback")
