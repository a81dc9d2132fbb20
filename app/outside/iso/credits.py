"""Credit transfers between banks (pacs.008), what became of them (pacs.002, pacs.004)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from app.outside.iso import xml
from app.outside.model import Outcome, State

TRANSFER, STATUS, RETURN = "pacs.008.001.02", "pacs.002.001.03", "pacs.004.001.02"
Channel = Literal["HVPS", "BEPS", "IBPS"]
# Real-time gross, mass payment net, real-time net settlement.
CHANNELS: dict[Channel, str] = {"HVPS": "RTGS", "BEPS": "MPNS", "IBPS": "RTNS"}
STATUSES: dict[State, str] = {
    "accepted": "ACSP", "done": "ACSC", "refused": "RJCT", "unknown": "PDNG",
}  # fmt: skip
STATES: dict[str, State] = {code: state for state, code in STATUSES.items()}
UNKNOWN = "UNKNOWN"
LONGEST_WORDS = 105


class Transfer(Struct, frozen=True, kw_only=True):
    """One credit as a pacs.008 says it."""

    reference: str
    payer_bank: str
    payer_account: str
    payer_name: str
    payee_bank: str
    payee_account: str
    payee_name: str
    amount_fen: int
    business_type: str
    channel: Channel
    purpose: str
    sent_on: date


class Settled(Struct, frozen=True, kw_only=True):
    """What a status or a return says of a credit that was settled."""

    amount_fen: int
    settled_on: date
    process_status: str
    returned_on: date | None = None


def write_transfer(new: Transfer, *, at: datetime) -> str:
    """A pacs.008 with one credit, made at that moment."""
    m = xml.classes(TRANSFER)
    id_ = xml.tx_id(new.reference)
    header = m.GroupHeader33(
        msg_id=id_,
        cre_dt_tm=xml.moment(at),
        nb_of_txs="1",
        intr_bk_sttlm_dt=xml.day(new.sent_on),
        sttlm_inf=settled_by_clearing(m),
        instg_agt=xml.agent(m, new.payer_bank),
        instd_agt=xml.agent(m, new.payee_bank),
    )
    kind = m.PaymentTypeInformation21(
        clr_chanl=m.ClearingChannel2Code(CHANNELS[new.channel]),
        lcl_instrm=m.LocalInstrument2Choice(prtry=new.business_type),
    )
    credit = m.CreditTransferTransactionInformation11(
        pmt_id=m.PaymentIdentification3(end_to_end_id=id_, tx_id=id_),
        pmt_tp_inf=kind,
        intr_bk_sttlm_amt=m.ActiveCurrencyAndAmount(value=xml.yuan(new.amount_fen), ccy="CNY"),
        chrg_br=m.ChargeBearerType1Code.SLEV,
        dbtr=xml.party(m, new.payer_name),
        dbtr_acct=xml.account(m, new.payer_account),
        dbtr_agt=xml.agent(m, new.payer_bank),
        cdtr_agt=xml.agent(m, new.payee_bank),
        cdtr=xml.party(m, new.payee_name),
        cdtr_acct=xml.account(m, new.payee_account),
        rmt_inf=xml.words(m, new.purpose),
    )
    body = m.FitoFicustomerCreditTransferV02(grp_hdr=header, cdt_trf_tx_inf=[credit])
    return xml.write(m.Document(fito_ficstmr_cdt_trf=body))


def settled_by_clearing(m: Any) -> Any:
    """Settled through the national clearing system."""
    return m.SettlementInformation13(
        sttlm_mtd=m.SettlementMethod1Code.CLRG,
        clr_sys=m.ClearingSystemIdentification3Choice(prtry=xml.CNAPS),
    )


def read_transfer(text: str) -> Transfer:
    """The one credit of a pacs.008, or Unreadable."""
    body = xml.read(text, TRANSFER).fito_ficstmr_cdt_trf
    if body.grp_hdr.nb_of_txs != "1" or len(body.cdt_trf_tx_inf) != 1:
        raise xml.Unreadable("one credit a message")
    credit = body.cdt_trf_tx_inf[0]
    kind, on = credit.pmt_tp_inf, body.grp_hdr.intr_bk_sttlm_dt
    channels = {code: channel for channel, code in CHANNELS.items()}
    if kind is None or kind.clr_chanl is None or kind.clr_chanl.value not in channels:
        raise xml.Unreadable("the clearing channel is missing or not served")
    if kind.lcl_instrm is None or not kind.lcl_instrm.prtry or on is None:
        raise xml.Unreadable("business type or settlement date is missing")
    return Transfer(
        reference=xml.reference(credit.pmt_id.tx_id),
        payer_bank=xml.bank_code(credit.dbtr_agt),
        payer_account=xml.account_number(credit.dbtr_acct),
        payer_name=credit.dbtr.nm or "",
        payee_bank=xml.bank_code(credit.cdtr_agt),
        payee_account=xml.account_number(credit.cdtr_acct),
        payee_name=credit.cdtr.nm or "",
        amount_fen=xml.fen(credit.intr_bk_sttlm_amt),
        business_type=kind.lcl_instrm.prtry,
        channel=channels[kind.clr_chanl.value],
        purpose=xml.said(credit.rmt_inf),
        sent_on=xml.as_date(on),
    )


def write_outcome(outcome: Outcome[Settled], *, at: datetime, of: str = TRANSFER) -> str:
    """A pacs.002 about a credit (or a return of one), or a pacs.004 where it came back."""
    if outcome.state == "returned":
        return _write_return(outcome, at=at)
    m = xml.classes(STATUS)
    id_, settled = xml.tx_id(outcome.reference), outcome.result
    code, prtry = outcome.code or None, None
    if outcome.state == "unknown":
        code, prtry = None, UNKNOWN
    elif settled is not None:
        code, prtry = None, settled.process_status
    why = m.StatusReasonInformation8(
        rsn=m.StatusReason6Choice(cd=code, prtry=prtry) if code or prtry else None,
        addtl_inf=[outcome.reason[:LONGEST_WORDS]] if outcome.reason else [],
    )
    transaction = m.PaymentTransactionInformation26(
        orgnl_end_to_end_id=id_,
        orgnl_tx_id=id_,
        tx_sts=m.TransactionIndividualStatus3Code(STATUSES[outcome.state]),
        sts_rsn_inf=[why] if why.rsn or why.addtl_inf else [],
        orgnl_tx_ref=_original(m, settled),
    )
    body = m.FitoFipaymentStatusReportV03(
        grp_hdr=m.GroupHeader37(msg_id=_message_id(outcome), cre_dt_tm=xml.moment(at)),
        orgnl_grp_inf_and_sts=m.OriginalGroupInformation20(orgnl_msg_id=id_, orgnl_msg_nm_id=of),
        tx_inf_and_sts=[transaction],
    )
    return xml.write(m.Document(fito_fipmt_sts_rpt=body))


def _original(m: Any, settled: Settled | None) -> Any:
    """Amount and date at which a credit was settled."""
    if settled is None:
        return None
    amount = m.ActiveOrHistoricCurrencyAndAmount(value=xml.yuan(settled.amount_fen), ccy="CNY")
    return m.OriginalTransactionReference13(
        intr_bk_sttlm_amt=amount, intr_bk_sttlm_dt=xml.day(settled.settled_on)
    )


def _message_id(outcome: Outcome[Settled]) -> str:
    """The answer's own id: the same words have the same id."""
    said = f"{outcome.reference}:{outcome.state}:{outcome.code}:{outcome.reason}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _write_return(outcome: Outcome[Settled], *, at: datetime) -> str:
    m = xml.classes(RETURN)
    settled, id_ = outcome.result, xml.tx_id(outcome.reference)
    assert settled is not None and settled.returned_on is not None
    amount = {"value": xml.yuan(settled.amount_fen), "ccy": "CNY"}
    why = m.ReturnReasonInformation9(
        rsn=m.ReturnReason5Choice(prtry=outcome.code or "RETURN"),
        addtl_inf=[outcome.reason[:LONGEST_WORDS]] if outcome.reason else [],
    )
    header = m.GroupHeader38(
        msg_id=_message_id(outcome),
        cre_dt_tm=xml.moment(at),
        nb_of_txs="1",
        intr_bk_sttlm_dt=xml.day(settled.returned_on),
        sttlm_inf=settled_by_clearing(m),
    )
    back = m.PaymentTransactionInformation27(
        rtr_id=_message_id(outcome),
        orgnl_grp_inf=m.OriginalGroupInformation3(orgnl_msg_id=id_, orgnl_msg_nm_id=TRANSFER),
        orgnl_end_to_end_id=id_,
        orgnl_tx_id=id_,
        rtrd_intr_bk_sttlm_amt=m.ActiveCurrencyAndAmount(**amount),
        rtr_rsn_inf=[why],
        orgnl_tx_ref=_original(m, settled),
    )
    return xml.write(m.Document(pmt_rtr=m.PaymentReturnV02(grp_hdr=header, tx_inf=[back])))


