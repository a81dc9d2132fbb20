"""Direct SQL as each application role is refused, wall behind wall, and by the walls named.

Each attack names its walls in order: what refuses it first, and what would have to be dropped to
get past. The test drops them one by one; behind the last the attack succeeds, so none of these
refusals is an accident.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.ids import new_id

A, B = UUID(int=0xA), UUID(int=0xB)
MAKER, CHECKER = UUID(int=0xC), UUID(int=0xD)
# A refusal without an error: no row seen, no row touched, or a refusal as the function's answer.
NOTHING = "nothing"
ROLES = ("app", "portal", "desk", "worker", "nightly", "verify", "lane")

Drop = str | Callable[[asyncpg.Connection], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    name: str
    role: str
    sql: str
    walls: tuple[tuple[str, Drop], ...]
    business: UUID | None = A
    person: UUID | None = MAKER


def grant(privilege: str, table: str, role: str) -> tuple[str, Drop]:
    return "42501", f"grant {privilege} on {table} to {role}"


def policy(table: str, role: str, state: str = NOTHING) -> tuple[str, Drop]:
    return state, f"create policy hole on {table} to {role} using (true) with check (true)"


def trigger(table: str, name: str, state: str) -> tuple[str, Drop]:
    return state, f"alter table {table} disable trigger {name}"


def constraint(table: str, name: str, state: str = "23514") -> tuple[str, Drop]:
    return state, f"alter table {table} drop constraint {name}"


def without(function: str, text: str, instead: str, state: str) -> tuple[str, Drop]:
    """The wall is a line of a definer function: rewrite the function without it."""

    async def drop(connection: asyncpg.Connection) -> None:
        found = await connection.fetchval(
            "select pg_get_functiondef(oid) from pg_proc where oid = to_regproc($1)", function
        )
        assert text in found, f"{function} has no such wall"
        await connection.execute(found.replace(text, instead))

    return state, drop


def post(
    *,
    business: str = "'{A}'",
    key: str = "'attack'",
    legs: str,
    amounts: str,
    clearing: int = 0,
    transfer: str = "null",
    currency: str = "CNY",
) -> str:
    """A call of the ledger's door that answers whether it was not refused."""
    return f"""
    select 1 from ledger.post(timestamptz '2025-09-01 02:00+00', array[gen_random_uuid()],
      array[{business}]::uuid[], array[{transfer}]::uuid[],
      array['payment'], array[{key}], array['{currency}'],
      array[{clearing}]::bigint[], array[''], array[null]::date[],
      array_fill(1, array[{amounts.count(",") + 1}]),
      array[{legs}]::uuid[], array[{amounts}]::bigint[], array[]::text[], array[]::uuid[],
      array[]::uuid[], array[]::bigint[], array[]::timestamptz[], array[]::text[])
    where refusal is null"""


POSTING = """
insert into ledger.postings (business_id, account_id, booked_on, seq, entry_id, leg, amount_fen,
                             currency, balance_after_fen, owner, at)
select business_id, account_id, booked_on, seq + 100, entry_id, leg, {amount}, currency, 0, owner,
       at
from ledger.postings where business_id = '{A}' and amount_fen > 0"""
LATE_PAIR = """
insert into ledger.postings (business_id, account_id, booked_on, seq, entry_id, leg, amount_fen,
                             currency, balance_after_fen, owner, at)
select business_id, account_id, booked_on, seq + 100 * n, entry_id, leg, 50 * n, currency, 0, owner,
       at
from ledger.postings, unnest(array[1, -1]) n where business_id = '{A}' and amount_fen > 0"""
ENTRY = """
insert into ledger.entries (business_id, booked_on, id, kind, business_key, currency, clearing_fen,
                            legs, value_on, at)
values ('{A}', '2025-09-01', gen_random_uuid(), 'x', 'x', 'CNY', 0, {legs}, '2025-09-01', now())"""
DEPOSIT, CAPITAL, THEIRS = "'{deposit}'", "'{capital}'", "'{theirs}'"
P, E, ACC = "ledger.postings", "ledger.entries", "ledger.accounts"
MONTH = "202509"

