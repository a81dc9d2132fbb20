"""Receipts and statements: what they say, in every format the same to the fen."""

from __future__ import annotations

import csv
import importlib
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from accounts.camt import rules as camt
from accounts.confirmations import rules as confirmations
from accounts.confirmations.model import (
    Difference,
    DifferencesDoNotAddUp,
    Letter,
    LetterAnswered,
    LetterChanged,
    LetterPolicy,
    NothingDiffers,
    Objection,
)
from accounts.lines.model import Frame, Line
from accounts.receipts import rules as receipts
from accounts.sheets import rules as sheets
from accounts.statements.operations import workbook
from app.outside.iso import xml
from tests import camt_reader

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
TODAY = date(2025, 9, 1)
BANK = "102100099996"
NASTY = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "<Ntry>&]]></Stmt>"]
STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=140
)


def build(
    amounts: list[int],
    *,
    opening_fen: int = 0,
    memos: list[str] | None = None,
    name: str = "苏州示例材料有限公司",
) -> tuple[Frame, list[Line]]:
    """A statement of these movements, a line a day of them in one month."""
    balances = list(accumulate(amounts, initial=opening_fen))
    lines = [
        Line(
            seq=no, booked_on=TODAY + timedelta(days=no % 28), at=NOW, amount_fen=amount,
            balance_after_fen=balances[no], kind="payment", label="转账支出",
            memo=memos[no - 1] if memos else "货款", reference=f"{no:032x}",
            counterparty_name=name, counterparty_account_tail="0018",
            counterparty_bank_code="103100000026",
        )
        for no, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    frame = Frame(
        account_id=UUID(int=7), account_number="0200010000000000017",
        account_name="上海示例科技有限公司", currency="CNY", from_on=TODAY,
        until_on=TODAY + timedelta(days=30), after_seq=0, last_seq=len(amounts),
        opening_fen=opening_fen, closing_fen=balances[-1],
        came_in_fen=sum(fen for fen in amounts if fen > 0),
        went_out_fen=-sum(fen for fen in amounts if fen < 0),
        came_in=sum(fen > 0 for fen in amounts), went_out=sum(fen < 0 for fen in amounts),
    )  # fmt: skip
    return frame, lines


def as_csv(frame: Frame, lines: list[Line]) -> list[list[str]]:
    content = sheets.csv_head(frame) + sheets.csv_lines(lines) + sheets.csv_tail(frame)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def fen(text: str) -> int:
    return int(Decimal(text or "0") * 100)


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def as_cells(content: bytes) -> list[dict[str, tuple[str, str, str]]]:
    """The rows of the first sheet: column -> (type, value, formula), read by a plain parser."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        strings = []
        if "xl/sharedStrings.xml" in book.namelist():
            shared = etree.fromstring(book.read("xl/sharedStrings.xml"))
            strings = ["".join(one.itertext()) for one in shared.iter(f"{SHEET}si")]
        root = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in root.iter(f"{SHEET}row"):
        cells = {}
        for one in row.iter(f"{SHEET}c"):
            kind = one.get("t", "n")
            value = (
                "".join(one.find(f"{SHEET}v").itertext())
                if one.find(f"{SHEET}v") is not None
                else ""
            )
            if kind == "s":
                value = strings[int(value)]
            if kind == "inlineStr":
                value = "".join(one.find(f"{SHEET}is").itertext())
            formula = one.findtext(f"{SHEET}f") or ""
            cells[re.sub(r"\d", "", one.get("r"))] = (kind, value, formula)
        rows.append(cells)
    return rows


amounts = st.lists(st.integers(-(10**13), 10**13).filter(bool), max_size=25)


@settings(max_examples=40, deadline=None)
@given(amounts, st.integers(-(10**13), 10**13), st.data())
def test_every_format_says_the_same_to_the_fen(moved, opening_fen, data):
    memos = data.draw(st.lists(WORDS, min_size=len(moved), max_size=len(moved)))
    frame, lines = build(moved, opening_fen=opening_fen, memos=memos)
    table = as_csv(frame, lines)
    assert fen(table[1][6]) == opening_fen and fen(table[-1][6]) == frame.closing_fen
    assert [fen(row[4]) - fen(row[5]) for row in table[2:-1]] == moved
    assert opening_fen + fen(table[-1][4]) - fen(table[-1][5]) == frame.closing_fen
    cells = as_cells(workbook(frame, lines))
    first, last, middle = cells[4], cells[5 + len(lines)], cells[5 : 5 + len(lines)]
    assert fen(first["G"][1]) == opening_fen and fen(last["G"][1]) == frame.closing_fen
    assert [fen(row["E"][1]) - fen(row["F"][1]) for row in middle] == moved
    message = camt_reader.read(camt.whole(frame, lines, bank_code=BANK, made_at=NOW))
    camt_reader.check(message)
    assert (message.opening_fen, message.closing_fen) == (opening_fen, frame.closing_fen)
    assert [entry.amount_fen for entry in message.entries] == moved
    pages = [sheets.page_data(page, number=1) for page in sheets.paginate(lines)]
    assert sum(page["came_in_fen"] - page["went_out_fen"] for page in pages) == sum(moved)
    assert [x["balance_after_fen"] for page in pages for x in page["lines"]] == [
        line.balance_after_fen for line in lines
    ]


@settings(max_examples=60, deadline=None)
@given(amounts.filter(bool), st.data())
def test_a_camt_053_holds_to_the_public_definition_and_reads_back_the_same(moved, data):
    memos = data.draw(st.lists(WORDS, min_size=len(moved), max_size=len(moved)))
    frame, lines = build(moved, memos=memos)
    content = camt.whole(frame, lines, bank_code=BANK, made_at=NOW)
    module = importlib.import_module("pyiso20022.camt.camt_053_001_08")
    document = XmlParser(config=STRICT).from_bytes(content, module.Document)
    xml.checked(document)
    found = camt_reader.read(content)
    camt_reader.check(found)
    assert [entry.words for entry in found.entries] == [line.memo for line in lines]
    assert [entry.booked_on for entry in found.entries] == [line.booked_on for line in lines]
    assert {entry.counterparty for entry in found.entries} == {"苏州示例材料有限公司"}
    assert (found.account, found.owner) == (frame.account_number, frame.account_name)


def test_pieces_of_a_message_between_its_ends_are_the_whole_message():
    frame, lines = build([100, -30, -20, 7, 9], memos=NASTY[:4] + NASTY[-1:])
    head, tail = camt.ends(frame, bank_code=BANK, made_at=NOW)
    pieces = (
        camt.entries(frame, lines[:2]) + camt.entries(frame, []) + camt.entries(frame, lines[2:])
    )
    whole = camt.whole(frame, lines, bank_code=BANK, made_at=NOW)
    assert head + pieces + tail == whole
    assert len(camt_reader.read(whole).entries) == 5


def test_a_spreadsheet_runs_nothing_of_a_statement():
    frame, lines = build([-1] * len(NASTY), memos=NASTY)
    for row, text in zip(as_csv(frame, lines)[2:-1], NASTY, strict=True):
        assert row[10] == (text if text.startswith("<") else f"'{text}")
    rows = as_cells(workbook(frame, lines))
    texts = [row["K"] for row in rows[5:-1]]
    assert [value.replace("_x000D_", "\r") for _, value, _ in texts] == NASTY
    assert {kind for kind, _, _ in texts} <= {"s", "inlineStr"}
    assert {formula for row in rows[:-1] for _, _, formula in row.values()} == {""}
    assert rows[-1]["F"][2] == f"SUM(F6:F{5 + len(NASTY)})" and rows[-1]["F"][1] == "0.11"


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=120), st.integers(1, 119))
def test_pages_are_cut_the_same_however_the_lines_come(memos, at):
    _, lines = build([1] * len(memos), memos=memos)
    whole = sheets.paginate(lines)
    assert [line for page in whole for line in page] == lines
    pieces, waiting = [], lines
    while waiting:
        stretch, more = waiting[: at + 1], len(waiting) > at + 1
        cut = sheets.paginate(stretch)
        if more and len(cut) > 1:
            cut = cut[:-1]
        elif more and len(cut) == 1:
            # No whole page in what was read: only a larger stretch shows where it ends.
            return
        pieces += cut
        waiting = waiting[sum(map(len, cut)) :]
    assert pieces == whole


def test_a_stranger_sees_only_the_ends_of_a_name():
    assert receipts.shortened("上海示例科技有限公司") == "上海******公司"
    assert receipts.shortened("王小微") == "王**"
    assert receipts.number(TODAY, "0200010000000000017", 42) == "20250901001700000042"


def test_a_code_is_found_however_it_is_typed():
    assert receipts.typed("o1ab cdef-ghjk mnpq") == "01ABCDEFGHJKMNPQ"
    assert receipts.typed("l" * 40) == "1" * 16
    assert receipts.in_fours("01ABCDEFGHJKMNPQ") == "01AB CDEF GHJK MNPQ"


def letter(**changes: object) -> Letter:
    return Letter(**({
        "id": UUID(int=1), "account_id": UUID(int=2), "account_number": "1", "account_name": "甲",
        "as_of_on": TODAY, "currency": "CNY", "balance_fen": 1_000, "state": "open",
        "stated_fen": None, "differences": None, "answered_by": None, "answered_at": None,
        "version": 1, "made_at": NOW,
    } | changes))  # fmt: skip


def objection(stated_fen: int, *differences: int, version: int = 1) -> Objection:
    return Objection(
        version=version, stated_fen=stated_fen,
        differences=[Difference(amount_fen=one, memo="未达账项") for one in differences],
    )  # fmt: skip


def test_an_objection_explains_the_difference_to_the_fen():
    answered = confirmations.object_to(letter(), objection(700, -500, 200), now=NOW)
    assert (answered.state, answered.stated_fen, answered.version) == ("objected", 700, 2)
    with pytest.raises(DifferencesDoNotAddUp):
        confirmations.object_to(letter(), objection(700, -301), now=NOW)
    with pytest.raises(NothingDiffers):
        confirmations.object_to(letter(), objection(1_000, 1, -1), now=NOW)
    with pytest.raises(LetterAnswered):
        confirmations.agree(letter(state="agreed"), version=1, now=NOW)
    with pytest.raises(LetterChanged):
        confirmations.agree(letter(version=2), version=1, now=NOW)


def test_letters_are_written_after_the_months_of_the_policy():
    quarter = LetterPolicy(every_months=3)
    months = [confirmations.month_before(date(2026, month, 1)) for month in range(1, 13)]
    assert months[0] == date(2025, 12, 1)
    assert [m.month for m in months if confirmations.wants_letters(m, quarter)] == [12, 3, 6, 9]