def read_outcome(text: str) -> Outcome[Settled]:
    """What became of a credit, from a pacs.002 or a pacs.004, or Unreadable."""
    document = xml.read(text, STATUS, RETURN)
    if hasattr(document, "pmt_rtr"):
        return _read_return(document.pmt_rtr)
    found = document.fito_fipmt_sts_rpt.tx_inf_and_sts
    if len(found) != 1 or found[0].tx_sts is None or found[0].tx_sts.value not in STATES:
        raise xml.Unreadable("the status of one credit")
    one = found[0]
    code, prtry, reason = _why(one.sts_rsn_inf)
    return Outcome(
        reference=_about(one.orgnl_tx_id),
        state=STATES[one.tx_sts.value],
        result=_settled(one.orgnl_tx_ref, process_status=prtry),
        code=code,
        reason=reason,
    )


def _read_return(body: Any) -> Outcome[Settled]:
    on = body.grp_hdr.intr_bk_sttlm_dt
    if len(body.tx_inf) != 1 or on is None:
        raise xml.Unreadable("the return of one credit, with its date")
    one = body.tx_inf[0]
    code, prtry, reason = _why(one.rtr_rsn_inf)
    settled = _settled(one.orgnl_tx_ref, process_status="PR22", returned_on=xml.as_date(on))
    if settled is None or settled.amount_fen != xml.fen(one.rtrd_intr_bk_sttlm_amt):
        raise xml.Unreadable("a return is of the whole amount")
    return Outcome(
        reference=_about(one.orgnl_tx_id),
        state="returned",
        result=settled,
        code=code or prtry,
        reason=reason,
    )


def _about(text: str | None) -> str:
    if not text:
        raise xml.Unreadable("which credit it is about is missing")
    return xml.reference(text)


def _why(reasons: list[Any]) -> tuple[str, str, str]:
    """Code of the standard, code of the payment system, words."""
    if not reasons:
        return "", "", ""
    rsn = reasons[0].rsn
    return (rsn and rsn.cd) or "", (rsn and rsn.prtry) or "", "".join(reasons[0].addtl_inf)


def _settled(
    original: Any, *, process_status: str, returned_on: date | None = None
) -> Settled | None:
    if original is None or original.intr_bk_sttlm_amt is None or original.intr_bk_sttlm_dt is None:
        return None
    return Settled(
        amount_fen=xml.fen(original.intr_bk_sttlm_amt),
        settled_on=xml.as_date(original.intr_bk_sttlm_dt),
        process_status=process_status,
        returned_on=returned_on,
    )
