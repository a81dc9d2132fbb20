"""Rightful calls: filings that were refused, and simplified accounts that are upgraded."""

from __future__ import annotations

from uuid import UUID

from onboarding.applications import operations as applications
from onboarding.filings import operations as filings
from tests.flows import founding
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation
from tests.isolation.lived import Lived

SIMPLIFIED = "update onboarding.applications set opening = 'simplified' where business_id = $1"
SETTLED = """
update onboarding.upgrades set state = 'refused', codes = '{outside_policy}', decided_at = now(),
  decided_by = coalesce(decided_by, id)
where business_id = $1 and state in ('asked', 'approved')
"""
UPGRADES = "/v1/applications/{application_id}/upgrades"


@for_operation("GET /desk/v1/filings")
async def list_filings(firm: Lived) -> Call:
    return call("GET /desk/v1/filings", firm.town.desk["operator.wu"], {})


@for_operation("POST /desk/v1/filings/{filing_id}/again")
async def file_again(firm: Lived) -> Call:
    """A change of the account that the outside did not take."""
    async with firm.city.ctx.begin(firm.business_id) as work:
        application = await applications.lock(work, application_id=UUID(firm.ids["application_id"]))
        filing_id = await filings.ask(work, application=application, bill="CHANGE")
        await filings.take_refusal(work, filing_id=filing_id, code="busy", reason="系统忙")
    return call(
        "POST /desk/v1/filings/{filing_id}/again", firm.town.desk["operator.wu"],
        {"filing_id": str(filing_id)}, body={"mended": "对方系统已恢复"},
    )  # fmt: skip


async def _simplified(firm: Lived) -> dict[str, object]:
    """The firm's account as if it had been opened by the simplified way; what it asks with."""
    async with firm.city.ctx.begin(firm.business_id) as work:
        await work.connection.execute(SIMPLIFIED, firm.business_id)
        await work.connection.execute(SETTLED, firm.business_id)
    return {
        "address_proof": await founding.upload(firm.owner), "purpose": "货款结算",
        "expected_monthly_fen": 50_000_000,
    }  # fmt: skip


@for_operation(f"POST {UPGRADES}")
async def ask_for_upgrade(firm: Lived) -> Call:
    return call(f"POST {UPGRADES}", firm.caller, firm.ids, body=await _simplified(firm))


@for_operation(f"GET {UPGRADES}")
async def list_upgrades(firm: Lived) -> Call:
    return call(f"GET {UPGRADES}", firm.caller, firm.ids)


@for_operation("GET /desk/v1/upgrades")
async def list_open_upgrades(firm: Lived) -> Call:
    return call("GET /desk/v1/upgrades", firm.town.desk["reviewer.li"], {})


@for_operation("POST /desk/v1/upgrades/{upgrade_id}/decide")
async def decide_upgrade(firm: Lived) -> Call:
    path = UPGRADES.format(application_id=firm.ids["application_id"])
    asked = await firm.make(path, await _simplified(firm))
    return call(
        "POST /desk/v1/upgrades/{upgrade_id}/decide", firm.town.desk["reviewer.li"],
        {"upgrade_id": asked["id"]}, body={"approve": False, "codes": ["document_unreadable"]},
    )  # fmt: skip
