"""Files of many payments for flows: written, handed in, followed to their end."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any
from uuid import uuid4

from tests.city import Person
from tests.firms import OUR_BANK, SUPPLIER, Firm

TITLES = ("收款人户名", "收款人账号", "收款行行号", "金额(元)", "款项类型", "附言", "业务编号")
Row = tuple[str, ...]


def to_firm(other: Firm, yuan: str, memo: str = "货款", reference: str = "") -> Row:
    """A row to another firm of this bank."""
    return (other.name, other.number, OUR_BANK, yuan, "货款", memo, reference)


def to_supplier(yuan: str, memo: str = "货款", reference: str = "") -> Row:
    """A row to the supplier at the other bank."""
    return (SUPPLIER["name"], SUPPLIER["account_number"], SUPPLIER["bank_code"], yuan, "货款",
            memo, reference)  # fmt: skip


def as_csv(rows: list[Row], titles: Row = TITLES, encoding: str = "utf-8-sig") -> bytes:
    """The rows as a spreadsheet saves them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(titles)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


async def hand_in(person: Person, content: bytes, name: str = "付款.csv") -> Any:
    """The file as kind `batch`."""
    return await person.city.api.post(
        "/v1/files",
        headers=person.headers(str(uuid4())),
        data={"kind": "batch"},
        files={"file": (name, content)},
    )


async def made(firm: Firm, content: bytes, *, mode: str = "continue", **more: Any) -> Any:
    """A batch whose rows have been checked: its preview."""
    file = await hand_in(firm.owner, content)
    assert file.status_code == 201, file.text
    body = {"account_id": firm.account_id, "file_id": file.json()["id"], "mode": mode} | more
    answer = await firm.owner.post("/v1/batches", body)
    assert answer.status_code == 202, answer.text
    await firm.city.idle()
    return await seen(firm, answer.json()["id"])


async def seen(firm: Firm, batch_id: str) -> Any:
    """The preview of a batch."""
    answer = await firm.owner.get(f"/v1/batches/{batch_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(person: Person, preview: Any, verb: str, **more: Any) -> Any:
    """Submit, approve and the like, in the version seen."""
    batch = preview["batch"]
    body: dict[str, Any] = {"version": batch["version"]}
    if verb in ("submit", "approve"):
        body["content_hash"] = batch["content_hash"]
    return await person.post(f"/v1/batches/{batch['id']}/{verb}", body | more)


async def ended(firm: Firm, batch_id: str) -> Any:
    """The batch once nothing of it is open any more."""
    async with asyncio.timeout(60):
        while True:
            await firm.city.idle()
            found = await seen(firm, batch_id)
            if found["batch"]["state"] in ("finished", "failed", "cancelled", "rejected", "paused"):
                return found
            await asyncio.sleep(0.3)


async def rows_of(firm: Firm, batch_id: str, **query: Any) -> list[Any]:
    """The rows of a batch."""
    answer = await firm.owner.get(f"/v1/batches/{batch_id}/rows", limit=200, **query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


def outcomes(preview: Any) -> dict[str, int]:
    """How many rows came to what."""
    return {tally["outcome"]: tally["rows"] for tally in preview["outcomes"]}
