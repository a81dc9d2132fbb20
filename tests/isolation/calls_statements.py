"""Rightful calls: receipts, exports, closed months, balance letters."""

from __future__ import annotations

from datetime import UTC, date, datetime

from accounts.confirmations import operations as confirmations
from app.actor import SYSTEM
from app.work import Work
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.lived import Lived

reads("GET /v1/accounts/{account_id}/months")
reads("GET /v1/accounts/{account_id}/intraday-report")


async def _line(firm: Lived) -> dict[str, object]:
    """What names the account's first line."""
    path = f"/v1/accounts/{firm.account_id}/postings"
    line = (await firm.read(path, limit=1))["items"][0]
    return {"booked_on": line["booked_on"], "seq": line["seq"]}


@for_operation("GET /v1/accounts/{account_id}/notice")
async def read_notice(firm: Lived) -> Call:
    operation = "GET /v1/accounts/{account_id}/notice"
    return call(operation, firm.caller, firm.ids, query=await _line(firm))


@for_operation("POST /v1/accounts/{account_id}/receipts")
async def print_receipt(firm: Lived) -> Call:
    operation = "POST /v1/accounts/{account_id}/receipts"
    return call(operation, firm.caller, firm.ids, body=await _line(firm))


async def _receipt(firm: Lived) -> dict[str, str]:
    """A receipt that has been drawn."""
    if "drawn_receipt_id" not in firm.ids:
        path = f"/v1/accounts/{firm.account_id}/receipts"
        made = await firm.make(path, await _line(firm))
        await firm.city.idle()
        firm.ids["drawn_receipt_id"], firm.ids["receipt_code"] = made["id"], made["code"]
    return {"receipt_id": firm.ids["drawn_receipt_id"], "code": firm.ids["receipt_code"]}


@for_operation("GET /v1/receipts/{receipt_id}")
async def read_receipt(firm: Lived) -> Call:
    return call("GET /v1/receipts/{receipt_id}", firm.caller, await _receipt(firm))


@for_operation("GET /v1/receipts/{receipt_id}/pdf")
async def fetch_receipt(firm: Lived) -> Call:
    return call("GET /v1/receipts/{receipt_id}/pdf", firm.caller, await _receipt(firm))


@for_operation("GET /receipts/{code}")
async def check_receipt(firm: Lived) -> Call:
    return call("GET /receipts/{code}", firm.town.nobody, await _receipt(firm))


@for_operation("GET /v1/payments/{payment_id}/receipt")
async def read_payment_receipt(firm: Lived) -> Call:
    await firm.make(f"/v1/payments/{firm.ids['payment_id']}/receipt")
    await firm.city.idle()
    return call("GET /v1/payments/{payment_id}/receipt", firm.caller, firm.ids)


@for_operation("GET /v1/credits/{credit_id}/receipt")
async def read_credit_receipt(firm: Lived) -> Call:
    await firm.make(f"/v1/credits/{firm.ids['credit_id']}/receipt")
    await firm.city.idle()
    return call("GET /v1/credits/{credit_id}/receipt", firm.caller, firm.ids)


@for_operation("POST /v1/accounts/{account_id}/exports")
async def ask_for_export(firm: Lived) -> Call:
    body = {"form": "csv", "from_on": "2026-01-01", "until_on": "2026-01-02"}
    operation = "POST /v1/accounts/{account_id}/exports"
    return call(operation, firm.caller, firm.ids, body=body)


async def _export(firm: Lived) -> dict[str, str]:
    """An export that has been made."""
    if "export_id" not in firm.ids:
        made = await firm.make(f"/v1/accounts/{firm.account_id}/exports", {"form": "csv"})
        await firm.city.idle()
        firm.ids["export_id"] = made["id"]
    return firm.ids


@for_operation("GET /v1/exports")
async def list_exports(firm: Lived) -> Call:
    query = {"account_id": firm.account_id}
    return call("GET /v1/exports", firm.caller, await _export(firm), query=query)


@for_operation("GET /v1/exports/{export_id}")
async def read_export(firm: Lived) -> Call:
    return call("GET /v1/exports/{export_id}", firm.caller, await _export(firm))


@for_operation("GET /v1/exports/{export_id}/events")
async def follow_export(firm: Lived) -> Call:
    return call("GET /v1/exports/{export_id}/events", firm.caller, await _export(firm))


@for_operation("GET /v1/exports/{export_id}/file")
async def fetch_export(firm: Lived) -> Call:
    return call("GET /v1/exports/{export_id}/file", firm.caller, await _export(firm))


async def _letter(firm: Lived) -> dict[str, str]:
    """A letter nobody has answered: besides the quarters' those of the other months that passed;
    an answered one when all are."""
    waiting = (await firm.read("/v1/balance-letters", state="open", limit=1))["items"]
    if not waiting:
        closed = (await firm.read(f"/v1/accounts/{firm.account_id}/months"))[::-1]
        asked = int(firm.ids.get("letters_asked", "0"))
        firm.ids["letters_asked"] = str(asked + 1)
        month_on = date.fromisoformat(closed[asked % len(closed)]["month_on"])
        ctx = firm.city.ctx
        async with ctx.nightly() as connection:
            work = Work(connection, actor=SYSTEM, now=datetime.now(UTC), settings=ctx.settings,
                        vault=ctx.vault)  # fmt: skip
            await confirmations.make_month(work, month_on=month_on, letters=True)
        waiting = (await firm.read("/v1/balance-letters", state="open", limit=1))["items"]
    found = waiting or (await firm.read("/v1/balance-letters", limit=1))["items"]
    return {"letter_id": found[0]["id"]}


@for_operation("GET /v1/balance-letters")
async def list_letters(firm: Lived) -> Call:
    return call("GET /v1/balance-letters", firm.caller, {}, query={"state": "open"})


@for_operation("GET /v1/balance-letters/{letter_id}")
async def read_letter(firm: Lived) -> Call:
    return call("GET /v1/balance-letters/{letter_id}", firm.caller, await _letter(firm))


@for_operation("POST /v1/balance-letters/{letter_id}/agree")
async def agree(firm: Lived) -> Call:
    ids = await _letter(firm)
    operation = "POST /v1/balance-letters/{letter_id}/agree"
    return call(operation, firm.caller, ids, body={"version": 1})


@for_operation("POST /v1/balance-letters/{letter_id}/object")
async def object_to(firm: Lived) -> Call:
    ids = await _letter(firm)
    seen = await firm.read(f"/v1/balance-letters/{ids['letter_id']}")
    body = {
        "version": seen["version"], "stated_fen": seen["balance_fen"] + 1,
        "differences": [{"amount_fen": 1, "memo": "未达账项"}],
    }  # fmt: skip
    return call("POST /v1/balance-letters/{letter_id}/object", firm.caller, ids, body=body)
