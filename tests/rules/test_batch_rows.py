"""What a row of a file must hold; tables are read without running anything in them."""

from __future__ import annotations

import io
import random
import zipfile

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.batch_checks import rules
from accounts.batches.rules import FIELDS, TITLES, plain_yuan
from accounts.spreadsheets import rules as tables
from accounts.spreadsheets.model import Bounds, Cell, Line, NotATable, Sheet, TableTooLarge
from accounts.spreadsheets.operations import _workbook, _workbook_lines

BOUNDS = Bounds(
    rows=100, columns=20, bytes=1_000_000, cell_characters=300, unpacked_bytes=5_000_000,
    unpacked_ratio=100,
)  # fmt: skip
# Without a repetition that would make it small when packed; the declaration lies across a chunk.
NOISE = random.Random(1).randbytes(65_530).replace(b"\x00", b"a")
GOOD = ("苏州示例材料有限公司", "6228480402564890018", "103100000026", "1.00", "货款", "", "")


def read(*rows: tuple[str, ...]):
    sheet = Sheet(title="x", header=TITLES, rows=list(rows))
    return rules.rows(tables.lines_of_csv(tables.as_csv(sheet), BOUNDS))


@given(st.integers(1, 10**15))
def test_every_amount_comes_back_as_it_was_written(fen: int):
    assert rules.amount(plain_yuan(fen)) == (fen, "")


@given(st.text(max_size=12))
def test_no_text_is_taken_for_an_amount_that_is_not_one(text: str):
    fen, code = rules.amount(text)
    assert (fen is None) == bool(code)
    if fen is not None:
        assert text.isascii() and fen > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1234.5", (123_450, "")), ("1,234.50", (123_450, "")), ("1200.0", (120_000, "")),
        ("0.01", (1, "")), ("0", (None, "amount_zero")), ("１２", (None, "full_width")),
        ("1e3", (None, "amount")), ("-5", (None, "amount")), ("1.234", (None, "amount")),
        ("12,34", (None, "amount")), ("NaN", (None, "amount")), ("1_000", (None, "amount")),
        ("0x10", (None, "amount")), ("٣", (None, "amount")), ("007", (None, "amount")),
        ("9999999999999.99", (999_999_999_999_999, "")), ("9999999999999999", (None, "amount")),
    ],
)  # fmt: skip
def test_amounts(text: str, told: tuple[int | None, str]):
    assert rules.amount(text) == told


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        (0, "", "missing"), (0, "甲", "name_short"), (1, "12345678", "account"),
        (1, "６２２８４８", "full_width"), (2, "103100000027", "bank_code"),
        (3, "=1+1", "formula"), (4, "贿赂", "purpose"), (5, "长" * 141, "too_long"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_to_do(column: int, text: str, code: str):
    cells = list(GOOD)
    cells[column] = text
    (row,) = rules.rows(
        [
            Line(no=1, cells=[Cell(text=title) for title in TITLES]),
            Line(no=7, cells=[tables.csv_cell(text) for text in cells]),
        ]
    )
    (problem,) = row.problems
    assert (row.line_no, problem.code, problem.field) == (7, code, FIELDS[column])
    assert problem.next_step and problem.english and row.raw


def test_the_same_payment_twice_in_a_file_is_warned_about():
    first, second, third = read(GOOD, GOOD, (*GOOD[:3], "2.00", *GOOD[4:]))
    assert (first.warnings, third.warnings) == ([], [])
    assert second.warnings[0].code == "twice_in_file" and not second.problems


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
                min_size=1, max_size=5))  # fmt: skip
def test_what_is_written_opens_as_text_and_reads_as_it_was(texts: list[str]):
    for text in texts:
        assert not tables.harmless(text).startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_a_workbook_keeps_numbers_apart_from_texts_and_works_nothing_out():
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(TITLES))
    page.append(["苏州示例材料有限公司", 6228480402564890018, "103100000026", "=1+1", "货款"])
    page.append(["苏州示例材料有限公司", "6228480402564890018", "103100000026", 12.5, "货款"])
    out = io.BytesIO()
    book.save(out)
    wrong, good = rules.rows(_workbook_lines(out.getvalue(), BOUNDS))
    assert {one.field: one.code for one in wrong.problems} == {
        "account_number": "as_number", "amount": "formula"}  # fmt: skip
    assert (good.problems, good.amount_fen) == ([], 1_250)


def test_our_own_workbook_reads_back():
    made = _workbook(Sheet(title="x", header=TITLES, rows=[GOOD], numbers=frozenset({3})))
    (row,) = rules.rows(_workbook_lines(made, BOUNDS))
    assert (row.problems, row.amount_fen, row.account_number) == ([], 100, GOOD[1])


def hostile(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (hostile("xl/worksheets/sheet1.xml", b"0" * 4_000_000), TableTooLarge),
        (hostile("xl/a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), NotATable),
        (hostile("xl/a.xml", NOISE + b"<!DOCTYPE a>"),
         NotATable),
        (hostile("xl/vbaProject.bin", b"x"), NotATable),
        (hostile("xl/externalLinks/externalLink1.xml", b"<a/>"), NotATable),
        (hostile("xl/a.xml", "<!DOCTYPE a>".encode("utf-16")), NotATable),
        (b"PK\x03\x04broken", NotATable),
        (hostile("xl/worksheets/sheet1.xml", b"<a/>"), NotATable),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_before_it_is_opened(content: bytes, error: type):
    with pytest.raises(error):
        _workbook_lines(content, BOUNDS)


def test_bounds_of_a_csv_file():
    with pytest.raises(TableTooLarge):
        read(*[GOOD] * 101)
    assert len(read(*[GOOD] * 100)) == 100
    with pytest.raises(TableTooLarge):
        tables.lines_of_csv(b"a," * 30, BOUNDS)
    with pytest.raises(TableTooLarge):
        tables.lines_of_csv(b"a" * 400, BOUNDS)
    with pytest.raises(NotATable):
        tables.lines_of_csv("a\u202eb,c".encode(), BOUNDS)
    with pytest.raises(NotATable):
        tables.lines_of_csv(b"a\xff\xff", BOUNDS)
