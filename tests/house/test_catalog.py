"""The catalog obeys the rules that let the schema be spread over machines one day."""

from __future__ import annotations

import asyncpg
import pytest

# Indexes of firm tables that business_id does not lead, each with its reason.
NOT_LED: dict[str, str] = {
    "escrows_by_clock": "the clock looks at what is due in all firms, through a function",
    "escrows_in_dispute": "the desk's queue runs over all firms; read by the bank's role only",
    "reservations_by_term": "the clock ends what lapsed in all firms, through a function",
    "approvals_that_end": "the clock ends what waited too long in all firms, through a function",
    "screening_hits_open": "the desk's queue runs over all firms; read by the bank's role only",
    "reviews_in_risk_order": "the desk's queue runs over all firms; read by the bank's role only",
    "reviews_of_a_branch": "the desk's queue runs over all firms; the bank's role only",
    "reviews_by_term": "the desk's queue runs over all firms; the bank's role only",
    "reviews_of_a_branch_by_term": "the desk's queue runs over all firms; the bank's role only",
    "reviews_claimed": "the desk's queue runs over all firms; the bank's role only",
    "reviews_assigned": "the desk's queue runs over all firms; the bank's role only",
    "reviews_of_a_code": "the desk's queue runs over all firms; the bank's role only",
    "reviews_decided": "the desk's queue runs over all firms; the bank's role only",
    "escalations_by_moment": "the desk's queue runs over all firms; the bank's role only",
    "reviews_to_escalate": "the clock looks at what is due in all firms, through a function",
    "inquiries_by_term": "the clock looks at what is due in all firms, through a function",
    "verdicts_by_moment": "a rule's figures are counted over all firms; read at the desk only",
    "payment_reviews_by_urgency": "the desk's queue runs over all firms; the bank's role only",
    "large_reports_by_term": "the desk's list runs over all firms; read by the bank's role only",
    "cases_by_age": "the desk's list runs over all firms; read by the bank's role only",
    "applications_by_term": "the clock ends what lapsed in all firms, through a function",
    "day_closes_of_a_date": "the bank's figures of a date run over all firms; its roles only",
    "freezes_by_term": "terms end in all firms by the clock, through a function",
    "suspense_items_of_all_firms": "the desk's queue runs over all firms; the bank's role only",
    "handovers_of_all_firms": "the desk's queue runs over all firms; the bank's role only",
    "upgrades_asked": "whose upgrade the desk decides next, over all firms",
    "filings_open": "what the desk has to file, over all firms",
    "handovers_of_a_reference": "whose a reference is, over all firms, through a function",
    "handovers_to_ask": "the clock looks at what is due in all firms, through a function",
    "closings_of_all_firms": "the desk's queue runs over all firms; read by the bank's role only",
    "uploads_by_term": "the clock ends what nobody went on with in all firms, through a function",
    "visits_in_the_queue": "a branch's queue runs over all firms; read by the bank's role only",
    "visits_that_are_due": "the clock looks at what is due in all firms, through a function",
    "products_undone": "what a branch has to hand over runs over all firms; the bank's role only",
    "visits_of_a_day": "a branch's day runs over all firms; read by the bank's role only",
}

TABLES = """
select c.oid::regclass::text as name, t.class, c.relrowsecurity as rls,
       c.relforcerowsecurity as forced,
       exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join core.table_class t on t.table_name = c.oid::regclass::text
where c.relkind in ('r', 'p') and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema', 'public', 'pg_toast')
"""
INDEXES = """
select c.relname as name, i.indrelid::regclass::text as table_name,
       (select a.attname from pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) as first
from pg_index i join pg_class c on c.oid = i.indexrelid
where not c.relispartition
"""
FOREIGN_KEYS = """
select k.conname as name, k.conrelid::regclass::text as source,
       k.confrelid::regclass::text as target,
       (select array_agg(a.attname::text order by o) from unnest(k.conkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n) as columns,
       (select array_agg(a.attname::text order by o) from unnest(k.confkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n) as target_columns
from pg_constraint k where k.contype = 'f' and k.conparentid = 0
"""
PARTITION_GRANTS = """
select c.relname from pg_class c, aclexplode(c.relacl) g
where c.relispartition and g.grantee <> c.relowner
"""
UNSAFE_FUNCTIONS = """
select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
  and not exists (select from unnest(p.proconfig) c where c like 'search\\_path=%pg_temp')
"""
OPEN_FUNCTIONS = """
select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
  and p.prorettype <> 'trigger'::regtype
  and (p.proacl is null or exists (select from aclexplode(p.proacl) g where g.grantee = 0))
"""


@pytest.fixture
async def classes(db: asyncpg.Connection) -> dict[str, str | None]:
    return {row["name"]: row["class"] for row in await db.fetch(TABLES)}


async def test_every_table_has_one_class_and_a_primary_key(db: asyncpg.Connection):
    for row in await db.fetch(TABLES):
        if row["name"] != "core.table_class":
            assert row["class"] is not None, f"{row['name']} is in no class"
            assert row["has_key"], f"{row['name']} has no primary key"


async def test_rows_of_firms_and_people_stand_behind_forced_row_level_security(
    db: asyncpg.Connection,
):
    for row in await db.fetch(TABLES):
        if row["class"] in ("firm", "person"):
            assert row["rls"] and row["forced"], f"{row['name']}: row level security is not forced"


async def test_business_id_leads_every_key_and_index_of_a_firms_table(
    db: asyncpg.Connection, classes: dict[str, str | None]
):
    for row in await db.fetch(INDEXES):
        if classes.get(row["table_name"]) == "firm" and row["name"] not in NOT_LED:
            assert row["first"] == "business_id", f"{row['name']} is not led by business_id"


async def test_no_foreign_key_leaves_the_firm(
    db: asyncpg.Connection, classes: dict[str, str | None]
):
    for row in await db.fetch(FOREIGN_KEYS):
        source, target = classes[row["source"]], classes[row["target"]]
        if target == "reference":
            continue
        assert source == target, f"{row['name']}: from {source} to {target}"
        if source == "firm":
            assert row["columns"][0] == row["target_columns"][0] == "business_id", row["name"]


async def test_nobody_holds_a_grant_on_a_partition(db: asyncpg.Connection):
    assert await db.fetch(PARTITION_GRANTS) == []


async def test_definer_functions_pin_their_search_path_and_are_not_for_everyone(
    db: asyncpg.Connection,
):
    assert [row[0] for row in await db.fetch(UNSAFE_FUNCTIONS)] == []
    assert [row[0] for row in await db.fetch(OPEN_FUNCTIONS)] == []
