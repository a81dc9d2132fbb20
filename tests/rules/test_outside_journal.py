"""The sandbox's journal: what was written comes back, and a torn last line does no harm."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.sandbox.store import Journal


async def written(path: Path, *records: dict[str, int]) -> None:
    journal = Journal(path)
    list(journal.replay())
    for record in records:
        journal.append(record)
    await journal.close()


def read(path: Path) -> list[dict[str, int]]:
    return list(Journal(path).replay())


async def test_records_come_back_in_order(tmp_path):
    path = tmp_path / "tax.jsonl"
    await written(path, {"n": 1}, {"n": 2})
    await written(path, {"n": 3})
    assert read(path) == [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize("torn", [b'{"n":', b'{"n":9}', b"\x00\x00"])
async def test_a_torn_last_line_is_cut_off_and_the_next_record_stands_alone(tmp_path, torn):
    path = tmp_path / "tax.jsonl"
    await written(path, {"n": 1})
    with path.open("ab") as file:
        file.write(torn)
    await written(path, {"n": 2})
    assert read(path) == [{"n": 1}, {"n": 2}]


async def test_one_flush_serves_all_who_wait(tmp_path):
    journal = Journal(tmp_path / "tax.jsonl")

    async def one(number: int) -> None:
        journal.append({"n": number})
        await journal.synced()
        assert number in {record["n"] for record in read(tmp_path / "tax.jsonl")}

    await asyncio.gather(*(one(number) for number in range(500)))
    await journal.close()
