"""The code tables that identifiers are checked against, read once from the package's data."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import msgspec


class Authority(msgspec.Struct, frozen=True):
    """A registration authority of GB 32100 and the kinds of body it registers."""

    authority: str
    categories: dict[str, str]


def text(name: str) -> str:
    """One data file as text."""
    return files("app.reference").joinpath("data", name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one CSV data file."""
    return list(csv.DictReader(text(name).splitlines()))


@cache
def areas() -> dict[str, str]:
    """GB/T 2260: division code -> name; Taiwan, Hong Kong and Macao are not in the file."""
    named = {row["code6"]: row["name"] for row in rows("areas_gb2260_2023.csv")}
    return named | {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}


@cache
def authorities() -> dict[str, Authority]:
    """GB 32100-2015 with amendment 1: first character -> authority and its categories."""
    raw = msgspec.json.decode(text("uscc_authority_category.json"))
    return {k: msgspec.convert(v, Authority) for k, v in raw.items() if not k.startswith("_")}


@cache
def cnaps_areas() -> dict[str, str]:
    """Area code of the payment system -> city."""
    return {row["cnaps_area_code"]: row["city"] for row in rows("cnaps_area_codes.csv")}


@cache
def bank_classes() -> dict[str, str]:
    """Bank class (first three digits of a bank code) -> name of the bank, as far as known."""
    return {
        row["bank_class_3"]: row["bank"].split(" ")[-1] for row in rows("cnaps_head_offices.csv")
    }
