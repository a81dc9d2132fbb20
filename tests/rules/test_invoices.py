"""Invoice amounts, to the fen, and what may be issued."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.invoices import rules
from invoicing.invoices.model import (
    AlreadyIssued,
    AmountTooLarge,
    BuyerNotEligible,
    DiscountTooLarge,
    Invoice,
    NewInvoice,
    NewLine,
    Quota,
    QuotaExceeded,
    QuoteLine,
    RateNotInForce,
    StaleInvoice,
)
from invoicing.sheets import rules as sheets

RATES = [0, 10_000, 15_000, 30_000, 50_000, 60_000, 90_000, 130_000]


def line(
    quantity: str,
    price: str,
    rate: int,
    *,
    tax_included: bool = False,
    discount_fen: int = 0,
) -> NewLine:
    return NewLine(
        name="*信息技术服务*软件开发服务",
        quantity=quantity,
        unit_price=price,
        rate_ppm=rate,
        tax_included=tax_included,
        discount_fen=discount_fen,
    )


decimals = st.builds(
    lambda whole, fraction: f"{whole}.{fraction}" if fraction else str(whole),
    st.integers(0, 99_999),
    st.text("0123456789", max_size=13),
)


@st.composite
def lines(draw: st.DrawFn) -> NewLine:
    bare = line(
        draw(decimals),
        draw(decimals),
        draw(st.sampled_from(RATES)),
        tax_included=draw(st.booleans()),
    )
    fen = rules.price_amount(bare, "half_up")
    return line(
        bare.quantity,
        bare.unit_price,
        bare.rate_ppm,
        tax_included=bare.tax_included,
        discount_fen=draw(st.integers(0, fen)),
    )


def half_up(value: Fraction) -> int:
    return int((value * 2 + 1) // 2)


class TestLineAmounts:
    @pytest.mark.parametrize(
        ("quantity", "price", "rate", "tax_included", "expected"),
        [
            # 增值税 published example: gross 101,000 at 1 % is net 100,000 and tax 1,000
            ("1", "101000", 10_000, True, (10_000_000, 100_000, 10_100_000)),
            ("1", "100", 60_000, False, (10_000, 600, 10_600)),
            ("1", "106", 60_000, True, (10_000, 600, 10_600)),
            ("3", "33.3333333333333", 130_000, False, (10_000, 1_300, 11_300)),
            ("0.5", "0.01", 10_000, False, (1, 0, 1)),
            ("12.5", "19.99", 90_000, True, (22_925, 2_063, 24_988)),
            ("7", "14.29", 0, False, (10_003, 0, 10_003)),
        ],
    )
    def test_known_lines(self, quantity, price, rate, tax_included, expected):
        got = rules.line_amounts(line(quantity, price, rate, tax_included=tax_included))
        assert (got.amount_fen, got.tax_fen, got.total_fen) == expected

    def test_thirteen_places_are_exact(self):
        # a binary float would lose the last digits of this product
        got = rules.line_amounts(line("12345.6789012345678", "8100.0000737100006", 0))
        assert got.amount_fen == half_up(
            Fraction("12345.6789012345678") * Fraction("8100.0000737100006") * 100
        )

    def test_halves_go_up_or_to_the_even_fen(self):
        half = QuoteLine(name="x", quantity="0.5", unit_price="0.05", rate_ppm=0)
        assert rules.line_amounts(half, "half_up").amount_fen == 3
        assert rules.line_amounts(half, "half_even").amount_fen == 2

    @given(lines())
    def test_net_and_tax_make_gross(self, a_line):
        got = rules.line_amounts(a_line)
        assert got.amount_fen + got.tax_fen == got.total_fen
        assert got.amount_fen >= 0 and got.tax_fen >= 0

    @given(lines())
    def test_tax_stays_within_a_fen_of_net_times_rate(self, a_line):
        got = rules.line_amounts(a_line)
        assert abs(Fraction(got.amount_fen * a_line.rate_ppm, 1_000_000) - got.tax_fen) <= 1

    @given(lines())
    def test_an_independent_calculation_agrees(self, a_line):
        got = rules.line_amounts(a_line)
        base = (
            half_up(Fraction(a_line.quantity) * Fraction(a_line.unit_price) * 100)
            - a_line.discount_fen
        )
        rate = Fraction(a_line.rate_ppm, 1_000_000)
        if a_line.tax_included:
            assert got.total_fen == base
            assert got.amount_fen == half_up(Fraction(base) / (1 + rate))
        else:
            assert got.amount_fen == base
            assert got.tax_fen == half_up(base * rate)

    def test_a_discount_cannot_exceed_its_line(self):
        with pytest.raises(DiscountTooLarge):
            rules.line_amounts(line("1", "1", 60_000, discount_fen=101))

    def test_an_amount_beyond_the_ledger_is_refused(self):
        with pytest.raises(AmountTooLarge):
            rules.line_amounts(line("999999999999", "999999999999", 0))


class TestTotals:
    @given(st.lists(lines(), min_size=1, max_size=20))
    def test_they_add_up_at_every_level(self, drafted):
        done = rules.calculate(drafted)
        total = rules.totals(done)
        rows = rules.printed(done)
        assert total.amount_fen + total.tax_fen == total.total_fen
        assert total.total_fen == sum(row.total_fen for row in done)
        assert total.amount_fen == sum(row.amount_fen for row in rows)
        assert total.tax_fen == sum(row.tax_fen for row in rows)


class TestPrinted:
    def test_a_discount_is_a_negative_line_after_its_item(self):
        rows = rules.printed(rules.calculate([line("2", "100", 60_000, discount_fen=1_000)]))
        assert [(r.is_discount, r.amount_fen, r.tax_fen) for r in rows] == [
            (False, 20_000, 1_200),
            (True, -1_000, -60),
        ]
        assert rows[1].quantity == "" and rows[1].unit_price == ""
        assert rows[1].name == rows[0].name

    @given(lines())
    def test_only_discounts_are_negative(self, a_line):
        for row in rules.printed(rules.calculate([a_line])):
            assert row.amount_fen <= 0 if row.is_discount else row.amount_fen >= 0

    @given(
        st.integers(1, 10**6).map(lambda n: sheets.decimal_text(n, 3)),
        st.integers(1, 10**6).map(lambda n: sheets.decimal_text(n, 2)),
        st.sampled_from(RATES),
    )
    def test_quantity_times_price_is_within_a_fen_of_the_amount(self, quantity, price, rate):
        (row,) = rules.printed(rules.calculate([line(quantity, price, rate, tax_included=True)]))
        product = Fraction(row.quantity) * Fraction(row.unit_price) * 100
        assert abs(product - row.amount_fen) <= 1


class TestDecimalText:
    @given(st.integers(0, 10**20), st.integers(0, 13))
    def test_it_keeps_the_value(self, digits, places):
        assert Fraction(sheets.decimal_text(digits, places)) == Fraction(digits, 10**places)

    def test_rates(self):
        assert sheets.rate_fraction(60_000) == "0.06"
        assert sheets.rate_percent(15_000) == "1.5%"
        assert sheets.rate_percent(130_000) == "13%"
        assert sheets.rate_percent(0) == "免税"
        assert sheets.plain_yuan(123456) == "1234.56"


def draft(*new: NewLine, kind: str = "ordinary", uscc: str | None = None) -> NewInvoice:
    return NewInvoice(kind=kind, buyer_name="示例", buyer_uscc=uscc, lines=list(new))


class TestCheckDraft:
    ON = date(2025, 9, 1)

    def test_a_rate_must_be_in_force(self):
        with pytest.raises(RateNotInForce):
            rules.check_draft(draft(line("1", "1", 170_000)), rates_ppm=RATES, on=self.ON)

    def test_a_special_invoice_needs_a_registered_buyer(self):
        with pytest.raises(BuyerNotEligible):
            rules.check_draft(
                draft(line("1", "1", 60_000), kind="special"), rates_ppm=RATES, on=self.ON
            )

    def test_a_special_invoice_is_not_for_exempt_sales(self):
        new = draft(line("1", "1", 0), kind="special", uscc="91330100799655058B")
        with pytest.raises(BuyerNotEligible):
            rules.check_draft(new, rates_ppm=RATES, on=self.ON)

    def test_an_ordinary_invoice_may_go_to_a_person(self):
        rules.check_draft(draft(line("1", "1", 0)), rates_ppm=RATES, on=self.ON)


def stored(amount_fen: int = 10_000, *, state: str = "draft", version: int = 1) -> Invoice:
    done = rules.calculate([line("1", sheets.plain_yuan(amount_fen), 10_000)])
    total = rules.totals(done)
    return Invoice(
        id=UUID(int=1),
        state=state,
        version=version,
        kind="ordinary",
        number=None,
        issued_on=None,
        buyer_name="示例",
        buyer_uscc=None,
        amount_fen=total.amount_fen,
        tax_fen=total.tax_fen,
        total_fen=total.total_fen,
        created_at=datetime(2025, 9, 1, tzinfo=UTC),
        seller_name="上海示例科技有限公司",
        seller_uscc="91330100799655058B",
        lines=done,
        remark="",
        drawer="",
        quota_month_on=None,
        submitted_at=None,
        issued_at=None,
        refusal=None,
        pdf_file_id=None,
        xml_file_id=None,
        red_amount_fen=0,
        red_tax_fen=0,
    )


class TestSubmit:
    NOW = datetime(2025, 9, 30, 17, tzinfo=UTC)
    TODAY = date(2025, 10, 1)

    def submit(self, invoice: Invoice, *, used_fen: int = 0, limit_fen: int = 10_000) -> Invoice:
        quota = Quota(month_on=date(2025, 10, 1), limit_fen=limit_fen, used_fen=used_fen)
        return rules.submit(invoice, quota=quota, rates_ppm=RATES, now=self.NOW, today=self.TODAY)

    def test_the_quota_counts_net_amounts_and_may_be_used_to_the_last_fen(self):
        done = self.submit(stored(10_000))
        assert done.state == "submitted"
        assert done.issued_on == self.TODAY

    def test_one_fen_more_is_refused(self):
        with pytest.raises(QuotaExceeded):
            self.submit(stored(10_000), used_fen=1)

    def test_it_happens_once(self):
        with pytest.raises(AlreadyIssued):
            self.submit(stored(state="submitted"))

    def test_a_refused_invoice_may_be_submitted_again(self):
        assert self.submit(stored(state="refused")).state == "submitted"


class TestEditable:
    def test_only_who_saw_the_last_version_may_change_it(self):
        with pytest.raises(StaleInvoice):
            rules.editable(stored(version=3), version=2)

    def test_an_issued_invoice_never_changes(self):
        with pytest.raises(AlreadyIssued):
            rules.editable(stored(state="issued"), version=1)


def test_the_qr_code_names_kind_number_total_and_date():
    text = sheets.qr_text(
        kind="special",
        number="25312000000000000001",
        total_fen=10_600,
        issued_on=date(2025, 9, 1),
    )
    assert text == "01,31,,25312000000000000001,106.00,20250901,,"
