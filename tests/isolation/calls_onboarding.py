"""Rightful calls: founding, applying, numbers, visits, reviews, the portal's door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from onboarding.visits import operations as branch_visits
from onboarding.visits import rules as booking
from tests.city import Person
from tests.firms import open_firm
from tests.flows import founding
from tests.isolation.callers import Call, Portal
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.calls_registrations import draft, known
from tests.isolation.lived import Lived, as_caller, newcomer, number, reviewed

reads(
    "GET /v1/applications", "GET /v1/applications/{application_id}",
    "GET /v1/applications/{application_id}/progress", "GET /v1/branches",
    "GET /v1/visits",
    "GET /v1/visits/{visit_id}",
)  # fmt: skip
reads("GET /v1/account-numbers/offers", pattern="66")
reads("GET /v1/account-numbers/holds")
SLOTS_ON = tuple(f"2026-09-{day:02d}" for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22))


@for_operation("GET /v1/branches/{code}/slots")
async def slots(firm: Lived) -> Call:
    operation = "GET /v1/branches/{code}/slots"
    return call(operation, firm.caller, {"code": "0001"}, query={"on": SLOTS_ON[0]})


# --- applying -----------------------------------------------------------------------------------


def _application(no: int) -> dict[str, Any]:
    return {
        "purpose": "日常经营结算",
        "licence": founding.licence(no) | {"name": draft(no)["name"]},
        "legal_representative": {
            "name": "赵小微", "id_number": founding.resident_id(no % 999 + 1, born="19770707"),
            "phone": f"132{no:08d}", "id_valid_until": "2035-01-01",
        },
    }  # fmt: skip


@for_operation("POST /v1/applications")
async def begin_application(firm: Lived) -> Call:
    person = await newcomer(firm.city)
    body = _application(number())
    return call("POST /v1/applications", as_caller(person), {}, body=body)


async def applied(firm: Lived, *, documents: bool = False, submit: bool = False) -> Any:
    """A newcomer with an application: the person, the application, what was said."""
    person = await newcomer(firm.city)
    body = await known(firm) if submit else _application(number())
    begun = await person.post("/v1/applications", body)
    assert begun.status_code == 201, begun.text
    found = begun.json()
    person.business_id = found["business_id"]
    path = f"/v1/applications/{found['id']}"
    for kind in found["missing_documents"] if documents or submit else ():
        document = {"kind": kind, "file_id": await founding.upload(person)}
        assert (await person.post(f"{path}/documents", document)).status_code == 201
    if submit:
        sent = await person.post(f"{path}/submit")
        assert sent.status_code == 200, sent.text
    return person, (await person.get(path)).json(), body


@for_operation("PUT /v1/applications/{application_id}")
async def edit_application(firm: Lived) -> Call:
    person, found, body = await applied(firm)
    return call(
        "PUT /v1/applications/{application_id}", as_caller(person),
        {"application_id": found["id"]}, body={"version": found["version"], "application": body},
    )  # fmt: skip


@for_operation("POST /v1/applications/{application_id}/documents")
async def attach(firm: Lived) -> Call:
    person, found, _ = await applied(firm)
    return call(
        "POST /v1/applications/{application_id}/documents", as_caller(person),
        {"application_id": found["id"]},
        body={"kind": "address_proof", "file_id": await founding.upload(person)},
    )  # fmt: skip


@for_operation("POST /v1/applications/{application_id}/submit")
async def submit_application(firm: Lived) -> Call:
    person, found, _ = await applied(firm, documents=True)
    operation = "POST /v1/applications/{application_id}/submit"
    return call(operation, as_caller(person), {"application_id": found["id"]})


@for_operation("POST /v1/applications/{application_id}/cancel")
async def cancel_application(firm: Lived) -> Call:
    person, found, _ = await applied(firm)
    operation = "POST /v1/applications/{application_id}/cancel"
    return call(operation, as_caller(person), {"application_id": found["id"]})


@for_operation("DELETE /v1/account-numbers/holds/{number}")
async def let_go_of_number(firm: Lived) -> Call:
    person, _, _ = await applied(firm)
    offers = (await person.get("/v1/account-numbers/offers", pattern="9")).json()["items"]
    held = await person.post("/v1/account-numbers/holds", {"number": offers[0]["number"]})
    assert held.status_code == 201, held.text
    operation = "DELETE /v1/account-numbers/holds/{number}"
    return call(operation, as_caller(person), {"number": offers[0]["number"]})


@for_operation("POST /v1/account-numbers/holds")
async def hold(firm: Lived) -> Call:
    person, _, _ = await applied(firm)
    offers = (await person.get("/v1/account-numbers/offers", pattern="6")).json()["items"]
    body = {"number": offers[number() % len(offers)]["number"]}
    return call("POST /v1/account-numbers/holds", as_caller(person), {}, body=body)


# --- visits -------------------------------------------------------------------------------------


async def free_slot(firm: Lived) -> str:
    """A slot with room, another day each time."""
    for turn in range(len(SLOTS_ON)):
        on = SLOTS_ON[(number() + turn) % len(SLOTS_ON)]
        found = (await firm.read("/v1/branches/0001/slots", on=on))["items"]
        if open_ := [slot for slot in found if slot["free"] > 0]:
            return str(open_[-1]["id"])
    raise AssertionError("every slot is taken")


async def _bookable(firm: Lived) -> tuple[Person, dict[str, str]]:
    person, found, _ = await applied(firm, submit=True)
    return person, {"application_id": found["id"], "slot_id": await free_slot(firm)}


@for_operation("POST /v1/visits")
async def book(firm: Lived) -> Call:
    person, body = await _bookable(firm)
    return call("POST /v1/visits", as_caller(person), {}, body=body)


async def booked(firm: Lived) -> tuple[Person, dict[str, Any]]:
    """An appointment and whose it is."""
    person, body = await _bookable(firm)
    answer = await person.post("/v1/visits", body)
    assert answer.status_code == 201, answer.text
    return person, answer.json()


@for_operation("PUT /v1/visits/{visit_id}")
async def reschedule(firm: Lived) -> Call:
    person, visit = await booked(firm)
    body = {"version": visit["version"], "slot_id": await free_slot(firm)}
    return call(
        "PUT /v1/visits/{visit_id}", as_caller(person), {"visit_id": visit["id"]}, body=body
    )


@for_operation("POST /v1/visits/{visit_id}/cancel")
async def cancel_visit(firm: Lived) -> Call:
    person, visit = await booked(firm)
    operation = "POST /v1/visits/{visit_id}/cancel"
    return call(operation, as_caller(person), {"visit_id": visit["id"]})


async def _approved_visit(firm: Lived) -> dict[str, Any]:
    person, visit = await booked(firm)
    await firm.city.idle()
    await reviewed(firm.town, visit["application_id"])
    return dict((await person.get(f"/v1/visits/{visit['id']}")).json())


@for_operation("POST /desk/v1/visits/{visit_id}/check-in")
async def check_in(firm: Lived) -> Call:
    visit = await _approved_visit(firm)
    operation = "POST /desk/v1/visits/{visit_id}/check-in"
    return call(operation, firm.town.desk["teller.chen"], {"visit_id": visit["id"]})


async def _arrived(firm: Lived) -> dict[str, Any]:
    visit = await _approved_visit(firm)
    teller = Person(firm.city, "", firm.town.desk["teller.chen"].token)
    path = f"/desk/v1/visits/{visit['id']}"
    return dict((await teller.post(f"{path}/check-in")).json())


@for_operation("GET /desk/v1/visits/{visit_id}")
async def read_case(firm: Lived) -> Call:
    operation = "GET /desk/v1/visits/{visit_id}"
    return call(operation, firm.town.desk["teller.chen"], {"visit_id": firm.ids["visit_id"]})


@for_operation("POST /desk/v1/visits/{visit_id}/leave")
async def leave(firm: Lived) -> Call:
    visit = await _arrived(firm)
    operation = "POST /desk/v1/visits/{visit_id}/leave"
    return call(operation, firm.town.desk["teller.chen"], {"visit_id": visit["id"]})


@for_operation("POST /desk/v1/visits/next")
async def call_next(firm: Lived) -> Call:
    await _arrived(firm)
    teller = Person(firm.city, "", firm.town.desk["teller.chen"].token)
    while True:  # whom the case before has called
        said = await teller.post("/desk/v1/visits/next?branch=0001", {"window": 1})
        if said.status_code != 409 or "visit_id" not in said.json():
            break
        await teller.post(f"/desk/v1/visits/{said.json()['visit_id']}/leave")
    if said.status_code == 200:
        await teller.post(f"/desk/v1/visits/{said.json()['visit']['id']}/leave")
        await _arrived(firm)
    return call(
        "POST /desk/v1/visits/next", firm.town.desk["teller.chen"], {}, body={"window": 2},
        query={"branch": "0001"},
    )  # fmt: skip


@for_operation("POST /desk/v1/visits/check-in")
async def present_code(firm: Lived) -> Call:
    visit = await _approved_visit(firm)
    async with firm.city.ctx.begin() as work:
        text = booking.code_text(UUID(visit["id"]), visit["version"], 4_000_000_000)
        body = {"code": f"{text}.{branch_visits.signature(work, text)}"}
    return call(
        "POST /desk/v1/visits/check-in", firm.town.desk["teller.chen"], {}, body=body
    )  # fmt: skip


BRING_TO_TODAY = """
with visit as (select branch, starts_at from onboarding.visits where business_id = $1 and id = $2),
gone as (update onboarding.slots s set taken = taken - 1 from visit v
         where s.branch = v.branch and s.starts_at = v.starts_at),
