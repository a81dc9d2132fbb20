"""Rightful calls of the reviewers: their own matters, documents asked for, assignments, figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.city import Person
from tests.flows import founding
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.calls_onboarding import applied
from tests.isolation.calls_people import desk
from tests.isolation.lived import Lived, as_caller, number

QUEUE = "/desk/v1/reviews"
ONE = QUEUE + "/{review_id}"
desk(f"GET {QUEUE}/interests", "reviewer.li")
desk(f"GET {QUEUE}/statistics", "reviewer.li")
desk(f"GET {QUEUE}/escalations", "reviewer.li")
desk("GET /desk/v1/reviewers", "reviewer.li")
desk("GET /desk/v1/relatives", "reviewer.li")
desk("GET /desk/v1/absences", "reviewer.li")
reads("GET /v1/inquiries")


async def _held(firm: Lived) -> tuple[Person, Person, dict[str, Any]]:
    """A firm's owner, a reviewer, and the case that the reviewer holds."""
    owner, found, _ = await applied(firm, submit=True)
    await firm.city.idle()
    reviewer = Person(firm.city, "", firm.town.desk["reviewer.li"].token)
    lines = (await reviewer.get(QUEUE, limit=200)).json()["items"]
    line = next(row for row in lines if row["application_id"] == found["id"])
    answer = await reviewer.post(f"{QUEUE}/{line['id']}/claim")
    assert answer.status_code == 200, answer.text
    return owner, reviewer, line


async def _on_held(firm: Lived, operation: str, **more: Any) -> Call:
    _, reviewer, line = await _held(firm)
    return call(operation, as_caller(reviewer), {"review_id": line["id"]}, **more)


@for_operation(f"POST {ONE}/reveal")
async def reveal(firm: Lived) -> Call:
    body = {"field": "phone", "why": "call_applicant"}
    return await _on_held(firm, f"POST {ONE}/reveal", body=body)


ASKED = {"kind": "address_proof", "reason": "请补充租赁合同"}


@for_operation(f"POST {ONE}/inquiries")
async def ask_for_document(firm: Lived) -> Call:
    return await _on_held(firm, f"POST {ONE}/inquiries", body=ASKED)


@for_operation(f"GET {ONE}/inquiries")
async def list_asked(firm: Lived) -> Call:
    return await _on_held(firm, f"GET {ONE}/inquiries")


async def _asked(firm: Lived) -> tuple[Person, Person, dict[str, Any]]:
    owner, reviewer, line = await _held(firm)
    asked = await reviewer.post(f"{QUEUE}/{line['id']}/inquiries", ASKED)
    assert asked.status_code == 201, asked.text
    return owner, reviewer, asked.json()


@for_operation(f"POST {ONE}/inquiries/withdraw")
async def withdraw(firm: Lived) -> Call:
    _, reviewer, asked = await _asked(firm)
    ids = {"review_id": asked["review_id"]}
    return call(f"POST {ONE}/inquiries/withdraw", as_caller(reviewer), ids)


@for_operation("POST /v1/inquiries/{inquiry_id}/answer")
async def answer(firm: Lived) -> Call:
    owner, _, asked = await _asked(firm)
    return call(
        "POST /v1/inquiries/{inquiry_id}/answer", as_caller(owner), {"inquiry_id": asked["id"]},
        body={"file_id": await founding.upload(owner)},
    )  # fmt: skip


@for_operation(f"POST {QUEUE}/assign")
async def assign(firm: Lived) -> Call:
    _, reviewer, line = await _held(firm)
    me = (await reviewer.get("/desk/v1/me")).json()["staff_id"]
    body = {"review_ids": [line["id"]], "staff_id": me}
    return call(f"POST {QUEUE}/assign", firm.town.desk["supervisor.wang"], {}, body=body)


@for_operation("POST /desk/v1/relatives")
async def declare_relative(firm: Lived) -> Call:
    body = {"id_number": founding.resident_id(number() % 999 + 1, born="19550505"),
            "relation": "parent"}  # fmt: skip
    return call("POST /desk/v1/relatives", firm.town.desk["reviewer.li"], {}, body=body)


def _away() -> dict[str, str]:
    """Years ahead: nobody of this town is missed."""
    begin = datetime(2031, 1, 1, tzinfo=UTC) + timedelta(days=number() % 300)
    return {"from_at": begin.isoformat(), "until_at": (begin + timedelta(days=2)).isoformat()}


@for_operation("POST /desk/v1/absences")
async def declare_absence(firm: Lived) -> Call:
    return call("POST /desk/v1/absences", firm.town.desk["reviewer.li"], {}, body=_away())


@for_operation("POST /desk/v1/absences/{absence_id}/end")
async def end_absence(firm: Lived) -> Call:
    who = firm.town.desk["reviewer.li"]
    made = await Person(firm.city, "", who.token).post("/desk/v1/absences", _away())
    assert made.status_code == 201, made.text
    operation = "POST /desk/v1/absences/{absence_id}/end"
    return call(operation, who, {"absence_id": made.json()["id"]})
