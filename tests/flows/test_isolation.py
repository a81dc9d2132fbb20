"""Another firm's object answers exactly like one that does not exist, at every door with an id."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app import database
from tests.isolation.callers import Call, Caller, Portal, Signed
from tests.isolation.calls import CALLS
from tests.isolation.calls_people import new_staff, on_the_desk
from tests.isolation.lived import Town, as_caller
from tests.isolation.places import OPEN, places
from tests.isolation.probes import (
    DOCUMENT,
    GHOST,
    OPERATIONS,
    WITH_ID,
    Probed,
    compare,
    lists,
    of,
    others,
    shown,
)
from tests.isolation.town import open_town, rows_of

ALONE = "XIAOWEI_WITHOUT_TENANT" in os.environ
pytestmark = pytest.mark.timeout(600)

# Rightful, but refused in this town's state; still not what an object that is not there gets.
REFUSED: dict[str, str] = {
    "POST /v1/payroll/runs/{run_id}/pay": "the run was paid when it was approved",
}


# Without conditions only at the owner's door: the desk sees every firm, and a portal all its own
# applications.
NAMES = [name for name in WITH_ID if name in CALLS and (not ALONE or " /v1/" in name)]


@pytest.fixture(scope="module")
async def town(
    servers: Any, template: str, ports: tuple[int, int], sandbox: str
) -> AsyncIterator[Town]:
    assert template
    async with open_town(servers, ports[0], sandbox) as opened:
        yield opened


@pytest.fixture(scope="module")
async def look(town: Town) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.connect(town.city.settings)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def calls(town: Town) -> dict[str, Call]:
    """What the first firm may rightly do, ready to be done."""
    found = {name: await CALLS[name](town.firms[0]) for name in NAMES}
    await town.city.idle()
    return found


@pytest.fixture(scope="module")
async def theirs(town: Town) -> dict[str, Call]:
    """The other firm's own right calls, where a body or a query names objects."""
    return {name: await CALLS[name](town.firms[1]) for name in NAMES if of(name, "query", "body")}


def test_every_operation_has_a_rightful_call_and_every_opening_a_place():
    missing = sorted(set(OPERATIONS) - set(CALLS))
    assert not missing, f"tests/isolation/calls_*.py know no rightful call of {missing}"
    assert not set(CALLS) - set(OPERATIONS), "calls of operations that are gone"
    known = {
        title
        for operation in OPERATIONS.values()
        for place in places(operation, DOCUMENT)
        for title in (place.title, f"{place.where} {place.name.split('.')[-1]}")
    }
    assert not set(OPEN) - known, f"nothing stands at {set(OPEN) - known}"


async def test_another_firms_objects_do_not_exist(town, calls, theirs, look):
    first = town.firms[0].ids["business_id"]
    before = await rows_of(look, first)
    probed = await others(town, calls, theirs)
    after = await rows_of(look, first)
    probed.wrong += [f"{table} changed" for table in before if before[table] != after[table]]
    assert not probed.wrong, probed.report
    assert probed.tried > 100 and len([t for t in before.values() if t[0] != "0"]) > 50


async def test_an_employee_reaches_nothing_of_the_own_firm_by_its_id(town, calls):
    employee, probed = as_caller(town.firms[0].employee), Probed()
    for name, right in calls.items():
        if right.template.startswith("/v1/"):
            await compare(probed, employee, right, right, of(name, "path"))
    assert not probed.wrong, probed.report


async def test_the_wrong_door_says_the_same_of_everything(town, calls):
    """Nobody, a person at the desk, staff at the owner's door, a portal anywhere else: 401."""
    wrong = []
    at_home: dict[str, list[Caller]] = {
        "v1": [town.firms[1].caller], "desk": [*town.desk.values()], "portal": [town.portal],
    }  # fmt: skip
    for right in calls.values():
        door = right.template.split("/")[1]
        if door not in at_home:
            continue
        strangers = [one for name, some in at_home.items() if name != door for one in some]
        for stranger in [town.nobody, *strangers]:
            answer = await right.send(stranger)
            if answer.status_code != 401:
                wrong.append(f"{right.template}: {answer.status_code} {answer.text[:100]}")
    assert not wrong, "\n".join(wrong)


