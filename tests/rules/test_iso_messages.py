"""ISO 20022 messages: what is written is read back the same, and what is not sound is not read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.outside.iso import credits, recalls, xml
from app.outside.iso.credits import Settled, Transfer
from app.outside.iso.recalls import Recall
from app.outside.model import Outcome

AT = datetime(2025, 9, 1, 4, 30, tzinfo=UTC)
DAY = date(2025, 9, 1)
REFERENCE = "01990f3c-6a00-7c3e-8d11-5b1f0c2a9e77"
TRANSFER = Transfer(
    reference=REFERENCE, payer_bank="102100099996", payer_account="0200010000000000001",
    payer_name="上海示例科技有限公司", payee_bank="103100000026",
    payee_account="6228480402564890018", payee_name="苏州示例材料有限公司", amount_fen=300_000,
    business_type="A100", channel="IBPS", purpose="货款", sent_on=DAY,
)  # fmt: skip
RECALL = Recall(
    reference=str(UUID(int=7)), about=REFERENCE, our_bank="102100099996",
    their_bank="103100000026", amount_fen=300_000, settled_on=DAY, why="DUPL", words="付了两次",
    asked_on=DAY,
)  # fmt: skip
WORDS = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufffe\uffff"),
    min_size=2,
    max_size=100,
)


@settings(max_examples=60, deadline=None)
@given(
    st.uuids(),
    st.integers(1, 10**15),
    st.sampled_from(["HVPS", "BEPS", "IBPS"]),
    WORDS,
    WORDS,
    st.dates(date(2018, 1, 22), date(2030, 1, 1)),
)
def test_a_credit_is_read_as_it_was_written(id_, amount_fen, channel, name, purpose, sent_on):
    new = replace(
        TRANSFER, reference=str(id_), amount_fen=amount_fen, channel=channel, payee_name=name,
        purpose=purpose, sent_on=sent_on,
    )  # fmt: skip
    text = credits.write_transfer(new, at=AT)
    assert credits.read_transfer(text) == new
    assert credits.write_transfer(new, at=AT) == text, "a repeat is word for word the same"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["accepted", "done", "refused", "returned", "unknown"]),
    st.integers(1, 10**15),
    WORDS,
)
def test_what_became_of_it_is_read_as_it_was_told(state, amount_fen, reason):
    settled = None
    if state in ("done", "returned"):
        settled = Settled(
            amount_fen=amount_fen, settled_on=DAY, process_status="PR05",
            returned_on=date(2025, 9, 3) if state == "returned" else None,
        )  # fmt: skip
    told = Outcome(
        reference=REFERENCE, state=state, result=settled, reason=reason,
        code={"refused": "BE01", "returned": "RETURN"}.get(state, ""),
    )  # fmt: skip
    text = credits.write_outcome(told, at=AT)
    kind = credits.RETURN if state == "returned" else credits.STATUS
    assert xml.definition_of(text) == kind
    read = credits.read_outcome(text)
    assert (read.reference, read.state, read.code, read.reason) == (
        told.reference, told.state, told.code, told.reason)  # fmt: skip
    if settled is not None:
        assert read.result.amount_fen == amount_fen
        assert read.result.returned_on == settled.returned_on


@pytest.mark.parametrize("why", ["DUPL", "CUST", "UPAY"])
def test_a_recall_and_its_answer_are_read_as_they_were_written(why):
    new = replace(RECALL, why=why)
    assert recalls.read_request(recalls.write_request(new, at=AT)) == new
    for state in ("done", "accepted", "refused"):
        told: Outcome[None] = Outcome(
            reference=new.reference, state=state, code="CUST" if state == "refused" else "",
            reason="收款人不同意退回" if state == "refused" else "",
        )  # fmt: skip
        text = recalls.write_answer(
            told, about=new.about, our_bank=new.our_bank, their_bank=new.their_bank, at=AT
        )
        assert recalls.read_answer(text) == told


SOUND = credits.write_transfer(TRANSFER, at=AT)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("<Document", '<!DOCTYPE x [<!ENTITY e "x">]><Document'),
        ('encoding="UTF-8"', 'encoding="UTF-7"'),
        ("pacs.008.001.02", "pacs.008.001.99"),
        ("pacs.008.001.02", "pacs.002.001.03"),
        ("<NbOfTxs>1<", "<NbOfTxs>2<"),
        ("<NbOfTxs>1</NbOfTxs>", ""),
        ("<NbOfTxs>", "<Surprise/><NbOfTxs>"),
        ('Ccy="CNY"', 'Ccy="USD"'),
        ('Ccy="CNY">3000.00<', 'Ccy="CNY">3000.001<'),
        ('Ccy="CNY">3000.00<', 'Ccy="CNY">-3000.00<'),
        ('Ccy="CNY">3000.00<', 'Ccy="CNY">NaN<'),
        ("<ChrgBr>SLEV<", "<ChrgBr>NONE<"),
        ("<ClrChanl>RTNS<", "<ClrChanl>BOOK<"),
        ("2025-09-01<", "2025-13-01<"),
        ("上海示例科技有限公司", "上" * 141),
        ("</Document>", ""),
    ],
)
def test_what_is_not_sound_is_not_read(was, becomes):
    assert was in SOUND
    with pytest.raises(xml.Unreadable):
        credits.read_transfer(SOUND.replace(was, becomes))


def test_what_breaks_the_definition_is_not_written():
    with pytest.raises(xml.Unreadable, match="Nm"):
        credits.write_transfer(replace(TRANSFER, payee_name="苏" * 141), at=AT)
    with pytest.raises(xml.Unreadable):
        credits.write_transfer(replace(TRANSFER, reference="x" * 36), at=AT)


def test_a_reference_is_the_same_with_and_without_its_dashes():
    assert xml.reference(xml.tx_id(REFERENCE)) == REFERENCE
    assert xml.reference(xml.tx_id("pay-00000001")) == "pay-00000001"
