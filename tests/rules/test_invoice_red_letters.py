"""What a red letter may take back, to the last fen."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from invoicing.invoices import rules as invoices
from invoicing.invoices.model import Invoice
from invoicing.red_letters import rules
from invoicing.red_letters.model import (
    MustBeWhole,
    NewRedLetter,
    NewRedLine,
    NotReversible,
    RedAmountTooLarge,
    RedLine,
    Taken,
)
from tests.rules.test_invoices import line, stored

BLUE = UUID(int=1)


def blue(*drafted, state: str = "issued") -> Invoice:
    lines = invoices.calculate(drafted or [line("2", "100", 60_000), line("1", "50.05", 10_000)])
    return replace(stored(state=state), lines=lines, quota_month_on=date(2025, 9, 1))


def new(*parts: tuple[int, int], reason: str = "02") -> NewRedLetter:
    lines = [NewRedLine(line_no=no, amount_fen=fen) for no, fen in parts] or None
    return NewRedLetter(invoice_id=BLUE, reason=reason, lines=lines)


def taken(*red: list[RedLine]) -> list[Taken]:
    found: dict[int, list[int]] = {}
    for one in (row for lines in red for row in lines):
        row = found.setdefault(one.line_no, [0, 0])
        row[0] += one.amount_fen
        row[1] += one.tax_fen
    return [Taken(line_no=no, amount_fen=a, tax_fen=t) for no, (a, t) in found.items()]


class TestRedLines:
    def test_without_lines_everything_is_taken(self):
        lines = rules.red_lines(blue(), new(), [])
        assert [(r.line_no, r.amount_fen, r.tax_fen) for r in lines] == [
            (1, -20_000, -1_200),
            (2, -5_005, -50),
        ]

    def test_the_rest_is_what_is_left(self):
        first = rules.red_lines(blue(), new((1, 5_000)), [])
        rest = rules.red_lines(blue(), new(), taken(first))
        assert [(r.line_no, r.amount_fen, r.tax_fen) for r in (*first, *rest)] == [
            (1, -5_000, -300),
            (1, -15_000, -900),
            (2, -5_005, -50),
        ]

    @pytest.mark.parametrize("parts", [[(1, 20_001)], [(3, 1)], [(2, 5_005), (2, 1)]])
    def test_never_more_than_is_left(self, parts):
        with pytest.raises(RedAmountTooLarge):
            rules.red_lines(blue(), new(*parts), [])

    def test_an_invoice_in_error_is_taken_back_whole(self):
        with pytest.raises(MustBeWhole):
            rules.red_lines(blue(), new((1, 1), reason="01"), [])
        first = rules.red_lines(blue(), new((1, 1)), [])
        with pytest.raises(MustBeWhole):
            rules.red_lines(blue(), new(reason="01"), taken(first))

    @pytest.mark.parametrize("state", ["draft", "submitted", "refused"])
    def test_only_an_issued_invoice(self, state):
        with pytest.raises(NotReversible):
            rules.red_lines(blue(state=state), new(), [])

    def test_nothing_is_taken_twice(self):
        all_of_it = rules.red_lines(blue(), new(), [])
        with pytest.raises(NotReversible):
            rules.red_lines(blue(), new(), taken(all_of_it))

    @given(
        st.integers(1, 10**9),
        st.sampled_from([10_000, 15_000, 60_000, 130_000]),
        st.lists(st.integers(1, 10**9), max_size=6),
    )
    def test_parts_add_up_to_the_invoice_to_the_fen(self, fen, rate, parts):
        invoice = blue(line("1", f"{fen // 100}.{fen % 100:02d}", rate))
        (whole,) = invoice.lines
        done: list[list[RedLine]] = []
        for part in parts:
            left = whole.amount_fen + sum(r.amount_fen for lines in done for r in lines)
            if left:
                done.append(rules.red_lines(invoice, new((1, min(part, left))), taken(*done)))
        left = whole.amount_fen + sum(r.amount_fen for lines in done for r in lines)
        if left:
            done.append(rules.red_lines(invoice, new(), taken(*done)))
        rows = [row for lines in done for row in lines]
        assert sum(row.amount_fen for row in rows) == -whole.amount_fen
        assert sum(row.tax_fen for row in rows) == -whole.tax_fen
        assert all(row.tax_fen <= 0 and row.amount_fen < 0 for row in rows)


def test_quota_comes_back_in_the_same_month_only():
    assert rules.restores_quota(blue(), on=date(2025, 9, 30))
    assert not rules.restores_quota(blue(), on=date(2025, 10, 1))
