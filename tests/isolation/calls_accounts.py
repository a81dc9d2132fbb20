"""Rightful calls: states, orders of authorities, sub-accounts, interest, fees, closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from accounts.suspense import operations as suspense
from app.ids import new_id
from tests.city import Person
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.lived import Lived, number

reads(
    "GET /v1/accounts/{account_id}/freezes", "GET /v1/accounts/{account_id}/interest",
    "GET /v1/closings", "GET /v1/fees", "GET /v1/suspense",
)  # fmt: skip
reads("GET /v1/fees/quote", amount_fen=100)

ORDER = "(2026)沪0115执1号"


def _desk(operation: str) -> None:
    """The desk looks at an account of the firm, or at its own queue."""

    async def build(firm: Lived) -> Call:
        return call(operation, firm.town.desk["operator.wu"], firm.ids)

    for_operation(operation)(build)


for _operation in (
    "GET /desk/v1/accounts/{account_id}", "GET /desk/v1/accounts/{account_id}/freezes",
    "GET /desk/v1/accounts/{account_id}/fee-terms", "GET /desk/v1/suspense",
    "GET /desk/v1/closings",
):  # fmt: skip
    _desk(_operation)


async def _sub(firm: Lived) -> dict[str, Any]:
    """A sub-account of the firm's, the same each time: a firm has 99 at most."""
    if "sub_account_id" not in firm.ids:
        path = f"/v1/accounts/{firm.account_id}/sub-accounts"
        firm.ids["sub_account_id"] = (await firm.make(path, {"label": "备付专户"}))["id"]
    found: dict[str, Any] = await firm.read(f"/v1/accounts/{firm.ids['sub_account_id']}")
    return found


@for_operation("POST /v1/accounts/{account_id}/sub-accounts")
async def open_sub_account(firm: Lived) -> Call:
    operation = "POST /v1/accounts/{account_id}/sub-accounts"
    body = {"label": f"专户{number()}"}
    return call(operation, firm.caller, firm.ids, body=body)


@for_operation("POST /v1/accounts/{account_id}/moves")
async def move_money(firm: Lived) -> Call:
    body = {"to_account_id": (await _sub(firm))["id"], "amount_fen": 1}
    return call("POST /v1/accounts/{account_id}/moves", firm.caller, firm.ids, body=body)


@for_operation("POST /v1/accounts/{account_id}/suspension")
async def suspend(firm: Lived) -> Call:
    """Of the sub-account, so that the firm goes on paying."""
    seen = await _sub(firm)
    body = {
        "suspended": seen["state"] == "active", "reason": "试", "version": seen["version"],
    }  # fmt: skip
    ids = {"account_id": seen["id"]}
    return call("POST /v1/accounts/{account_id}/suspension", firm.caller, ids, body=body)


# --- closing -------------------------------------------------------------------------------------


async def _empty(firm: Lived) -> str:
    """An account that nobody needs."""
    made = await firm.make(
        f"/v1/accounts/{firm.account_id}/sub-accounts", {"label": f"待销{number()}"}
    )
    found: str = made["id"]
    return found


async def _closing(firm: Lived) -> dict[str, Any]:
    made: dict[str, Any] = await firm.make(
        f"/v1/accounts/{await _empty(firm)}/closing", {"reason": "不再使用"}
    )
    return made


@for_operation("POST /v1/accounts/{account_id}/closing")
async def ask_to_close(firm: Lived) -> Call:
    body = {"reason": "不再使用", "rest_to_account_id": firm.account_id}
    ids = {"account_id": await _empty(firm)}
    return call("POST /v1/accounts/{account_id}/closing", firm.caller, ids, body=body)


@for_operation("GET /v1/closings/{closing_id}")
async def read_closing(firm: Lived) -> Call:
    ids = {"closing_id": (await _closing(firm))["id"]}
    return call("GET /v1/closings/{closing_id}", firm.caller, ids)


@for_operation("POST /v1/closings/{closing_id}/withdraw")
async def withdraw_closing(firm: Lived) -> Call:
    ids = {"closing_id": (await _closing(firm))["id"]}
    operation = "POST /v1/closings/{closing_id}/withdraw"
    return call(operation, firm.caller, ids, body={"version": 1})


async def _on_closing(firm: Lived, verb: str, **more: Any) -> Call:
    ids = {"closing_id": (await _closing(firm))["id"]}
    return call(
        f"POST /desk/v1/closings/{{closing_id}}/{verb}", firm.town.desk["operator.wu"], ids,
        body={"version": 1} | more,
    )  # fmt: skip


@for_operation("POST /desk/v1/closings/{closing_id}/settle")
async def settle_closing(firm: Lived) -> Call:
    return await _on_closing(firm, "settle")


@for_operation("POST /desk/v1/closings/{closing_id}/close")
async def close_account(firm: Lived) -> Call:
    return await _on_closing(firm, "close")


@for_operation("POST /desk/v1/closings/{closing_id}/refuse")
async def refuse_closing(firm: Lived) -> Call:
    return await _on_closing(firm, "refuse", reason="资料不全")


# --- orders of authorities -----------------------------------------------------------------------


def _order(**more: Any) -> dict[str, Any]:
    return {"authority": "court", "order_number": ORDER, "amount_fen": 1} | more


