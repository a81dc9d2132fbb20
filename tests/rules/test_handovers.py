"""What an authority took leaves suspense whole, by two people's word, to the account they named."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.deposits.model import Holder
from accounts.handovers import rules
from accounts.handovers.model import Handover, HandoverChanged, NotADeduction
from accounts.suspense.model import Item
from app.approvals.model import SelfApproval
from app.outside.iso import credits

NOW = datetime(2025, 9, 1, 4, tzinfo=UTC)
FIRM, ITEM_ID, ONE, OTHER, SUSPENSE, HOME, HOUSE = (UUID(int=n) for n in range(1, 8))
ITEM = Item(
    id=ITEM_ID, business_id=FIRM, source="deduction", source_key="k", account_id=UUID(int=9),
    amount_fen=500, reason="(2025)沪0115执1号", state="open", came_at=NOW, to_account_id=None,
    done_at=None, version=1,
)  # fmt: skip
PROPOSED = Handover(
    business_id=FIRM, item_id=ITEM_ID, amount_fen=500, payee_name="上海市示例人民法院",
    payee_bank_code="103100000026", payee_account_tail="0018", memo="(2025)沪0115执1号",
    state="proposed", reason="", proposed_by=ONE, proposed_at=NOW, agreed_by=None, agreed_at=None,
    reference=None, settled_on=None, done_at=None, version=2,
)  # fmt: skip


def test_only_a_deduction_that_waits_is_handed_over():
    rules.may_be_proposed(ITEM, None)
    rules.may_be_proposed(ITEM, replace(PROPOSED, state="refused"))
    with pytest.raises(HandoverChanged):
        rules.may_be_proposed(ITEM, replace(PROPOSED, state="agreed"))
    for item in (replace(ITEM, source="payment_failed"), replace(ITEM, state="handed_over")):
        with pytest.raises(NotADeduction):
            rules.may_be_proposed(item, None)


def test_another_person_agrees_to_what_was_seen():
    rules.may_agree(PROPOSED, version=2, staff_id=OTHER)
    with pytest.raises(SelfApproval):
        rules.may_agree(PROPOSED, version=2, staff_id=ONE)
    with pytest.raises(HandoverChanged):
        rules.may_agree(PROPOSED, version=1, staff_id=OTHER)
    with pytest.raises(HandoverChanged):
        rules.may_agree(replace(PROPOSED, state="agreed"), version=2, staff_id=OTHER)


@given(st.integers(1, 10**15))
def test_each_side_balances_and_the_two_clear(amount_fen: int):
    found = replace(PROPOSED, amount_fen=amount_fen)
    holder = Holder(business_id=uuid4(), account_id=uuid4(), name="x")
    outside = rules.handed_over(
        found, suspense_id=SUSPENSE, home=HOME, house_id=HOUSE, transfer_id=uuid4()
    )
    inside = rules.handed_over_here(found, suspense_id=SUSPENSE, holder=holder, transfer_id=uuid4())
    for entries in (outside, inside):
        assert sum(entry.clearing_fen for entry in entries) == 0
        assert len({entry.transfer_id for entry in entries}) == 1
        for entry in entries:
            assert sum(leg.amount_fen for leg in entry.legs) + entry.clearing_fen == 0
        assert entries[0].legs[0].amount_fen == -amount_fen


def test_the_message_names_the_account_from_which_it_was_taken():
    found = replace(PROPOSED, reference=UUID(int=77))
    payer = Holder(business_id=FIRM, account_id=UUID(int=9), name="上海示例科技", number="0200")
    read = credits.read_transfer(
        rules.message(
            found,
            rail="ibps",
            our_bank="102100099996",
            payer=payer,
            payee_account="6228480402564890018",
            now=NOW,
        )
    )
    assert (read.reference, read.amount_fen) == (str(UUID(int=77)), 500)
    assert (read.payer_account, read.payee_account) == ("0200", "6228480402564890018")
    assert (read.payee_name, read.purpose) == (found.payee_name, found.memo)
