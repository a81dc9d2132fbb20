"""Attacks on what the ledger's tables hold: sums, history, triggers."""

from tests.attacks.walls import Attack, constraint, grant, policy, trigger

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
)