here as (insert into onboarding.slots (branch, starts_at, capacity, taken)
         select branch, $3, 1, 1 from visit)
update onboarding.visits set starts_at = $3 where business_id = $1 and id = $2
"""


@for_operation("GET /v1/visits/{visit_id}/check-in-code")
async def show_code(firm: Lived) -> Call:
    person, visit = await booked(firm)
    assert person.business_id is not None
    business_id = UUID(person.business_id)
    async with firm.city.ctx.begin(business_id) as work:
        await work.connection.execute(
            BRING_TO_TODAY, business_id, UUID(visit["id"]), work.now + timedelta(seconds=1)
        )
    return call(
        "GET /v1/visits/{visit_id}/check-in-code", as_caller(person), {"visit_id": visit["id"]}
    )


# --- what comes with the account ------------------------------------------------------------------

reads(
    "GET /v1/applications/{application_id}/products", "GET /v1/applications/{application_id}/course"
)


@for_operation("PUT /v1/applications/{application_id}/products")
async def choose_products(firm: Lived) -> Call:
    person, found, _ = await applied(firm)
    return call(
        "PUT /v1/applications/{application_id}/products", as_caller(person),
        {"application_id": found["id"]}, body={"kinds": ["receipts", "settlement_card"]},
    )  # fmt: skip


@for_operation("GET /desk/v1/products")
async def undone_products(firm: Lived) -> Call:
    return call(
        "GET /desk/v1/products", firm.town.desk["teller.chen"], {}, query={"branch": "0001"}
    )


@for_operation("POST /desk/v1/products/{product_id}/issue")
async def issue_product(firm: Lived) -> Call:
    visit = await _arrived(firm)
    teller = Person(firm.city, "", firm.town.desk["teller.chen"].token)
    path = f"/desk/v1/visits/{visit['id']}"
    await teller.post(f"{path}/complete", founding.confirming(visit))
    await firm.city.idle()
    products = (await teller.get(path)).json()["products"]
    token = next(one for one in products if one["kind"] == "online_bank")
    return call(
        "POST /desk/v1/products/{product_id}/issue", firm.town.desk["teller.chen"],
        {"product_id": token["id"]}, body={"reference": "TK-0001"},
    )  # fmt: skip


@for_operation("POST /desk/v1/visits/{visit_id}/complete")
async def complete(firm: Lived) -> Call:
    visit = await _approved_visit(firm)
    teller = firm.town.desk["teller.chen"]
    path = f"/desk/v1/visits/{visit['id']}/check-in"
    arrived = (await Person(firm.city, "", teller.token).post(path)).json()
    body = founding.confirming(arrived)
    operation = "POST /desk/v1/visits/{visit_id}/complete"
    return call(operation, teller, {"visit_id": visit["id"]}, body=body)


# --- reviews ------------------------------------------------------------------------------------


async def _queued(firm: Lived) -> dict[str, Any]:
    """A case in the reviewers' queue."""
    _, found, _ = await applied(firm, submit=True)
    await firm.city.idle()
    reviewer = Person(firm.city, "", firm.town.desk["reviewer.li"].token)
    lines = (await reviewer.get("/desk/v1/reviews", limit=200)).json()["items"]
    return dict(next(row for row in lines if row["application_id"] == found["id"]))


