"""A credit that came in and goes back to its sender (pacs.004 outwards)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from app.outside.iso import xml
from app.outside.iso.credits import LONGEST_WORDS, RETURN, TRANSFER, settled_by_clearing

# Return reasons of the standard: unknown, closed or blocked account, another name, in words.
Why = Literal["AC01", "AC04", "AC06", "BE01", "NARR"]


class Return(Struct, frozen=True, kw_only=True):
    """One credit goes back; `about` is the reference under which it came in."""

    reference: str
    about: str
    our_bank: str
    amount_fen: int
    came_on: date
    why: str
    words: str
    returned_on: date


def write_return(new: Return, *, at: datetime) -> str:
    """A pacs.004 of the whole amount of one credit."""
    m = xml.classes(RETURN)
    about = xml.tx_id(new.about)
    header = m.GroupHeader38(
        msg_id=xml.tx_id(new.reference),
        cre_dt_tm=xml.moment(at),
        nb_of_txs="1",
        intr_bk_sttlm_dt=xml.day(new.returned_on),
        sttlm_inf=settled_by_clearing(m),
        instg_agt=xml.agent(m, new.our_bank),
    )
    original = m.OriginalTransactionReference13(
        intr_bk_sttlm_amt=m.ActiveOrHistoricCurrencyAndAmount(
            value=xml.yuan(new.amount_fen), ccy="CNY"
        ),
        intr_bk_sttlm_dt=xml.day(new.came_on),
    )
    one = m.PaymentTransactionInformation27(
        rtr_id=xml.tx_id(new.reference),
        orgnl_grp_inf=m.OriginalGroupInformation3(orgnl_msg_id=about, orgnl_msg_nm_id=TRANSFER),
        orgnl_tx_id=about,
        rtrd_intr_bk_sttlm_amt=m.ActiveCurrencyAndAmount(value=xml.yuan(new.amount_fen), ccy="CNY"),
        rtr_rsn_inf=[
            m.ReturnReasonInformation9(
                rsn=m.ReturnReason5Choice(cd=new.why),
                addtl_inf=[new.words[:LONGEST_WORDS]] if new.words else [],
            )
        ],
        orgnl_tx_ref=original,
    )
    return xml.write(m.Document(pmt_rtr=m.PaymentReturnV02(grp_hdr=header, tx_inf=[one])))


def read_return(text: str) -> Return:
    """The one return of a pacs.004 that a bank sends, or Unreadable."""
    body = xml.read(text, RETURN).pmt_rtr
    if body.grp_hdr.nb_of_txs != "1" or len(body.tx_inf) != 1:
        raise xml.Unreadable("one return a message")
    one, on = body.tx_inf[0], body.grp_hdr.intr_bk_sttlm_dt
    original = one.orgnl_tx_ref
    if not one.rtr_id or not one.orgnl_tx_id or on is None:
        raise xml.Unreadable("what is returned, or its date, is missing")
    if original is None or original.intr_bk_sttlm_amt is None or original.intr_bk_sttlm_dt is None:
        raise xml.Unreadable("amount and date of the credit are missing")
    amount_fen = xml.fen(one.rtrd_intr_bk_sttlm_amt)
    if amount_fen != xml.fen(original.intr_bk_sttlm_amt):
        raise xml.Unreadable("a return is of the whole amount")
    reasons = one.rtr_rsn_inf
    if not reasons or reasons[0].rsn is None or not reasons[0].rsn.cd:
        raise xml.Unreadable("the reason is missing")
    return Return(
        reference=xml.reference(one.rtr_id),
        about=xml.reference(one.orgnl_tx_id),
        our_bank=xml.bank_code(body.grp_hdr.instg_agt),
        amount_fen=amount_fen,
        came_on=xml.as_date(original.intr_bk_sttlm_dt),
        why=reasons[0].rsn.cd,
        words="".join(reasons[0].addtl_inf),
        returned_on=xml.as_date(on),
    )
