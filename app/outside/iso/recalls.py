"""A request to give a settled credit back (camt.056) and the other bank's answer (camt.029)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from app.clock import business_date
from app.outside.iso import xml
from app.outside.iso.credits import TRANSFER
from app.outside.model import Outcome, State

REQUEST, ANSWER = "camt.056.001.01", "camt.029.001.03"
Why = Literal["DUPL", "CUST", "UPAY"]
# Cancelled as asked; pending; rejected.
CONFIRMATIONS: dict[State, str] = {"done": "CNCL", "accepted": "PDCR", "refused": "RJCR"}


class Recall(Struct, frozen=True, kw_only=True):
    """A settled credit is asked back."""

    reference: str
    about: str
    our_bank: str
    their_bank: str
    amount_fen: int
    settled_on: date
    why: Why
    words: str
    asked_on: date


def write_request(new: Recall, *, at: datetime) -> str:
    """A camt.056 about one credit."""
    m = xml.classes(REQUEST)
    assignment = m.CaseAssignment2(
        id=xml.tx_id(new.reference),
        assgnr=m.Party7Choice(agt=xml.agent(m, new.our_bank)),
        assgne=m.Party7Choice(agt=xml.agent(m, new.their_bank)),
        cre_dt_tm=xml.moment(at),
    )
    id_ = xml.tx_id(new.about)
    original = m.OriginalGroupInformation3(orgnl_msg_id=id_, orgnl_msg_nm_id=TRANSFER)
    amount = m.ActiveOrHistoricCurrencyAndAmount(value=xml.yuan(new.amount_fen), ccy="CNY")
    why = m.CancellationReasonInformation3(
        rsn=m.CancellationReason2Choice(cd=m.CancellationReason4Code(new.why)),
        addtl_inf=[new.words[:105]] if new.words else [],
    )
    one = m.PaymentTransactionInformation31(
        cxl_id=xml.tx_id(new.reference),
        orgnl_grp_inf=original,
        orgnl_tx_id=id_,
        orgnl_intr_bk_sttlm_amt=amount,
        orgnl_intr_bk_sttlm_dt=xml.day(new.settled_on),
        cxl_rsn_inf=[why],
    )
    body = m.FitoFipaymentCancellationRequestV01(
        assgnmt=assignment, undrlyg=[m.UnderlyingTransaction2(tx_inf=[one])]
    )
    return xml.write(m.Document(fito_fipmt_cxl_req=body))


def read_request(text: str) -> Recall:
    """The recall in a camt.056, or Unreadable."""
    body = xml.read(text, REQUEST).fito_fipmt_cxl_req
    found = [one for below in body.undrlyg for one in below.tx_inf]
    if len(found) != 1 or not found[0].orgnl_tx_id or not found[0].cxl_rsn_inf:
        raise xml.Unreadable("the recall of one credit, with its reason")
    one, why = found[0], found[0].cxl_rsn_inf[0]
    if one.orgnl_intr_bk_sttlm_amt is None or one.orgnl_intr_bk_sttlm_dt is None:
        raise xml.Unreadable("amount and date of the credit are missing")
    if why.rsn is None or why.rsn.cd is None:
        raise xml.Unreadable("the reason is missing")
    return Recall(
        reference=xml.reference(body.assgnmt.id),
        about=xml.reference(one.orgnl_tx_id),
        our_bank=xml.bank_code(body.assgnmt.assgnr.agt),
        their_bank=xml.bank_code(body.assgnmt.assgne.agt),
        amount_fen=xml.fen(one.orgnl_intr_bk_sttlm_amt),
        settled_on=xml.as_date(one.orgnl_intr_bk_sttlm_dt),
        why=why.rsn.cd.value,
        words="".join(why.addtl_inf),
        asked_on=business_date(body.assgnmt.cre_dt_tm.to_datetime()),
    )


def write_answer(
    outcome: Outcome[Any], *, about: str, our_bank: str, their_bank: str, at: datetime
) -> str:
    """A camt.029 that says what became of a recall: cancelled, pending or rejected."""
    m = xml.classes(ANSWER)
    said = f"{outcome.reference}:{outcome.state}:{outcome.reason}"
    assignment = m.CaseAssignment2(
        id=hashlib.sha256(said.encode()).hexdigest()[:32],
        assgnr=m.Party7Choice(agt=xml.agent(m, their_bank)),
        assgne=m.Party7Choice(agt=xml.agent(m, our_bank)),
        cre_dt_tm=xml.moment(at),
    )
    confirmation = CONFIRMATIONS[outcome.state]
    reasons = []
    if outcome.state == "refused":
        reasons = [
            m.CancellationStatusReasonInformation1(
                rsn=m.CancellationStatusReason1Choice(prtry=outcome.code or "CUST"),
                addtl_inf=[outcome.reason[:105]] if outcome.reason else [],
            )
        ]
    one = m.PaymentTransactionInformation33(
        cxl_sts_id=xml.tx_id(outcome.reference),
        orgnl_tx_id=xml.tx_id(about),
        cxl_sts_rsn_inf=reasons,
    )
    body = m.ResolutionOfInvestigationV03(
        assgnmt=assignment,
        sts=m.InvestigationStatus2Choice(
            conf=m.InvestigationExecutionConfirmation3Code(confirmation)
        ),
        cxl_dtls=[m.UnderlyingTransaction3(tx_inf_and_sts=[one])],
    )
    return xml.write(m.Document(rsltn_of_invstgtn=body))


def read_answer(text: str) -> Outcome[None]:
    """What became of a recall: done, refused with the reason, or still accepted; Unreadable."""
    body = xml.read(text, ANSWER).rsltn_of_invstgtn
    found = [one for below in body.cxl_dtls for one in below.tx_inf_and_sts]
    states = {code: state for state, code in CONFIRMATIONS.items()}
    confirmed = body.sts.conf.value if body.sts.conf is not None else ""
    if len(found) != 1 or not found[0].cxl_sts_id or confirmed not in states:
        raise xml.Unreadable("the answer to one recall")
    one = found[0]
    rsn = one.cxl_sts_rsn_inf[0].rsn if one.cxl_sts_rsn_inf else None
    words = "".join(one.cxl_sts_rsn_inf[0].addtl_inf) if one.cxl_sts_rsn_inf else ""
    return Outcome(
        reference=xml.reference(one.cxl_sts_id),
        state=states[confirmed],
        code=(rsn and rsn.prtry) or "",
        reason=words,
    )