async def test_staff_of_another_role_or_branch_see_no_difference(town, calls):
    """Whose role is wrong is told so before the object is looked for; a teller of another branch
    gets the answer of a visit that is not there."""
    probed = Probed()
    far = await on_the_desk(town, await new_staff(town, branch="0002"))
    for name, right in calls.items():
        if not right.template.startswith("/desk/v1/") or not of(name, "path"):
            continue
        for who in town.desk.values():
            if (await of(name, "path")[0].put(right, GHOST).send(who)).status_code == 403:
                await compare(probed, who, right, right, of(name, "path"))
        if "/visits/" in name:
            await compare(probed, far, right, right, of(name, "path"))
        if "/files/" in name:
            second = town.firms[1].ids
            for part in of(name, "path"):
                mixed = part.put(right, second[part.name])
                none = await part.put(right, GHOST).send()
                assert shown(await mixed.send(), second[part.name]) == shown(none, GHOST)
    assert not probed.wrong, probed.report
    assert probed.tried > 20


async def test_another_portals_applications_do_not_exist(town, calls):
    key = dict(town.portal.jwk) | {"kid": "other-1"}
    shown_key = {name: key[name] for name in ("kty", "crv", "x", "kid")}
    operator = town.desk["operator.wu"]
    scopes = ["applications", "batches", "callbacks"]
    new = {"name": "另一平台", "keys": [shown_key], "scopes": scopes}
    made = await Call(method="POST", template="/desk/v1/clients", who=operator, body=new).send()
    other = await Portal(town.city, made.json()["client_id"], key).sign_in()
    probed = Probed()
    for name, right in calls.items():
        if right.template.startswith("/portal/v1/"):
            await compare(probed, other, right, right, of(name, "path"))
            if name == "POST /portal/v1/applications":
                mixed = copy.copy(right)
                mixed.body = right.body | {"client_reference": "OTHER-1"}
                await compare(probed, other, mixed, right, of(name, "body"))
    assert not probed.wrong, probed.report
    assert probed.tried == 17


async def test_another_businesss_header_is_no_business(town):
    first, second = town.firms
    answers = []
    for business_id in (first.ids["business_id"], GHOST):
        stranger = Signed(town.city, second.owner.token, business_id)
        answer = await Call(method="GET", template="/v1/business", who=stranger).send()
        answers.append(shown(answer, business_id))
    assert answers[0] == answers[1] and answers[0][0] == 404


async def test_no_list_shows_anything_of_another_firm(town):
    probed = await lists(town)
    assert not probed.wrong, probed.report
    assert probed.tried > 50


async def test_the_rightful_caller_is_answered_otherwise(town):
    """So that the tests above can fail: each call works for whose it is, and differs from none."""
    wrong = []
    for name in WITH_ID:
        right = await CALLS[name](town.firms[0])
        answer = await right.send()
        if answer.status_code >= 300 and name not in REFUSED:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        for place in of(name, "path"):
            none = await place.put(right, GHOST).send()
            if shown(none, GHOST) == shown(answer, place.get(right)):
                wrong.append(f"{name}: as if it were not there: {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(ALONE, reason="this is that run")
def test_row_level_security_alone_holds():
    """The same once more in a process whose queries know no tenant condition."""
    module = Path(__file__).with_name("without_conditions.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", str(module)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
        env=os.environ | {"XIAOWEI_WITHOUT_TENANT": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:]
    assert re.search(r"\b\d+ passed", done.stdout), done.stdout[-2000:]


__all__ = ["calls", "look", "theirs", "town"]
