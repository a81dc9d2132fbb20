"""What may stand in the books, and what ends a month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.payments.model import Purpose
from bookkeeping.journal import rules
from bookkeeping.journal.model import (
    Account,
    AccountBalance,
    AccountMisplaced,
    AccountUnknown,
    AlreadyReversed,
    Draft,
    DraftLine,
    LineAmountInvalid,
    NewAccount,
    NewVoucher,
    NewVoucherLine,
    Period,
    PeriodIsClosed,
    PeriodNotReady,
    Template,
    TemplateLine,
    Voucher,
    VoucherLine,
    VoucherUnbalanced,
)
from bookkeeping.postings import rules as postings

ON = date(2025, 9, 15)
CHART = {"1002", "1012", "1122", "2001", "2202", "3103", "5001", "560206"}
amounts = st.integers(1, 10**12)


def debit(account: str, fen: int, **more) -> DraftLine:
    return DraftLine(account=account, debit_fen=fen, **more)


def credit(account: str, fen: int, **more) -> DraftLine:
    return DraftLine(account=account, credit_fen=fen, **more)


def draft(*lines: DraftLine, on: date = ON) -> Draft:
    return Draft(dated_on=on, summary="测试", lines=list(lines))


class TestCheck:
    @given(st.lists(amounts, min_size=1, max_size=20))
    def test_a_balanced_voucher_stands(self, parts):
        lines = [debit("560206", fen) for fen in parts]
        done = rules.check(draft(*lines, credit("1002", sum(parts))), CHART)
        assert sum(line.debit_fen - line.credit_fen for line in done.lines) == 0

    @given(amounts, amounts)
    def test_an_unbalanced_one_does_not(self, one, other):
        if one == other:
            other += 1
        with pytest.raises(VoucherUnbalanced):
            rules.check(draft(debit("1002", one), credit("5001", other)), CHART)

    def test_a_line_is_debit_or_credit(self):
        both = DraftLine(account="1002", debit_fen=5, credit_fen=5)
        with pytest.raises(LineAmountInvalid):
            rules.check(draft(both, credit("5001", 5)), CHART)
        with pytest.raises(LineAmountInvalid):
            rules.check(draft(DraftLine(account="1002"), credit("5001", 5)), CHART)

    def test_the_account_must_be_in_the_chart(self):
        with pytest.raises(AccountUnknown):
            rules.check(draft(debit("1231", 5), credit("5001", 5)), CHART)

    def test_amounts_below_zero_are_for_reversals_only(self):
        new = NewVoucher(
            dated_on=ON,
            summary="x",
            lines=[
                NewVoucherLine(account="1002", debit_fen=-5),
                NewVoucherLine(account="5001", credit_fen=-5),
            ],
        )
        with pytest.raises(LineAmountInvalid):
            rules.draft(new)


class TestCashLine:
    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            ((debit("1002", 5), credit("1122", 5)), 1),
            ((debit("1002", 5), credit("5001", 4), credit("222101", 1)), 1),
            ((debit("2202", 5), credit("1002", 5)), 3),
            ((debit("221101", 5), credit("1002", 5)), 4),
            ((debit("222102", 5), credit("1002", 5)), 5),
            ((debit("560206", 5), credit("1002", 5)), 6),
            ((debit("1601", 5), credit("1002", 5)), 12),
            ((debit("1002", 5), credit("2001", 5)), 14),
            ((debit("1002", 5), credit("3001", 5)), 15),
            ((debit("2001", 5), credit("1002", 5)), 16),
            ((debit("560301", 5), credit("1002", 5)), 17),
            ((debit("2232", 5), credit("1002", 5)), 18),
            ((debit("1002", 5), credit("530101", 5)), 2),
            ((debit("1122", 5), credit("1002", 5)), 1),
            ((debit("1002", 5), credit("2202", 5)), 3),
        ],
    )
    def test_it_follows_from_what_stands_against_the_cash(self, lines, expected):
        tagged = rules.check(draft(*lines)).lines
        assert [line.cash_line for line in tagged if rules.is_cash(line.account)] == [expected]

    def test_cash_between_own_accounts_is_no_cash_flow(self):
        tagged = rules.check(draft(debit("1012", 5), credit("1002", 5))).lines
        assert [line.cash_line for line in tagged] == [None, None]

    def test_a_given_line_stands(self):
        tagged = rules.check(draft(debit("1002", 5, cash_line=9), credit("5111", 5))).lines
        assert tagged[0].cash_line == 9


class TestFill:
    TEMPLATE = Template(
        id="SOCIAL_ACCRUE",
        name="计提单位社保公积金",
        lines=[
            TemplateLine(side="D", account="560204", amount="er_si+er_hf"),
            TemplateLine(side="C", account="221103", amount="er_si"),
            TemplateLine(side="C", account="2202", amount="er_hf"),
        ],
    )

    def test_sums_and_zeroes(self):
        lines = rules.fill(
            self.TEMPLATE,
            amounts={"er_si": 700, "er_hf": 0},
            accounts={"560204": "560207"},
            party="示例",
        )
        assert lines == [
            debit("560207", 700, memo="", party=None),
            credit("221103", 700, memo="", party=None),
        ]

    def test_only_accounts_of_customers_and_suppliers_carry_the_party(self):
        lines = rules.fill(
            self.TEMPLATE, amounts={"er_si": 1, "er_hf": 2}, accounts={}, party="示例"
        )
        assert [line.party for line in lines] == [None, None, "示例"]


def voucher(*, reverses: UUID | None = None, kind: str = "normal") -> Voucher:
    lines = [
        VoucherLine(
            line_no=no,
            account=account,
            debit_fen=debit_fen,
            credit_fen=credit_fen,
            memo="",
            party=None,
            cash_line=cash_line,
        )
        for no, (account, debit_fen, credit_fen, cash_line) in enumerate(
            [("560206", 100, 0, None), ("1002", 0, 100, 6)], start=1
        )
    ]
    return Voucher(
        id=UUID(int=9),
        word="记",
        number=3,
        dated_on=ON,
        summary="办公费",
        kind=kind,
        template_id=None,
        source_event=None,
        reverses=reverses,
        lines=lines,
        created_at=datetime(2025, 9, 15, tzinfo=UTC),
    )


class TestReversal:
    def reverse(self, one: Voucher, *, already: bool = False) -> Draft:
        return rules.reversal(one, reversed_already=already, dated_on=ON, reason="录入有误")

    def test_it_is_the_same_in_red(self):
        done = rules.check(self.reverse(voucher()))
        assert [(line.account, line.debit_fen, line.credit_fen) for line in done.lines] == [
            ("560206", -100, 0),
            ("1002", 0, -100),
        ]
        assert [line.cash_line for line in done.lines] == [None, 6]
        assert done.reverses == UUID(int=9)

    def test_once_only_and_not_of_a_reversal_or_closing(self):
        for one, already in (
            (voucher(), True),
            (voucher(reverses=UUID(int=1)), False),
            (voucher(kind="close"), False),
        ):
            with pytest.raises(AlreadyReversed):
                self.reverse(one, already=already)


class TestPlace:
    PARENT = Account(
        code="5602",
        name="管理费用",
        parent=None,
        normal="debit",
        category="pl_expense",
        standard=True,
    )

    def test_a_detail_is_what_its_parent_is(self):
        new = NewAccount(code="560299", name="快递费", parent="5602", normal="debit")
        assert rules.place(new, self.PARENT).category == "pl_expense"

    @pytest.mark.parametrize("code", ["5602", "560199"])
    def test_a_detail_continues_its_parents_code(self, code):
        with pytest.raises(AccountMisplaced):
            rules.place(NewAccount(code=code, name="x", parent="5602", normal="debit"), self.PARENT)

    def test_a_parent_must_exist(self):
        with pytest.raises(AccountMisplaced):
            rules.place(NewAccount(code="560299", name="x", parent="5602", normal="debit"), None)

    @pytest.mark.parametrize(
        ("code", "normal", "category"),
        [
            ("1999", "debit", "asset"),
            ("2999", "credit", "liability"),
            ("3999", "credit", "equity"),
            ("4999", "debit", "cost"),
            ("5999", "credit", "pl_income"),
            ("5998", "debit", "pl_expense"),
        ],
    )
    def test_without_a_parent_the_first_digit_decides(self, code, normal, category):
        new = NewAccount(code=code, name="x", normal=normal)
        assert rules.place(new, None).category == category


CATEGORIES = {
    "5001": "pl_income",
    "5301": "pl_income",
    "5401": "pl_expense",
    "560206": "pl_expense",
    "3103": "equity",
}


class TestClosing:
    @given(
        st.dictionaries(
            st.sampled_from(sorted(CATEGORIES)), st.integers(-(10**12), 10**12), min_size=1
        ),
        st.integers(1, 12),
    )
    def test_income_and_expenses_are_zero_afterwards_and_nothing_is_lost(self, held, month):
        balances = [AccountBalance(account=code, balance_fen=fen) for code, fen in held.items()]
        after = dict(held)
        for one in rules.closing(balances, CATEGORIES, month_on=date(2025, month, 1)):
            checked = rules.check(one)
            assert one.kind == "close"
            for line in checked.lines:
                moved = line.debit_fen - line.credit_fen
                after[line.account] = after.get(line.account, 0) + moved
        assert all(fen == 0 for code, fen in after.items() if code.startswith("5"))
        assert sum(after.values()) == sum(held.values())
        if month == 12:
            assert after.get("3103", 0) == 0

    def test_the_day_is_the_last_of_the_month(self):
        balances = [AccountBalance(account="5001", balance_fen=-100)]
        (one,) = rules.closing(balances, CATEGORIES, month_on=date(2028, 2, 1))
        assert one.dated_on == date(2028, 2, 29)
        assert one.source_event == "close:2028-02:CLOSE_INCOME"

    def test_months_close_after_their_end_in_order_and_once(self):
        month_on = date(2025, 9, 1)
        period = Period(month_on=month_on, state="open", last_number=1, closed_at=None)
        closed = Period(
            month_on=month_on,
            state="closed",
            last_number=1,
            closed_at=datetime(2025, 10, 1, tzinfo=UTC),
        )

        def ask(one: Period, today: date, earlier: date | None = None) -> None:
            rules.ready_to_close(one, month_on=month_on, today=today, earlier_open_on=earlier)

        ask(period, date(2025, 10, 1))
        with pytest.raises(PeriodNotReady):
            ask(period, date(2025, 9, 30))
        with pytest.raises(PeriodNotReady):
            ask(period, date(2025, 10, 1), date(2025, 8, 1))
        with pytest.raises(PeriodIsClosed):
            ask(closed, date(2025, 10, 1))

    def test_a_late_event_is_dated_in_the_first_open_month(self):
        assert rules.open_day(date(2025, 9, 30), date(2025, 10, 1)) == date(2025, 10, 1)
        assert rules.open_day(date(2025, 10, 5), date(2025, 10, 1)) == date(2025, 10, 5)


class TestPostings:
    def test_levy_rates_are_small_scale(self):
        assert postings.sale_template({10_000, 0}, levy_ppm={10_000, 30_000}) == "SALE_SMALL"
        assert postings.sale_template({130_000}, levy_ppm={10_000, 30_000}) == "SALE_GENERAL"

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("杭州示例贸易有限公司", "杭州示例贸易有限公司"),
            ("上海示例合伙企业（有限合伙）", "上海示例合伙企业（有限合伙）"),
            ("北京市朝阳区示例餐饮店", "北京市朝阳区示例餐饮店"),
            ("Example Trading Ltd", "Example Trading Ltd"),
            ("王小微", "个人"),
            ("欧阳·示例", "个人"),
        ],
    )
    def test_the_books_keep_names_of_firms_only(self, name, kept):
        assert postings.party_name(name) == kept

    def test_capital_says_so(self):
        assert postings.is_capital("股东投资款")
        assert not postings.is_capital("货款 发票 00000101")

    @pytest.mark.parametrize("purpose", get_args(Purpose))
    def test_every_purpose_of_a_payment_has_its_voucher(self, purpose):
        found = postings.payment(purpose, 100, in_bank=False)
        assert found is not None and sum(found.amounts.values()) == 100

    def test_between_own_accounts_here_nothing_is_booked(self):
        assert postings.payment("own_account", 100, in_bank=True) is None