ATTACKS = (
    Attack(
        "an unbalanced posting",
        "app",
        POSTING.replace("{amount}", "77"),
        (
            grant("insert", P, "app"),
            policy(P, "app", "42501"),
            trigger(P, "every_entry_balances", "XW010"),
        ),
    ),
    Attack(
        "a balanced pair after the entry",
        "worker",
        LATE_PAIR,
        (
            grant("insert", P, "worker"),
            policy(P, "worker", "42501"),
            trigger(P, "every_entry_balances", "XW010"),
        ),
    ),
    Attack(
        "a posting of nothing",
        "worker",
        POSTING.replace("{amount}", "0"),
        (
            grant("insert", P, "worker"),
            policy(P, "worker", "42501"),
            constraint(P, "posting_moves_something"),
            trigger(P, "every_entry_balances", "XW010"),
        ),
    ),
    Attack(
        "an entry without legs",
        "app",
        ENTRY.replace("{legs}", "0"),
        (
            grant("insert", E, "app"),
            policy(E, "app", "42501"),
            constraint(E, "entry_has_two_sides"),
        ),
    ),
    Attack(
        "an entry as the verifier",
        "verify",
        ENTRY.replace("{legs}", "2"),
        (grant("insert", E, "verify"), policy(E, "verify", "42501")),
    ),
    Attack(
        "money out of nothing",
        "worker",
        "update ledger.accounts set balance_fen = balance_fen + 5 where business_id = '{A}'",
        (grant("update", ACC, "worker"), policy(ACC, "worker")),
    ),
    Attack(
        "an overdraft by hand",
        "app",
        f"update ledger.accounts set balance_fen = -1 where id = {DEPOSIT}",
        (
            grant("update", ACC, "app"),
            policy(ACC, "app"),
            constraint(ACC, "account_never_falls_below_its_floor"),
        ),
    ),
    Attack(
        "a negative hold",
        "worker",
        f"update ledger.accounts set held_fen = -9 where id = {DEPOSIT}",
        (
            grant("update", ACC, "worker"),
            policy(ACC, "worker"),
            constraint(ACC, "held_is_never_negative"),
        ),
    ),
    Attack(
        "closing an account that holds money",
        "desk",
        f"update ledger.accounts set state = 'closed' where id = {DEPOSIT}",
        (
            grant("update", ACC, "desk"),
            policy(ACC, "desk"),
            constraint(ACC, "closed_accounts_are_empty"),
        ),
    ),
    Attack(
        "raising a balance as the nightly role",
        "nightly",
        "update ledger.accounts set balance_fen = 1 where business_id = '{B}'",
        (
            (
                "42501",
                (
                    "grant usage on schema ledger to nightly;"
                    " grant select, update on ledger.accounts to nightly"
                ),
            ),
            policy(ACC, "nightly"),
        ),
    ),
    Attack(
        "deleting a posting",
        "app",
        "delete from ledger.postings where business_id = '{A}'",
        (
            grant("delete", P, "app"),
            policy(P, "app"),
            trigger(P, "postings_are_append_only", "XW002"),
        ),
    ),
    Attack(
        "changing an amount",
        "worker",
        "update ledger.postings set amount_fen = amount_fen + 1 where business_id = '{A}'",
        (
            grant("update", P, "worker"),
            policy(P, "worker"),
            trigger(P, "postings_are_append_only", "XW002"),
        ),
    ),
    Attack(
        "moving an entry to another day",
        "worker",
        "update ledger.entries set value_on = '2020-01-01' where business_id = '{A}'",
        (
            grant("update", E, "worker"),
            policy(E, "worker"),
            trigger(E, "entries_are_append_only", "XW002"),
        ),
    ),
    Attack(
        "freeing a used key",
        "app",
        "delete from ledger.entry_keys where business_id = '{A}'",
        (
            grant("delete", "ledger.entry_keys", "app"),
            policy("ledger.entry_keys", "app"),
            trigger("ledger.entry_keys", "entry_keys_are_append_only", "XW002"),
        ),
    ),
    Attack(
        "emptying a month of postings",
        "worker",
        f"truncate {P}_{MONTH}",
        (
            grant("truncate", f"{P}_{MONTH}", "worker"),
            trigger(f"{P}_{MONTH}", "never_emptied", "XW002"),
        ),
    ),
    Attack(
        "emptying the holds",
        "app",
        "truncate ledger.holds",
        (
            grant("truncate", "ledger.holds", "app"),
            trigger("ledger.holds", "holds_are_never_emptied", "XW002"),
        ),
    ),
    Attack(
        "a posting into the partition, past the trigger",
        "app",
        POSTING.replace("{amount}", "77").replace(
            "into ledger.postings", f"into ledger.postings_{MONTH}"
        ),
        (grant("insert", f"{P}_{MONTH}", "app"),),
    ),
    Attack(
        "switching the triggers off",
        "app",
        f"alter table {P} disable trigger all",
        (("42501", "grant ledger_owner to app"),),
    ),
    Attack(
        "dropping the tenant's wall",
        "worker",
        f"drop policy tenant_bank on {P}",
        (("42501", "grant ledger_owner to worker"),),
    ),
    Attack(
        "becoming the ledger's owner",
        "worker",
        "set local role ledger_owner",
        (("42501", "grant ledger_owner to worker"),),
    ),
    Attack(
        "replaying as a replica, past every trigger",
        "app",
        "set local session_replication_role = replica",
        (("42501", "grant set on parameter session_replication_role to app"),),
    ),
    Attack(
        "copying rows in from a file",
        "app",
        "copy core.progress from '/dev/null'",
        (
            ("42501", "grant pg_read_server_files to app"),
            ("0A000", "alter table core.progress disable row level security"),
        ),
    ),
    Attack(
        "row level security off",
        "app",
        "set local row_security = off; select 1 from ledger.accounts",
        (("42501", "alter role app bypassrls"),),
    ),
    Attack(
        "a door of one's own",
        "app",
        "create function ledger.hole() returns int language sql return 1",
        (("42501", "grant create on schema ledger to app"),),
    ),
    Attack(
        "opening an account in another firm",
        "app",
        "select ledger.open_account('{B}', gen_random_uuid(), 'CNY', 0, now())",
        (
            (
                "XW403",
                (
                    "create or replace function ledger.require_tenant(p_business uuid)"
                    " returns void language plpgsql stable as 'begin end'"
                ),
            ),
        ),
    ),
    Attack(
        "thawing one's own account",
        "app",
        f"select ledger.set_state('{{A}}', {DEPOSIT}, 'open')",
        (("42501", "grant execute on function ledger.set_state to app"),),
    ),
    Attack(
        "debiting another firm through the door",
        "app",
        post(business="'{B}'", legs=f"{THEIRS},{THEIRS}", amounts="-5,5"),
        (
            without(
                "ledger.post",
                "raise exception 'another firm''s ledger' using errcode = 'XW403';",
                "null;",
                "XW403",
            ),
        ),
    ),
    Attack(
        "an unbalanced entry through the door",
        "app",
        post(legs=f"{DEPOSIT},{CAPITAL}", amounts="-100,90"),
        (trigger(P, "every_entry_balances", "XW010"),),
    ),
    Attack(
        "half a transfer through the door",
        "worker",
        post(legs=DEPOSIT, amounts="-100", clearing=100, transfer="gen_random_uuid()"),
        (
            without(
                "ledger.post",
                "raise exception 'the two sides of a transfer differ' using errcode = 'XW010';",
                "null;",
                "XW010",
            ),
        ),
    ),
    Attack(
        "an overdraft through the door",
        "app",
        post(legs=f"{DEPOSIT},{CAPITAL}", amounts="-999999,999999"),
        (
            without("ledger.post", "< a.floor_fen)", "< -9e18)", NOTHING),
            constraint(ACC, "account_never_falls_below_its_floor"),
        ),
    ),
    Attack(
        "yuan booked as dollars",
        "app",
        post(legs=f"{DEPOSIT},{CAPITAL}", amounts="-1,1", currency="USD"),
        (
            without("ledger.post", "a.currency <> t.currency", "false", NOTHING),
            trigger(P, "every_entry_balances", "XW010"),
        ),
    ),
    Attack(
        "a key used twice",
        "app",
        post(key="'seed'", legs=f"{DEPOSIT},{CAPITAL}", amounts="-1,1"),
        (
            without("ledger.post", "k.business_key = e.key limit 1", "false limit 1", NOTHING),
            constraint("ledger.entry_keys", "entry_keys_pkey", "23505"),
        ),
    ),
    Attack(
        "a debit of a blocked account",
        "worker",
        post(legs="'{blocked}',{deposit_q}", amounts="-1,1"),
        (
            without(
                "ledger.post",
                "t.debited or t.placed) and a.state in ('no_debit', 'blocked', 'closed')",
                "t.debited or t.placed) and false",
                NOTHING,
            ),
        ),
    ),
    Attack(
        "no firm at all",
        "app",
        post(legs=f"{DEPOSIT},{CAPITAL}", amounts="-1,1"),
        (
            without(
                "ledger.post",
                "raise exception 'no firm is acted for' using errcode = 'XW403';",
                "null;",
                "XW403",
            ),
        ),
        business=None,
    ),
    Attack(
        "reading the bank's side of the firm",
        "app",
        "select 1 from ledger.accounts where owner = 'bank'",
        (policy(ACC, "app"),),
    ),
    Attack(
        "reading another firm's accounts",
        "app",
        "select 1 from ledger.accounts where business_id = '{B}'",
        (policy(ACC, "app"),),
    ),
    Attack(
        "reading another firm's postings",
        "worker",
        "select 1 from ledger.postings where business_id = '{B}'",
        (policy(P, "worker"),),
    ),
    Attack(
        "reading without a firm",
        "app",
        "select 1 from ledger.accounts",
        (policy(ACC, "app"),),
        business=None,
    ),
    Attack(
        "a reviewer reading every firm's money",
        "desk",
        "select 1 from ledger.accounts",
        (policy(ACC, "desk"),),
        business=None,
    ),
    Attack(
        "a portal reading a firm's money",
        "portal",
        "select 1 from ledger.accounts",
        (grant("select", ACC, "portal"), policy(ACC, "portal")),
    ),
    Attack(
        "the lane reading accounts",
        "lane",
        "select 1 from ledger.accounts",
        (grant("select", ACC, "lane"), policy(ACC, "lane")),
    ),
    Attack(
        "writing into another firm's stream",
        "app",
        "insert into core.progress values ('{B}', gen_random_uuid(), 1, 'x', '{}', now())",
        (policy("core.progress", "app", "42501"),),
    ),
    Attack(
        "giving a row to another firm",
        "app",
        "update core.progress set business_id = '{B}'",
        (policy("core.progress", "app", "42501"),),
    ),
    Attack(
        "deleting a firm's rows",
        "worker",
        "delete from core.progress",
        (grant("delete", "core.progress", "worker"),),
    ),
    Attack(
        "approving one's own question",
        "app",
        "insert into core.approval_decisions values ('{A}', '{own}', 'person:{MAKER}', true, '',"
        " now())",
        (trigger("core.approval_decisions", "nobody_decides_their_own", "XW003"),),
    ),
    Attack(
        "voting in someone else's name",
        "app",
        "insert into core.approval_decisions values ('{A}', '{own}', 'person:{CHECKER}', true,"
        " '', now())",
        (trigger("core.approval_decisions", "nobody_decides_their_own", "XW003"),),
    ),
    Attack(
        "a customer answering the bank's question",
        "app",
        "insert into core.approval_decisions values ('{A}', '{banks}', 'person:{CHECKER}', true,"
        " '', now())",
        (trigger("core.approval_decisions", "nobody_decides_their_own", "XW003"),),
        person=CHECKER,
    ),
    Attack(
        "changing a vote",
        "app",
        "update core.approval_decisions set approve = false",
        (trigger("core.approval_decisions", "decisions_are_final", "XW002"),),
    ),
    Attack(
        "rewriting the audit",
        "app",
        "update core.audit set action = 'nothing'",
        (
            grant("update", "core.audit", "app"),
            policy("core.audit", "app"),
            trigger("core.audit", "audit_is_append_only", "XW002"),
        ),
    ),
    Attack(
        "losing a seal",
        "worker",
        "delete from core.audit_seals",
        (
            grant("delete", "core.audit_seals", "worker"),
            trigger("core.audit_seals", "seals_are_append_only", "XW002"),
        ),
    ),
    Attack(
        "reading someone else's first answer",
        "app",
        "select 1 from core.idempotency",
        (policy("core.idempotency", "app"),),
    ),
    Attack(
        "reading everyone's events",
        "app",
        "select 1 from core.outbox",
        (grant("select", "core.outbox", "app"),),
    ),
    Attack(
        "turning the clock back",
        "app",
        "select core.move_clock(interval '-9000 days')",
        (without("core.move_clock", "where p_ahead >= ahead", "where true", "XW001"),),
    ),
    Attack(
        "a portal moving the clock",
        "portal",
        "select core.move_clock(interval '9000 days')",
        (("42501", "grant execute on function core.move_clock to portal"),),
    ),
)


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