async def _on_review(firm: Lived, operation: str, *, claimed: bool, **more: Any) -> Call:
    line, who = await _queued(firm), firm.town.desk["reviewer.li"]
    if claimed:
        reviewer = Person(firm.city, "", who.token)
        answer = await reviewer.post(f"/desk/v1/reviews/{line['id']}/claim")
        assert answer.status_code == 200, answer.text
    if "body" in more:
        more["body"] = more["body"] | {"version": line["version"]}
    return call(operation, who, {"review_id": line["id"]}, **more)


@for_operation("GET /desk/v1/reviews/{review_id}")
async def read_review(firm: Lived) -> Call:
    return await _on_review(firm, "GET /desk/v1/reviews/{review_id}", claimed=False)


@for_operation("POST /desk/v1/reviews/{review_id}/claim")
async def claim(firm: Lived) -> Call:
    return await _on_review(firm, "POST /desk/v1/reviews/{review_id}/claim", claimed=False)


@for_operation("POST /desk/v1/reviews/{review_id}/release")
async def release(firm: Lived) -> Call:
    return await _on_review(firm, "POST /desk/v1/reviews/{review_id}/release", claimed=True)


@for_operation("POST /desk/v1/reviews/{review_id}/decide")
async def decide(firm: Lived) -> Call:
    operation = "POST /desk/v1/reviews/{review_id}/decide"
    return await _on_review(firm, operation, claimed=True, body={"decision": "approve"})


