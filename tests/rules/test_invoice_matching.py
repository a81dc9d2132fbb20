"""Which invoice a payment is for, explained and never guessed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.receivables import rules
from invoicing.receivables.model import AllocationTooLarge, Receipt, Receivable

FIRST = "25317000000000000101"
SECOND = "25317000000000000202"


def owed(number: str, open_fen: int, *, buyer: str = "杭州示例贸易有限公司") -> Receivable:
    return Receivable(
        id=UUID(int=int(number[-6:])),
        invoice_id=UUID(int=10**9 + int(number[-6:])),
        invoice_number=number,
        buyer_name=buyer,
        amount_fen=open_fen,
        paid_fen=0,
        credited_fen=0,
        open_fen=open_fen,
        refund_due_fen=0,
        issued_on=date(2025, 9, 1),
        settled_at=None,
    )


def paid(amount_fen: int, *, payer: str = "杭州示例贸易有限公司", remark: str = "") -> Receipt:
    return Receipt(receipt_id=UUID(int=5), amount_fen=amount_fen, payer_name=payer, remark=remark)


class TestMatch:
    def test_the_number_in_the_remark_comes_first(self):
        found = rules.match(
            paid(500, payer="某人", remark=f"付发票{SECOND}货款"),
            [owed(FIRST, 500), owed(SECOND, 500)],
        )
        assert found.outcome == "number_in_remark"
        assert [(s.receivable_id, s.amount_fen) for s in found.shares] == [(UUID(int=202), 500)]

    def test_the_last_eight_digits_will_do(self):
        found = rules.match(
            paid(500, remark="发票号 00000101"), [owed(FIRST, 500), owed(SECOND, 500)]
        )
        assert [s.receivable_id for s in found.shares] == [UUID(int=101)]

    def test_one_payment_for_two_invoices_in_the_order_named(self):
        found = rules.match(
            paid(800, remark=f"{SECOND} {FIRST}"), [owed(FIRST, 500), owed(SECOND, 500)]
        )
        assert [(s.receivable_id.int, s.amount_fen) for s in found.shares] == [
            (202, 500),
            (101, 300),
        ]

    def test_exact_amount_and_payer(self):
        found = rules.match(
            paid(500, payer="上海（示例）有限公司"),
            [owed(FIRST, 500, buyer="上海(示例)有限公司"), owed(SECOND, 500)],
        )
        assert found.outcome == "amount_and_payer"
        assert [s.receivable_id.int for s in found.shares] == [101]

    def test_two_of_equal_right_are_left_for_the_owner(self):
        found = rules.match(paid(500), [owed(FIRST, 500), owed(SECOND, 500)])
        assert (found.outcome, found.shares) == ("ambiguous", [])
        assert [one.int for one in found.suggestions] == [101, 202]

    def test_the_amount_alone_is_only_a_suggestion(self):
        found = rules.match(paid(500, payer="另一公司"), [owed(FIRST, 500)])
        assert (found.outcome, found.shares) == ("ambiguous", [])
        assert [one.int for one in found.suggestions] == [101]

    def test_nothing_known_of_it(self):
        found = rules.match(paid(500, payer="另一公司"), [owed(FIRST, 700)])
        assert (found.outcome, found.shares, found.suggestions) == ("none", [], [])

    @given(
        st.lists(st.integers(1, 1000), max_size=6),
        st.integers(1, 2000),
        st.lists(st.integers(0, 7), max_size=5),
    )
    def test_never_more_than_was_paid_or_is_owed(self, opens, amount, named):
        numbers = [f"25317000000000{no:06d}" for no in range(1, 9)]
        receivables = [owed(n, fen) for n, fen in zip(numbers, opens, strict=False)]
        remark = " ".join(numbers[i] for i in named)
        found = rules.match(paid(amount, remark=remark), receivables)
        assert sum(s.amount_fen for s in found.shares) <= amount
        assert len({s.receivable_id for s in found.shares}) == len(found.shares)
        by_id = {r.id: r for r in receivables}
        assert all(0 < s.amount_fen <= by_id[s.receivable_id].open_fen for s in found.shares)


class TestByOwner:
    def test_as_much_as_fits(self):
        assert rules.by_owner(owed(FIRST, 500), left_fen=300, amount_fen=None).amount_fen == 300

    @pytest.mark.parametrize(("left", "amount"), [(300, 301), (900, 501), (0, None)])
    def test_not_more_than_is_owed_or_left(self, left, amount):
        with pytest.raises(AllocationTooLarge):
            rules.by_owner(owed(FIRST, 500), left_fen=left, amount_fen=amount)
