"""The nouns of tables in files: cells as they were typed, the bounds, and why a file is refused."""

from typing import Literal

from msgspec import Struct

from app.errors import Refusal

Form = Literal["csv", "xlsx"]
# What a cell holds: text; a number or a day, which a spreadsheet may have changed; a formula,
# which is never worked out.
Kind = Literal["text", "number", "formula", "other"]


class Cell(Struct, frozen=True, kw_only=True):
    """One cell, as text, and what the file says it is."""

    text: str
    kind: Kind = "text"


class Line(Struct, frozen=True, kw_only=True):
    """One line of the file by its number there, counted from 1."""

    no: int
    cells: list[Cell]


class Bounds(Struct, frozen=True, kw_only=True):
    """The bank's policy: what a file may hold at most."""

    rows: int
    columns: int
    bytes: int
    cell_characters: int
    unpacked_bytes: int
    unpacked_ratio: int


class Sheet(Struct, frozen=True, kw_only=True):
    """A table to be written: a header and rows of texts; `numbers` are the columns of amounts."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: frozenset[int] = frozenset()


class NotATable(Refusal):
    """This file is no table that can be read."""

    zh = "该文件不是可读取的表格"


class TableTooLarge(Refusal):
    """The table is larger than what is taken at once."""

    zh = "表格超过允许的大小"