@for_operation("POST /desk/v1/reviews/interests")
async def declare(firm: Lived) -> Call:
    no = number()
    uscc = founding.licence(no)["uscc"]
    body = {"uscc": uscc, "reason": "亲属"}
    who = firm.town.desk["reviewer.li"]
    return call("POST /desk/v1/reviews/interests", who, {}, body=body)


@for_operation("POST /desk/v1/accounts/{account_id}/state")
async def set_state(firm: Lived) -> Call:
    other = await open_firm(firm.city, name="上海停用科技有限公司")
    version = (await other.account())["version"]
    body = {"state": "stop_payment", "by": "bank", "reason": "公文 1 号", "version": version}
    return call(
        "POST /desk/v1/accounts/{account_id}/state", firm.town.desk["operator.wu"],
        {"account_id": other.account_id}, body=body,
    )  # fmt: skip


# --- the portal ---------------------------------------------------------------------------------


@for_operation("GET /portal/v1/me")
async def portal_me(firm: Lived) -> Call:
    return call("GET /portal/v1/me", firm.town.portal, {})


@for_operation("PUT /portal/v1/keys")
async def replace_keys(firm: Lived) -> Call:
    """The key that a portal of its own has, once more."""
    jwk = firm.town.portal.jwk
    key = {name: jwk[name] for name in ("kty", "crv", "x", "kid")}
    new = {"name": f"政务平台{number()}", "keys": [key], "scopes": ["applications"]}
    operator = Person(firm.city, "", firm.town.desk["operator.wu"].token)
    made = (await operator.post("/desk/v1/clients", new)).json()
    portal = await Portal(firm.city, made["client_id"], jwk).sign_in()
    return call("PUT /portal/v1/keys", portal, {}, body={"keys": [key]})


@for_operation("POST /oauth2/token")
async def client_token(firm: Lived) -> Call:
    portal = firm.town.portal
    return call("POST /oauth2/token", firm.town.nobody, {}, form=portal.assertion())