async def _seizable(firm: Lived) -> str:
    """A sub-account with some fen on it: an order on the main one would stop other cases."""
    if "seizable_id" not in firm.ids:
        path = f"/v1/accounts/{firm.account_id}"
        made = await firm.make(f"{path}/sub-accounts", {"label": "诉讼专户"})
        await firm.make(f"{path}/moves", {"to_account_id": made["id"], "amount_fen": 500})
        firm.ids["seizable_id"] = made["id"]
    return firm.ids["seizable_id"]


@for_operation("POST /desk/v1/accounts/{account_id}/freezes")
async def place_freeze(firm: Lived) -> Call:
    ids = {"account_id": await _seizable(firm)}
    operation = "POST /desk/v1/accounts/{account_id}/freezes"
    return call(operation, firm.town.desk["operator.wu"], ids, body=_order())


async def _on_freeze(firm: Lived, operation: str, **more: Any) -> Call:
    """A fen is frozen, and no earlier order stands before this one."""
    clerk = firm.town.desk["operator.wu"]
    desk, path = Person(firm.city, "", clerk.token), f"/desk/v1/accounts/{await _seizable(firm)}"
    for earlier in (await desk.get(f"{path}/freezes")).json():
        seen = {"order_number": ORDER, "version": earlier["version"]}
        await desk.post(f"/desk/v1/freezes/{earlier['id']}/lift", seen)
    answer = await desk.post(f"{path}/freezes", _order())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    body = {"order_number": ORDER, "version": made["version"]} | more if more else None
    return call(operation, clerk, {"freeze_id": made["id"]}, body=body)


@for_operation("GET /desk/v1/freezes/{freeze_id}")
async def read_freeze(firm: Lived) -> Call:
    return await _on_freeze(firm, "GET /desk/v1/freezes/{freeze_id}")


@for_operation("POST /desk/v1/freezes/{freeze_id}/renew")
async def renew_freeze(firm: Lived) -> Call:
    return await _on_freeze(firm, "POST /desk/v1/freezes/{freeze_id}/renew", until=None)


@for_operation("POST /desk/v1/freezes/{freeze_id}/lift")
async def lift_freeze(firm: Lived) -> Call:
    operation = "POST /desk/v1/freezes/{freeze_id}/lift"
    return await _on_freeze(firm, operation, order_number=ORDER)


@for_operation("POST /desk/v1/freezes/{freeze_id}/deduct")
async def deduct(firm: Lived) -> Call:
    return await _on_freeze(firm, "POST /desk/v1/freezes/{freeze_id}/deduct", amount_fen=1)


# --- fees and suspense ---------------------------------------------------------------------------


@for_operation("PUT /desk/v1/accounts/{account_id}/fee-terms")
async def set_fee_terms(firm: Lived) -> Call:
    clerk = firm.town.desk["operator.wu"]
    path = f"/desk/v1/accounts/{firm.account_id}/fee-terms"
    seen = (await Person(firm.city, "", clerk.token).get(path)).json()
    body = {"firm_size": "micro", "version": seen["version"]}
    return call("PUT /desk/v1/accounts/{account_id}/fee-terms", clerk, firm.ids, body=body)


@for_operation("POST /desk/v1/suspense/{item_id}/assign")
async def assign_item(firm: Lived) -> Call:
    """A fen that came back and could not be booked home."""
    async with firm.city.ctx.begin(firm.business_id) as work:
        legs = [
            Leg(account_id=await ledger.bank_side(work, kind="fee_income"), amount_fen=-1),
            Leg(account_id=UUID(firm.account_id), amount_fen=1),
        ]
        item_id = await suspense.park(
            work,
            entry=NewEntry(kind="fee_refund", business_key=str(new_id()), legs=legs),
            account_id=UUID(firm.account_id),
            source="fee_refund",
            reason="手续费退回",
        )
    body = {"to_account_id": firm.account_id, "version": 1}
    return call(
        "POST /desk/v1/suspense/{item_id}/assign", firm.town.desk["operator.wu"],
        {"item_id": str(item_id)}, body=body,
    )  # fmt: skip


# --- hand-overs of what an authority took --------------------------------------------------------

HANDOVER = "/desk/v1/suspense/{item_id}/handover"
AUTHORITY = {
    "payee_name": "上海市示例人民法院",
    "payee_bank_code": "103100000026",
    "payee_account": "6228480402564890018",
}
_desk("GET /desk/v1/handovers")


async def _deducted(firm: Lived) -> dict[str, str]:
    """An item of money that a court has taken just now."""
    taken = await _on_freeze(firm, "POST /desk/v1/freezes/{freeze_id}/deduct", amount_fen=1)
    desk = Person(firm.city, "", firm.town.desk["operator.wu"].token)
    answer = await desk.post(taken.template.format(**taken.path), taken.body)
    assert answer.status_code == 200, answer.text
    own = await firm.read("/v1/suspense")
    return {"item_id": next(one["id"] for one in own if one["source"] == "deduction")}


@for_operation(f"POST {HANDOVER}")
async def propose_handover(firm: Lived) -> Call:
    ids = await _deducted(firm)
    return call(f"POST {HANDOVER}", firm.town.desk["operator.wu"], ids, body=AUTHORITY)


@for_operation(f"POST {HANDOVER}/agree")
async def agree_to_handover(firm: Lived) -> Call:
    ids = await _deducted(firm)
    desk = Person(firm.city, "", firm.town.desk["operator.wu"].token)
    made = await desk.post(HANDOVER.format(**ids), AUTHORITY)
    assert made.status_code == 200, made.text
    body = {"version": made.json()["version"]}
    who = firm.town.desk["supervisor.wang"]
    return call(f"POST {HANDOVER}/agree", who, ids, body=body)
