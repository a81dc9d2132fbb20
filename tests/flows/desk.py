"""The desk in flow tests: a person who may set states, and orders of authorities."""

from __future__ import annotations

from typing import Any

import httpx

from tests.city import City, Person
from tests.firms import Firm
from tests.flows.founding import staff


async def at_the_desk(city: City) -> Person:
    """One of the bank's staff who works on accounts."""
    for person in (await staff(city)).values():
        me = (await person.get("/desk/v1/me")).json()
        if me["role"] in ("operator", "supervisor"):
            return person
    raise AssertionError("nobody at the desk may set states")


async def put(
    desk: Person, firm: Firm, state: str, by: str = "bank", **more: Any
) -> httpx.Response:
    """Restrict the firm's account, or lift that."""
    version = (await firm.account())["version"]
    body = {"state": state, "by": by, "reason": "公文 1 号", "version": version} | more
    return await desk.post(f"/desk/v1/accounts/{firm.account_id}/state", body)


async def freeze(desk: Person, firm: Firm, authority: str = "court", **more: Any) -> dict[str, Any]:
    """An authority's order on the firm's account."""
    body = {"authority": authority, "order_number": "(2025)沪0115执1号"} | more
    answer = await desk.post(f"/desk/v1/accounts/{firm.account_id}/freezes", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def on_freeze(desk: Person, made: dict[str, Any], verb: str, **more: Any) -> httpx.Response:
    """Renew, lift or deduct under an order as it stands now."""
    seen = (await desk.get(f"/desk/v1/freezes/{made['id']}")).json()["freeze"]
    body = {"order_number": "(2025)沪0115执1号之一", "version": seen["version"]} | more
    return await desk.post(f"/desk/v1/freezes/{made['id']}/{verb}", body)


async def close(firm: Firm, desk: Person, account_id: str | None = None, **more: Any) -> Any:
    """The owner asks for the closing, the desk closes; the desk's answer."""
    path = f"/v1/accounts/{account_id or firm.account_id}/closing"
    asked = await firm.owner.post(path, {"reason": "撤销"} | more)
    assert asked.status_code == 201, asked.text
    made = asked.json()
    return await desk.post(f"/desk/v1/closings/{made['id']}/close", {"version": made["version"]})
