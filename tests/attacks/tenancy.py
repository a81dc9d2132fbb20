"""Attacks on whose rows one sees and writes: firms, approvals, audit, clock."""

from tests.attacks.walls import CHECKER, Attack, grant, policy, post, trigger, without

DEPOSIT, CAPITAL, THEIRS = "'{deposit}'", "'{capital}'", "'{theirs}'"
P, ACC = "ledger.postings", "ledger.accounts"

ATTACKS = (
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
