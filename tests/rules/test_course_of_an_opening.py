"""Whoever looks sees what is done, who acts next and by when, and never two things at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.applications.model import Turn
from onboarding.inquiries.model import Inquiry
from onboarding.products.model import Product
from onboarding.timelines import rules
from onboarding.timelines.model import Facts
from onboarding.visits.model import Visit

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
ID = UUID(int=1)
WAY = ("draft", "submitted", "reviewing", "approved", "active")


def turns(*states: str) -> list[Turn]:
    return [
        Turn(state=state, acted="system", codes=[], at=NOW + timedelta(minutes=at))
        for at, state in enumerate(states)
    ]


def visit(state: str) -> Visit:
    done = NOW if state == "completed" else None
    return Visit(
        id=ID, application_id=ID, branch="0001", starts_at=NOW + timedelta(days=1), state=state,
        version=1, ticket="ABCDEF", comes="agent", bring=[], queue=None, window=None,
        booked_at=NOW, checked_in_at=None, called_at=None, completed_at=done, missed_at=None,
    )  # fmt: skip


def facts(state: str, *way: str, **more) -> Facts:
    given_ = {
        "application_id": ID, "state": state, "due_at": NOW + timedelta(hours=1), "codes": [],
        "turns": turns(*(way or WAY[: WAY.index(state) + 1])), "missing": [], "inquiries": [],
        "visit": None, "products": [], "filing_number": None,
    }  # fmt: skip
    return Facts(**(given_ | more))


def states(found) -> list[str]:
    return [step.state for step in found.steps]


def test_a_draft_says_what_is_missing_and_then_to_submit():
    found = rules.course(facts("draft", missing=["licence"]), now=NOW)
    assert [one.code for one in found.to_do] == ["attach_document"]
    assert found.next.acts == "applicant" and "营业执照" in found.next.text
    assert [one.code for one in rules.course(facts("draft"), now=NOW).to_do] == ["submit"]
    assert states(found) == ["now"] + ["ahead"] * 6


def test_what_a_reviewer_asks_for_is_the_applicants_turn():
    asked = Inquiry(
        id=ID, review_id=ID, application_id=ID, kind="address_proof", reason="租约已到期",
        state="open", asked_at=NOW, due_at=NOW + timedelta(days=3), file_id=None, ended_at=None,
    )  # fmt: skip
    found = rules.course(facts("reviewing", inquiries=[asked]), now=NOW)
    assert found.next.acts == "applicant" and found.next.due_at == asked.due_at
    assert found.to_do[0].path == f"/v1/inquiries/{ID}/answer"
    assert rules.course(facts("reviewing"), now=NOW).next.acts == "reviewer"


@pytest.mark.parametrize(
    ("booked", "acts", "can"),
    [
        (None, "applicant", "book_visit"),
        ("missed", "applicant", "book_visit"),
        ("booked", "applicant", "come_to_branch"),
        ("checked_in", "branch", None),
        ("completed", "system", None),
    ],
)
def test_after_approval_the_visit_says_who_acts(booked, acts, can):
    known = None if booked is None else visit(booked)
    found = rules.course(facts("approved", visit=known), now=NOW)
    assert found.next.acts == acts
    assert [one.code for one in found.to_do] == ([can] if can else [])
    assert (found.expected_at is not None) is (booked in ("booked", "checked_in"))


def test_a_clean_case_skips_the_reviewers_and_is_done_when_all_is_handed_over():
    def product(state: str) -> Product:
        waits = state == "preparing"
        return Product(
            id=ID, application_id=ID, kind="online_bank", branch="0001", state=state,
            acts="branch" if waits else None, due_at=NOW if waits else None, reference=None,
            issued_at=None if waits else NOW,
        )  # fmt: skip

    way = ("draft", "submitted", "approved", "active")
    end = {"visit": visit("completed"), "filing_number": "J1", "due_at": None}
    waiting = rules.course(
        facts("active", *way, products=[product("preparing")], **end), now=NOW
    )  # fmt: skip
    assert states(waiting) == ["done", "done", "skipped", "done", "done", "done", "now"]
    assert waiting.next.acts == "branch"
    done = rules.course(facts("active", *way, products=[product("issued")], **end), now=NOW)
    assert set(states(done)) == {"done", "skipped"} and done.next.acts is None


@given(
    st.sampled_from(["draft", "submitted", "reviewing", "returned", "approved"]),
    st.sampled_from([None, "booked", "checked_in", "serving", "completed", "cancelled", "missed"]),
    st.integers(-5, 5),
)
def test_in_every_open_state_somebody_acts_and_one_step_is_now(state, booked, hours):
    way = WAY[: WAY.index(state) + 1] if state in WAY else (*WAY[:3], "returned")
    due_at = NOW + timedelta(hours=hours)
    known = None if booked is None else visit(booked)
    found = rules.course(facts(state, *way, due_at=due_at, visit=known), now=NOW)
    assert found.next.acts is not None and found.next.text
    assert states(found).count("now") == 1
    assert found.next.late is (found.next.due_at is not None and found.next.due_at < NOW)


@pytest.mark.parametrize("state", ["refused", "referred", "cancelled"])
def test_an_end_is_nobodys_turn(state):
    found = rules.course(facts(state, "draft", "submitted", state, due_at=None), now=NOW)
    assert found.next.acts is None and found.to_do == []
    assert "now" not in states(found) and "ahead" not in states(found)
