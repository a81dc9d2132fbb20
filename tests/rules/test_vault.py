"""A sealed value opens only under its own key, place, row and owner, and never shows."""

import os
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import vault
from app.vault import BrokenSeal, DataKey, Vault

PLACE = "identity.people.name"


class Rows:
    """The two statements the vault asks of a Work, on a dictionary."""

    def __init__(self, settled: bool = True) -> None:
        self.keys: dict = {}
        self.settled = settled
        self.asked = 0

    async def maybe(self, shape, query, **params):
        self.asked += 1
        if query.name == "data_key":
            found = next((k for k in self.keys.values() if k["key_id"] == params["key_id"]), None)
        else:
            found = self.keys.get(params["scope"])
        return DataKey(settled=self.settled, **found) if found else None

    async def one(self, shape, query, **params):
        row = await self.maybe(shape, query, **params)
        assert row is not None
        return row

    async def run(self, query, **params):
        self.keys.setdefault(params["scope"], params)
        return 1


@pytest.fixture
def masters():
    return (os.urandom(32),)


@settings(max_examples=50)
@given(value=st.text(max_size=200))
async def test_a_value_comes_back_and_never_shows(value):
    box, rows, owner, row_id = Vault((b"k" * 32,)), Rows(), uuid4(), uuid4()
    sealed = await box.seal(rows, value, scope=owner, place=PLACE, row_id=row_id)
    assert await box.open(rows, sealed, scope=owner, place=PLACE, row_id=row_id) == value
    if len(value) > 3:
        assert value.encode() not in sealed


async def test_another_place_row_owner_or_bit_does_not_open(masters):
    box, rows, owner, row_id = Vault(masters), Rows(), uuid4(), uuid4()
    sealed = await box.seal(rows, "王小微", scope=owner, place=PLACE, row_id=row_id)
    wrong = [
        {"place": "identity.people.phone"},
        {"row_id": uuid4()},
        {"scope": uuid4()},
    ]
    for change in wrong:
        right = {"scope": owner, "place": PLACE, "row_id": row_id}
        with pytest.raises(BrokenSeal):
            await box.open(rows, sealed, **(right | change))
    for at in range(0, len(sealed), 7):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(BrokenSeal):
            await box.open(rows, broken, scope=owner, place=PLACE, row_id=row_id)
    for short in (b"", sealed[:1], sealed[:20], sealed[:-1]):
        with pytest.raises(BrokenSeal):
            await box.open(rows, short, scope=owner, place=PLACE, row_id=row_id)


async def test_equal_values_do_not_look_equal(masters):
    box, rows, owner, row_id = Vault(masters), Rows(), uuid4(), uuid4()
    a = await box.seal(rows, "同一个值", scope=owner, place=PLACE, row_id=row_id)
    b = await box.seal(rows, "同一个值", scope=owner, place=PLACE, row_id=row_id)
    assert a != b


async def test_another_master_opens_nothing_and_a_rotated_one_everything(masters):
    rows, owner, row_id = Rows(), uuid4(), uuid4()
    here = {"scope": owner, "place": PLACE, "row_id": row_id}
    sealed = await Vault(masters).seal(rows, "110105", **here)
    with pytest.raises(BrokenSeal):
        await Vault((os.urandom(32),)).open(rows, sealed, **here)
    rotated = Vault((os.urandom(32), *masters))
    assert await rotated.open(rows, sealed, **here) == "110105"
    assert rotated.blind_index("phone", "1") == Vault(masters).blind_index("phone", "1")


async def test_a_key_is_remembered_only_when_its_maker_has_ended(masters):
    young, old = Rows(settled=False), Rows(settled=True)
    for rows, asks in ((young, 6), (old, 2)):
        box, owner = Vault(masters), uuid4()
        for _ in range(5):
            await box.seal(rows, "x", scope=owner, place=PLACE, row_id=uuid4())
        assert rows.asked == asks
    # a maker that rolled back: the key is gone, and the next seal does not use it
    box, owner, row_id = Vault(masters), uuid4(), uuid4()
    await box.seal(young, "x", scope=owner, place=PLACE, row_id=row_id)
    del young.keys[owner]
    sealed = await box.seal(young, "y", scope=owner, place=PLACE, row_id=row_id)
    fresh = Vault(masters)
    assert await fresh.open(young, sealed, scope=owner, place=PLACE, row_id=row_id) == "y"


def test_blind_indexes_of_two_kinds_do_not_meet(masters):
    box = Vault(masters)
    assert box.blind_index("phone", "13812345678") == box.blind_index("phone", "13812345678")
    assert box.blind_index("phone", "13812345678") != box.blind_index("payee", "13812345678")
    assert len(box.blind_index("phone", "")) == 32


def test_masters_are_read_strictly():
    key = "ab" * 32
    assert vault.parse_masters(key) == (b"\xab" * 32,)
    assert len(vault.parse_masters(f"{key}, {key}")) == 2
    for bad in ("", "short", "ab" * 16, "xy" * 32, key + ","):
        with pytest.raises(ValueError):
            vault.parse_masters(bad)


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (vault.mask_phone, "13812341234", "138****1234"),
        (vault.mask_phone, "12345", "*****"),
        (vault.mask_resident_id, "11010519491231002X", "110***********002X"),
        (vault.mask_resident_id, "1101", "****"),
        (vault.mask_card, "6222026910738572274", "622202*********2274"),
        (vault.mask_card, "622202", "****"),
        (vault.mask_name, "王小微", "王**"),
        (vault.mask_name, "王", "王*"),
        (vault.mask_name, "", ""),
        (vault.mask_name, "阿不都热依木·买买提", "阿***"),
    ],
)
def test_masks_show_no_more_than_the_standard_allows(mask, value, shown):
    assert mask(value) == shown
