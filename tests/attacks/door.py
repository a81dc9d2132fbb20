"""Attacks through the ledger's own functions."""

from tests.attacks.walls import NOTHING, Attack, constraint, post, trigger, without

DEPOSIT, CAPITAL, THEIRS = "'{deposit}'", "'{capital}'", "'{theirs}'"
P, ACC = "ledger.postings", "ledger.accounts"

ATTACKS = (
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
)
