"""`verify` finds each way in which onboarding could contradict itself: planted and undone."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app.queries import parse
from tests.city import City
from tests.flows import founding

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "accounts/numbers", "onboarding/registrations", "onboarding/applications",
    "onboarding/filings", "onboarding/upgrades", "onboarding/signatures", "onboarding/joins",
    "onboarding/checks", "onboarding/reviews", "onboarding/visits",
    "onboarding/products", "onboarding/counters",
)  # fmt: skip
PLANTED = {
    "a number at another account": (
        "update accounts.account_numbers set account_id = business_id where state = 'taken'",
        {"taken_number_without_account", "active_without_account"},
    ),
    "two numbers at one account": (
        ("update accounts.account_numbers set state = 'taken',"
        " account_id = (select account_id from accounts.account_numbers where state = 'taken')"
        " where state = 'reserved'"),
        {"one_account_two_numbers", "open_without_its_number"},
    ),
    "another code than the bank knows": (
        "update onboarding.registrations set uscc = '91330100799655058B'",
        {"registered_firm_unknown_to_the_bank"},
    ),
    "a licence part undone": (
        "update onboarding.registration_parts set state = 'asked' where part = 'licence'",
        {"registered_without_licence_part"},
    ),
    "a reference lost": (
        "delete from onboarding.firm_references",
        {"submitted_without_reference"},
    ),
    "a name that lapses": (
        "update onboarding.declared_names set reserved_until = date '2026-01-01'",
        {"live_form_without_its_name"},
    ),
    "a signature that was touched": (
        "update onboarding.signatures set face_score_ppm = 1 where no = 1",
        {"broken_chain_of_signatures"},
    ),
    "a signature under another text": (
        "update onboarding.signatures set sha256 = sha256('other'::bytea) where no = 1",
        {"broken_chain_of_signatures", "signature_of_another_text"},
    ),
    "somebody who has not signed": (
        "update onboarding.signatures set state = 'asked' where no = 2",
        {"form_sent_unsigned"},
    ),
    "nobody behind the firm": (
        "delete from onboarding.beneficial_owners",
        {"firm_sent_without_its_owners"},
    ),
    "a draft without its version": (
        ("update onboarding.registrations set state = 'draft', version = version + 7,"
        " uscc = null, licence_number = null, registered_on = null"),
        {"draft_without_its_version"},
    ),
    "a firm that let itself in": (
        ("insert into onboarding.joins (business_id, id, uscc, state, private, asked_by,"
        " asked_at, ended_at) select business_id, business_id, '91330100799655058B', 'joined',"
        " private, id, now(), now() from onboarding.registrations limit 1"),
        {"joined_unsigned", "joined_under_another_code"},
    ),
    "a number kept for the dead": (
        ("update onboarding.applications set state = 'cancelled', ended_at = now()"
        " where state = 'reviewing'"),
        {"number_kept_for_the_dead", "timeline_says_otherwise"},
    ),
    "a number given away": (
        ("update accounts.account_numbers set state = 'free', application_id = null"
        " where state = 'reserved'"),
        {"open_without_its_number"},
    ),
    "a basic account under another code": (
        "update onboarding.basic_accounts set uscc = '91330100799655058B'",
        {"basic_account_of_nobody"},
    ),
    "an account the outside refused": (
        ("update onboarding.applications set filing_number = null,"
        " filing_refused_code = 'basic_account_exists' where state = 'active'"),
        {"filing_refused", "filed_without_answer"},
    ),
    "evidence gone": (
        "delete from onboarding.checks where kind = 'face'",
        {"reviewed_without_evidence"},
    ),
    "approved behind the reviewers": (
        "update onboarding.applications set state = 'approved' where state = 'reviewing'",
        {
            "review_and_application_disagree", "timeline_says_otherwise",
            "let_through_against_the_policy",
        },
    ),
    "one reviewer instead of two": (
        ("delete from core.approval_decisions where principal = ("
        "select principal from core.approval_decisions limit 1)"),
        {"approved_by_too_few"},
    ),
    "a clock that stands for nothing": (
        ("update onboarding.reviews set waiting_since = now(), minutes_left = 5"
        " where state = 'open'"),
        {"waiting_without_a_question"},
    ),
    "a reviewer of their own firm": (
        ("insert into onboarding.staff_interests (staff_id, uscc, reason, declared_at)"
        " select approved_by[1], uscc, 'own', opened_at - interval '1 day'"
        " from onboarding.reviews where state = 'approved'"),
        {"decided_by_somebody_too_near"},
    ),
    "late and nobody told": (
        "update onboarding.reviews set escalated_at = now() where state = 'open'",
        {"late_and_told_twice_or_never"},
    ),
    "a ceiling that nobody lifted": (
        ("with opened as (update onboarding.applications set opening = 'simplified'"
        " where state = 'active' returning business_id)"
        " insert into accounts.firm_ceilings (business_id, single_fen, daily_fen, reason,"
        " set_at, lifted_at) select business_id, 1, 1, 'simplified_opening', now(), now()"
        " from opened"),
        {"lifted_without_an_upgrade"},
    ),
    "a slot with too few": (
        "update onboarding.slots set taken = 0",
        {"slot_count_wrong"},
    ),
    "a slot gone": (
        "delete from onboarding.slots",
        {"visit_without_slot"},
    ),
    "nobody was there": (
        "update onboarding.visits set state = 'booked' where state = 'completed'",
        {"active_without_visit"},
    ),
    "left out when the account opened": (
        ("update onboarding.products set state = 'asked', acts = null, due_at = null"
        " where kind = 'online_bank'"),
        {"left_out_when_the_account_opened"},
    ),
    "taken home without an account": (
        ("update onboarding.applications set state = 'cancelled', account_id = null"
        " where state = 'active'"),
        {"handed_over_without_an_account"},
    ),
    "a number given twice": (
        ("update onboarding.visits set queue_number = 'A001', checked_in_at = ("
        "select checked_in_at from onboarding.visits where queue_number = 'A001')"
        " where state = 'booked'"),
        {"queue_number_given_twice"},
    ),
    "the branch's day forgotten": (
        "delete from onboarding.branch_days",
        {"number_beyond_the_last"},
    ),
    "one teller at two windows": (
        ("update onboarding.visits set state = 'serving', queue_number = 'A000',"
        " queue_at = now(), called_at = now(), called_by = (select completed_by from"
        " onboarding.visits where completed_by is not null)"),
        {"one_teller_two_customers"},
    ),
}  # fmt: skip


def rules() -> dict[str, str]:
    return {
        query.name: query.text
        for room in ROOMS
        for query in parse(ROOT / room / "verify.sql").values()
    }


async def findings(db: asyncpg.Connection) -> set[str]:
    return {name for name, text in rules().items() if await db.fetch(text)}


@pytest.fixture
async def lived(city: City) -> City:
    """One firm with its account, one that waits for its reviewers."""
    desk = await founding.staff(city)
    for phone, name in (
        (founding.PHONE, "上海示例科技有限公司"),
        ("13900000002", "上海等候科技有限公司"),
    ):
        owner = await city.sign_in(phone)
        await founding.found(city, owner, name=name)
        application = await founding.apply(owner)
        slot = {"application_id": application["id"], "slot_id": await founding.first_slot(owner)}
        visit = (await owner.post("/v1/visits", slot)).json()
        await city.idle()
        if phone == founding.PHONE:
            for reviewer in ("reviewer.li", "reviewer.zhou"):
                decided = await founding.review(desk[reviewer], application["id"])
                assert decided.status_code == 200, decided.text
            assert (await founding.complete(desk["teller.chen"], visit["id"])).status_code == 200
            await city.idle()
    return city


async def test_every_planted_fault_is_named(lived: City, db: asyncpg.Connection):
    assert await findings(db) == set()
    named: set[str] = set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        # The guards that would refuse the planting are walls of their own, tried elsewhere.
        await db.execute("set local session_replication_role = replica")
        changed = await db.execute(sql)
        assert not changed.endswith(" 0"), f"{what}: nothing was planted"
        found = await findings(db)
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"
        named |= expected
    assert await findings(db) == set()
    assert named == set(rules()), f"never planted: {set(rules()) - named}"
