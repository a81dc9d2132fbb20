"""Many applications at once: a result per row, the refused ones sent again alone, none twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import asyncpg

from tests.city import City
from tests.flows import founding
from tests.flows.handing_over import PATH, firm, signed_in, told

BATCHES = "/portal/v1/batches"


async def test_partial_success_and_only_the_refused_again(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal, told(portal, ["batch.finished"]) as inbox:
        rows = [await firm(city, n) for n in range(31, 37)]
        early = await portal.post(PATH, rows[5])
        bad_uscc = rows[1]["licence"] | {"uscc": "91330100799655058C"}
        spoilt = [
            rows[0],
            rows[1] | {"licence": bad_uscc},
            {"client_reference": "GOV-000033", "purpose": 7},
            rows[3] | {"documents": [{"kind": "licence", "document_id": early.json()["id"]}]},
            rows[4],
            rows[5],
        ]
        new = {"batch_reference": "B-1", "applications": spoilt}
        sent = await portal.post(BATCHES, new)
        assert sent.status_code == 202, sent.text
        assert (await portal.post(BATCHES, new)).json()["batch_id"] == sent.json()["id"]
        await city.idle()
        path = f"{BATCHES}/{sent.json()['id']}"
        seen = (await portal.get(path)).json()
        counts = {name: seen[name] for name in ("waiting", "taken", "known", "refused")}
        assert counts == {"waiting": 0, "taken": 2, "known": 1, "refused": 3}
        assert seen["state"] == "finished"
        listed = await portal.everything(f"{path}/rows", limit=2)
        assert [one["state"] for one in listed] == [
            "taken", "refused", "refused", "refused", "taken", "known",
        ]  # fmt: skip
        types = [one["problem"]["type"].rpartition(":")[2] for one in listed[1:4]]
        assert types == ["identifier-invalid", "bad-body", "paper-not-found"]
        assert listed[5]["application_id"] == early.json()["id"]
        assert founding.resident_id(132) not in str(listed)
        refused = (await portal.get(f"{path}/rows", state="refused")).json()["items"]
        assert [one["row_no"] for one in refused] == [2, 3, 4]

        first = {"rows": [{"row_no": 1, "application": rows[0]}]}
        assert (await portal.post(f"{path}/rows", first)).json()["type"].endswith("row-not-refused")
        again = {"rows": [{"row_no": n + 1, "application": rows[n]} for n in (1, 2)]}
        assert (await portal.post(f"{path}/rows", again)).status_code == 202
        await city.idle()
        seen = (await portal.get(path)).json()
        assert (seen["taken"], seen["refused"], seen["round"]) == (4, 1, 2)
        assert (await portal.post(f"{path}/rows", {})).status_code == 202
        await city.idle()
        assert [one["data"]["round"] for one in inbox.heard.values()] == [1, 2, 3]
        assert await db.fetchval("select count(*) from onboarding.handovers") == 5
        left = "select count(*) from onboarding.handover_rows where content_sealed is not null"
        assert await db.fetchval(left) == 1


async def test_a_batch_survives_the_worker_and_copies_of_itself(city: City, db: asyncpg.Connection):
    """Two workers at once, and a run that stops half-way: each row once."""
    from onboarding.batches import jobs

    async with signed_in(city) as portal:
        rows = [await firm(city, n) for n in range(41, 53)]
        new = {"batch_reference": "B-2", "applications": rows}
        answers = await asyncio.gather(*(portal.post(BATCHES, new) for _ in range(4)))
        assert Counter(one.status_code for one in answers) == {202: 1, 409: 3}
        batch_id = next(one for one in answers if one.status_code == 202).json()["id"]
        whose = {"client_id": UUID(portal.client_id), "batch_id": UUID(batch_id)}
        await asyncio.gather(*(jobs.work_through(city.ctx, **whose) for _ in range(3)))
        await city.idle()
        seen = (await portal.get(f"{BATCHES}/{batch_id}")).json()
        assert (seen["state"], seen["taken"]) == ("finished", 12)
        assert await db.fetchval("select count(*) from onboarding.handovers") == 12
        listed = await portal.everything(PATH, limit=5)
        assert len({one["client_reference"] for one in listed}) == 12
